import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../sql/postgresql')
const INCLUDE = /-- include: ([\w -]+)$/gm

const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8')

/** `-- include: name name` stands for those files of sql/postgresql/include, in that order. */
const withIncludes = (source: string) =>
  source.replace(INCLUDE, (_, names: string) =>
    names
      .split(' ')
      .map((name) => read(`include/${name}.sql`).trim())
      .join('\n'),
  )

/** Without comments, which stay in the sources, and empty lines. */
function strip(source: string): string {
  const code = source
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*--/.test(line))
    .join('\n')
  if (/`|\$|--/.test(code))
    throw new Error('a backtick, a $ or a comment behind code cannot stand in a statement')
  return code
}

function statement(file: string): string {
  const source = read(file)
  if (!source.includes('\n-- :') || !/\n-- Answer /.test(source)) {
    throw new Error(`sql/postgresql/${file}: its header lacks its values or its answer`)
  }
  const name = file.slice(0, -'.sql'.length).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return `  ${name}: String.raw\`\n${strip(withIncludes(source))}\n\`,`
}

/** The module made of sql/postgresql/*.sql with their includes. */
export function statementsModule(): string {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.sql'))
  return `// Made by scripts/generate.ts from sql/postgresql/; change those files, not this one.
export const STATEMENTS = {
${files.sort().map(statement).join('\n')}
} as const
`
}
