import { readFileSync } from 'node:fs'

const INSTALLED = new URL('../node_modules/', import.meta.url)

/** Of a dependency, as it is installed here. */
export function versionOf(name: string): string {
  const text = readFileSync(new URL(`${name}/package.json`, INSTALLED), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
