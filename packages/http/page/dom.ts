/** Elements are built from text nodes and attributes only: nothing a user wrote is ever parsed as markup. */
export type Child = Node | string | number | null | false | undefined | readonly Child[]
type Listener = (event: Event) => void
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | Listener>>

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice('on'.length), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  add(element, children)
}

function add(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    if (Array.isArray(child)) add(element, child)
    else element.append(child instanceof Node ? child : String(child))
  }
}

/** An HTML element; attributes that begin with `on` and hold a function are listeners. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  fill(element, attributes, children)
  return element
}

/** The same for SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  fill(element, attributes, children)
  return element
}

/** Touches the page only when the text differs, so that a refresh leaves selections and readers alone. */
export function setText(element: Element, text: string | number): void {
  if (element.textContent !== String(text)) element.textContent = String(text)
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return
  if (value === null) element.removeAttribute(name)
  else element.setAttribute(name, value)
}

export function replace(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren()
  add(element, children)
}

/** One item on the page, which can take newer values in place. */
export interface View<Item> {
  readonly node: Element
  update(item: Item): void
}

/** Keeps a list on the page in step with items: views are kept by key, so focus and half-typed input survive. */
export function keyedList<Item>(
  parent: Element,
  keyOf: (item: Item) => string | number,
  create: (item: Item) => View<Item>,
): (items: readonly Item[]) => void {
  let views = new Map<string | number, View<Item>>()
  return (items) => {
    const next = new Map<string | number, View<Item>>()
    for (const item of items) {
      const key = keyOf(item)
      const view = views.get(key) ?? create(item)
      view.update(item)
      next.set(key, view)
    }
    for (const [key, view] of views) if (!next.has(key)) view.node.remove()
    let at = parent.firstElementChild
    for (const { node } of next.values()) {
      if (node === at) at = at.nextElementSibling
      else parent.insertBefore(node, at)
    }
    views = next
  }
}

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}
