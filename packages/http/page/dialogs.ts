import { messageOf } from './api.js'
import { byId, type Child, h, replace } from './dom.js'

const TOAST_MS = 6_000
const TOASTS_MAX = 4

/** Says what happened, in a live region that screen readers announce. */
export function say(message: string, tone: 'good' | 'bad' = 'good'): void {
  const toast = h('p', { class: `toast ${tone}` }, message)
  const region = byId('toasts')
  region.append(toast)
  while (region.childElementCount > TOASTS_MAX) region.firstElementChild?.remove()
  setTimeout(() => toast.remove(), TOAST_MS)
}

interface Question {
  readonly title: string
  readonly text: readonly Child[]
  /** What the button that goes ahead says. */
  readonly action: string
  readonly danger?: boolean
  /** Runs behind the open dialog; what it answers is said, what it throws is shown and the dialog stays. */
  readonly run: (note: (text: string) => void) => Promise<string>
}

/** Asks before something is done, shows that it is under way, and says how it went. Resolves true when it was done. */
export function ask({ title, text, action, danger = false, run }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const note = h('p', { class: 'note', role: 'status' })
    const go = h('button', { type: 'button', class: danger ? 'danger' : 'primary' }, action)
    const stop = h('button', { type: 'button', autofocus: true }, 'Keep as it is')
    const dialog = h(
      'dialog',
      { class: 'ask', 'aria-labelledby': 'ask-title' },
      h('h2', { id: 'ask-title' }, title),
      ...text.map((line) => h('p', {}, line)),
      note,
      h('div', { class: 'buttons' }, stop, go),
    )
    let busy = false
    let done = false
    const perform = async () => {
      busy = true
      go.disabled = true
      stop.disabled = true
      try {
        say(await run((line) => replace(note, line)))
        done = true
        dialog.close()
      } catch (error) {
        replace(note, messageOf(error))
        note.className = 'note bad'
        stop.disabled = false
        stop.textContent = 'Close'
        stop.focus()
      }
      busy = false
    }
    go.addEventListener('click', () => void perform())
    stop.addEventListener('click', () => dialog.close())
    // Escape must not hide what is still under way.
    dialog.addEventListener('cancel', (event) => busy && event.preventDefault())
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(done)
    })
    document.body.append(dialog)
    dialog.showModal()
  })
}
