import { get, messageOf, post } from './api.js'
import { ask } from './dialogs.js'
import { byId, h, replace } from './dom.js'
import { count, plural, shortTime } from './format.js'
import type { Health, Repair } from './types.js'

type Finding = Repair['findings'][number]

/** Shown at most; a storage in trouble may find a thousand. */
const FINDINGS_SHOWN = 50

const findingList = (findings: readonly Finding[]) =>
  h(
    'ul',
    { class: 'findings' },
    findings
      .slice(0, FINDINGS_SHOWN)
      .map(({ trouble, law, message }) =>
        h(
          'li',
          {},
          h('strong', {}, trouble.replaceAll('_', ' ')),
          h('small', {}, ` law ${law}`),
          h('p', {}, message),
        ),
      ),
    findings.length > FINDINGS_SHOWN && h('li', {}, `and ${count(findings.length - FINDINGS_SHOWN)} more`),
  )

async function repairDialog(): Promise<boolean> {
  const plan = await post<Repair>('/health', { dryRun: true })
  return ask({
    title:
      plan.findings.length === 0
        ? 'Nothing is left to repair'
        : `Repair ${plural(plan.findings.length, 'finding')}?`,
    text: [
      'Lapsed slots are taken back and counts are computed anew from the generations themselves. No generation and no ticket is lost.',
      findingList(plan.findings),
    ],
    action: 'Repair now',
    async run() {
      const { findings, remaining } = await post<Repair>('/health', { dryRun: false })
      const mended = `${plural(findings.length, 'finding')} repaired`
      return remaining.length === 0
        ? `${mended}, nothing remains`
        : `${mended}, ${count(remaining.length)} remain`
    },
  })
}

/** Checks the laws on demand: it reads everything once, so it does not run with every refresh. */
export function createHealth(changed: () => void): void {
  const check = h('button', { type: 'button', class: 'primary' }, 'Check now')
  const repair = h('button', { type: 'button', hidden: true }, 'Repair…')
  const content = h(
    'div',
    { class: 'content', 'aria-live': 'polite' },
    h('p', { class: 'empty' }, 'Not checked since this page was opened.'),
  )
  byId('health').append(
    h('div', { class: 'heading' }, h('h2', { id: 'health-title' }, 'Health')),
    h(
      'div',
      { class: 'panel padded' },
      h(
        'p',
        { class: 'muted' },
        'Compares slots, queues and tickets with the generations themselves: nine laws, every model, every user.',
      ),
      content,
      h('div', { class: 'buttons' }, check, repair),
    ),
  )
  const look = async () => {
    check.disabled = true
    try {
      const { ok, at, models, users, findings } = await get<Health>('/health')
      const scope = `${plural(models, 'model')} and ${plural(users, 'user')}, ${shortTime(at)}`
      replace(
        content,
        h(
          'p',
          { class: ok ? 'verdict good' : 'verdict bad' },
          ok ? 'All laws hold' : plural(findings.length, 'finding'),
          h('small', {}, scope),
        ),
        !ok && findingList(findings),
      )
      repair.hidden = ok
    } catch (error) {
      replace(content, h('p', { class: 'problem' }, messageOf(error)))
    }
    check.disabled = false
  }
  check.addEventListener('click', () => void look())
  repair.addEventListener('click', async () => {
    try {
      if (!(await repairDialog())) return
      changed()
      await look()
    } catch (error) {
      replace(content, h('p', { class: 'problem' }, messageOf(error)))
    }
  })
}
