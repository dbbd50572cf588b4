import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { Archive } from './archives.js'

/** Every engine that we support reads `exports`: node10's way of finding types is not checked. */
const ATTW = ['--profile', 'node16', '--no-definitely-typed', '--format', 'ascii', '--no-color', '--no-emoji']

const EXPECTED = ['LICENSE', 'README.md', 'package.json']

/** What an archive lacks of what every package shows on its page. */
function missing({ name, file }: Archive): string[] {
  const contents = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).split('\n')
  return EXPECTED.filter((path) => !contents.includes(`package/${path}`)).map(
    (path) => `${name} has no ${path}`,
  )
}

/** What publint and "are the types wrong" have against an archive, one complaint each. */
export async function lintArchive(root: string, archive: Archive): Promise<string[]> {
  const { name, file } = archive
  const bytes = readFileSync(file)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  const complaints = missing(archive)
  for (const message of messages) complaints.push(`${name}: ${formatMessage(message, pkg) ?? message.code}`)
  const attw = spawnSync(join(root, 'node_modules/.bin/attw'), [file, ...ATTW], { encoding: 'utf8' })
  if (attw.status !== 0) complaints.push(`${name}: ${attw.stdout}${attw.stderr}`.trim())
  return complaints
}
