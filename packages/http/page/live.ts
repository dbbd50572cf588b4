import { messageOf } from './api.js'
import { byId, h, setAttribute, setText } from './dom.js'
import { shortTime } from './format.js'

const EVERY_MS = 5_000

/** Looks again every five seconds while somebody can see it; one look at a time. */
export function startLive(look: () => Promise<void>): { now(): void } {
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' })
  const label = h('span', { class: 'updated' }, 'Loading…')
  const pause = h('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause')
  byId('live').append(dot, label, pause)
  let timer: ReturnType<typeof setTimeout> | undefined
  let paused = false
  let looking = false
  let again = false

  const stopped = () => paused || document.hidden
  const run = async () => {
    clearTimeout(timer)
    if (looking) {
      again = true
      return
    }
    looking = true
    try {
      await look()
      setText(label, `Updated ${shortTime(new Date().toISOString())}`)
      setAttribute(dot, 'data-state', paused ? 'paused' : 'live')
    } catch (error) {
      setText(label, `Not updated: ${messageOf(error)}`)
      setAttribute(dot, 'data-state', 'bad')
    }
    looking = false
    if (again) {
      again = false
      void run()
    } else if (!stopped()) timer = setTimeout(() => void run(), EVERY_MS)
  }

  pause.addEventListener('click', () => {
    paused = !paused
    setText(pause, paused ? 'Resume' : 'Pause')
    setAttribute(pause, 'aria-pressed', String(paused))
    setAttribute(dot, 'data-state', paused ? 'paused' : 'live')
    if (paused) clearTimeout(timer)
    else void run()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer)
    else if (!paused) void run()
  })
  void run()
  return { now: () => void run() }
}
