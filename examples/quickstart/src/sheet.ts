import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Seen } from './record.js'
import { type DemoSummary, MODEL_HEADS } from './summary.js'
import { seconds } from './table.js'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Prompts are other people's text: never markup. */
export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string)

const STYLE = `
:root { color-scheme: light dark; --line: #8883; --soft: #8881; --bad: #c33; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 0 auto; padding: 24px 16px; }
h1 { margin: 0; font-size: 28px; } p { margin: 4px 0 20px; opacity: .75; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; margin: 0 0 24px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 14px; }
figure { margin: 0; border-radius: 10px; overflow: hidden; background: var(--soft); border: 1px solid var(--line); }
img, .none { display: block; width: 100%; aspect-ratio: 1; } .none { display: grid; place-items: center; opacity: .6; }
figcaption { padding: 8px 10px 10px; font-size: 13px; line-height: 1.35; overflow-wrap: anywhere; }
small { display: block; opacity: .65; margin-top: 3px; } .failed { color: var(--bad); }
@media (max-width: 420px) { .grid { grid-template-columns: repeat(2, 1fr); gap: 8px; } }
`

const cells = (tag: 'td' | 'th', values: readonly (string | number)[]) =>
  values.map((value) => `<${tag}>${escapeHtml(String(value))}</${tag}>`).join('')
const table = (heads: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  `<div class="scroll"><table><thead><tr>${cells('th', heads)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table></div>`

function figure(seen: Seen): string {
  const { queueId, userId, modelId, prompt, status, startedAt, endedAt, queuedAt, picture, errorMessage } =
    seen
  const done = status === 'completed' && picture !== null
  const image = done
    ? `<img src="${escapeHtml(picture)}" alt="${escapeHtml(prompt)}" loading="lazy">`
    : `<div class="none ${status}">${status}</div>`
  const wait = startedAt === null ? '' : `waited ${seconds(startedAt - queuedAt)}`
  const run = startedAt === null || endedAt === null ? '' : `, took ${seconds(endedAt - startedAt)}`
  const why = errorMessage === null || done ? '' : `<small class="failed">${escapeHtml(errorMessage)}</small>`
  return `<figure>${image}<figcaption>${escapeHtml(prompt)}${why}<small>#${queueId} ${escapeHtml(userId)}, ${escapeHtml(modelId)}<br>${wait}${run}</small></figcaption></figure>`
}

/** One page beside its pictures: no script, nothing from elsewhere. Answers its path. */
export function writeSheet(out: string, all: readonly Seen[], summary: DemoSummary): string {
  const accounts = summary.accounts.map((a) => [a.userId, a.granted, a.captured, a.balance, a.reserved])
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<title>genqueue demo</title><style>${STYLE}</style></head><body>
<h1>genqueue demo</h1>
<p>Pictures drawn by rules from the words of the prompts, not by an AI model.</p>
${table(MODEL_HEADS, summary.models)}
${table(['user', 'granted', 'captured', 'balance', 'reserved'], accounts)}
<div class="grid">${all.map(figure).join('\n')}</div>
</body></html>
`
  const path = join(out, 'index.html')
  writeFileSync(path, page)
  return path
}
