import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const guide = read('../../../packages/next/test/guide/snippets.md')
const route = read('../app/api/generate/route.ts')

/** Without what a formatter decides. */
const linesOf = (code: string) =>
  code
    .split('\n')
    .map((line) => line.trim().replace(/[;,](?= *(\/\/|$))/, ''))
    .filter((line) => line !== '' && !line.startsWith('import '))

/** The other way of the guide, slots taken by hand, and what it leaves to the app. */
const NOT_OURS = [
  /^\/\/ (In your|OR for|Manual|\(your)/,
  /prisma\./,
  /^(where|data): \{/,
  /^if \(queueId\) \{$/,
  /^\} else \{$/,
]

it('the route of the studio has the lines of the guide, in their order', () => {
  const [step1 = '', step2 = '', step3 = ''] = [...guide.matchAll(/```typescript\n([\s\S]*?)```/g)].map(
    ([, code]) => code,
  )
  const ours = linesOf(route).map((line) =>
    line.replace(/^async function POST/, 'export async function POST'),
  )
  for (const [name, code] of Object.entries({ step1, step2, step3 })) {
    const wanted = linesOf(code).filter((line) => !NOT_OURS.some((pattern) => pattern.test(line)))
    expect([name, wanted.length > 1]).toEqual([name, true])
    let at = 0
    for (const line of wanted) {
      // A closing brace more or less is where the ways part.
      if (/^[})\]]+$/.test(line)) continue
      const found = ours.indexOf(line, at)
      expect([name, line, found >= at]).toEqual([name, line, true])
      at = found + 1
    }
  }
})
