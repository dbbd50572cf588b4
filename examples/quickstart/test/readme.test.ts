import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const here = fileURLToPath(new URL('../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const section = readme.slice(readme.indexOf('## Quick start'), readme.indexOf('## How it flows'))

describe('the README', () => {
  it('names the two commands before anything else that runs', () => {
    const firstBlock = readme.match(/```bash\n([\s\S]*?)```/)?.[1] ?? ''
    expect(firstBlock).toMatch(/^npm run demo\b.*\nnpm test\b/)
  })

  it('has a quick start of at most four steps, whose code runs as it stands', async () => {
    expect(section.match(/^\d\. /gm)?.length).toBeLessThanOrEqual(4)
    const code = [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map((block) =>
      (block[1] as string).replace(/^ {3}/gm, ''),
    )
    expect(code.length).toBe(3)
    const folder = mkdtempSync(join(here, '.readme-'))
    try {
      writeFileSync(join(folder, 'quick-start.ts'), code.join('\n'))
      const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
      const args = [tsx, '--tsconfig', join(root, 'tsconfig.base.json'), join(folder, 'quick-start.ts')]
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
      expect(stdout).toBe('position 1, about 0 s\nhttps://img.example/1.png\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('links only to pages that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+?)\)/g)].map((match) => match[1] as string)
    for (const link of links) expect(() => readFileSync(join(root, link)), link).not.toThrow()
  })
})
