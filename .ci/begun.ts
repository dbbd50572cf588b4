import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const NOTHING = 'export {}'

/** Whether there is code in a member of the workspace. One that is only declared has nothing to check yet. */
export function isBegun(folder: string): boolean {
  const entry = join(folder, 'src/index.ts')
  if (existsSync(entry)) return readFileSync(entry, 'utf8').trim() !== NOTHING
  return existsSync(join(folder, 'src')) || existsSync(join(folder, 'app'))
}

/** The folders of packages/ and examples/, from the root, whether begun or not. */
export function membersOf(root: string): string[] {
  return ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json'))),
  )
}
