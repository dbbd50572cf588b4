import { expect, it, vi } from 'vitest'
import { processWide } from '../src/index.js'

it('processWide makes one of a name, whichever copy of the module asks', async () => {
  const made: string[] = []
  const ask = (wide: typeof processWide, name: string) =>
    wide(name, () => {
      made.push(name)
      return { name }
    })
  const first = ask(processWide, 'a')
  vi.resetModules()
  const reloaded = (await import('../src/index.js')).processWide
  expect(reloaded).not.toBe(processWide)
  expect(ask(reloaded, 'a')).toBe(first)
  expect(ask(reloaded, 'b')).not.toBe(first)
  expect(made).toEqual(['a', 'b'])
})
