import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

it('the summary counts what failed to load, and gives the reason of what was skipped', () => {
  const vitest = at('../../node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--config', at('reporter/vitest.config.ts')]
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stdout.trimEnd().split('\n')).toEqual([
    '  skipped: mixed > needs something: no server on this machine',
    '1 passed, 2 failed, 1 skipped',
  ])
})
