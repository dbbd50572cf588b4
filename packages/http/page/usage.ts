import { h, setAttribute, setText, type View } from './dom.js'
import { count } from './format.js'
import type { Model } from './types.js'

/** Up to this many slots are drawn one by one; more of them become one bar. */
const BLOCKS_MAX = 12

/** Slots taken of those there are, as blocks or a bar, and in words. */
export function createUsage(modelId: string): View<Model> {
  const bar = h('span', { class: 'slots', 'aria-hidden': 'true' })
  const words = h('span', { class: 'of' })
  const mark = h('span', { class: 'mark' })
  const node = h('div', { class: 'usage', title: `Slots of ${modelId}` }, bar, words, mark)
  return {
    node,
    update({ active, maxConcurrent, atCapacity, paused }) {
      // After a limit was lowered more may run than it says: they are drawn too, until they end.
      const drawn = Math.max(active, maxConcurrent)
      const blocks = drawn <= BLOCKS_MAX
      const wanted = blocks ? drawn : 1
      while (bar.childElementCount < wanted) bar.append(h('i'))
      while (bar.childElementCount > wanted) bar.lastElementChild?.remove()
      for (const [index, block] of [...bar.children].entries()) {
        setAttribute(
          block,
          'data-taken',
          blocks ? (index < active ? (index < maxConcurrent ? 'yes' : 'over') : null) : 'part',
        )
        if (!blocks)
          (block as HTMLElement).style.setProperty('--share', String(Math.min(1, active / maxConcurrent)))
      }
      setText(words, `${count(active)} / ${count(maxConcurrent)}`)
      const state = paused
        ? 'Paused'
        : atCapacity
          ? active > maxConcurrent
            ? 'Over the new limit'
            : 'At capacity'
          : ''
      setText(mark, state)
      setAttribute(node, 'data-state', paused ? 'paused' : atCapacity ? 'full' : null)
    },
  }
}
