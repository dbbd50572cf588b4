import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const docs = read('../../../docs/http.md')
const blocks = [...docs.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)
const examples = readdirSync(new URL('./examples/', import.meta.url))

/** Stands for what is the reader's own. */
const NOT_SHOWN = ['session.ts']

describe('docs/http.md', () => {
  it.each(examples.filter((name) => !NOT_SHOWN.includes(name)))(
    'shows examples/%s as the tests run it',
    (name) => {
      expect(blocks).toContain(read(`./examples/${name}`))
    },
  )

  it('shows no other code', () => {
    const known = examples.map((name) => read(`./examples/${name}`))
    expect(blocks.filter((code) => code !== undefined && !known.includes(code))).toEqual([])
  })
})
