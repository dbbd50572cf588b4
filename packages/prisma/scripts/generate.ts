/**
 * Writes schema/<provider>.prisma and migrations/<provider>.sql, which are shipped, from the tables in src/schema, and
 * src/generated/postgresql.ts from sql/postgresql; all are committed and reviewed.
 * `--check` writes nothing and exits 1 when a file is not what they give.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createStatements } from '../src/schema/ddl.js'
import { prismaModels } from '../src/schema/prisma-models.js'
import { PROVIDERS } from '../src/schema/tables.js'
import { statementsModule } from './build-sql.js'

const root = join(import.meta.dirname, '..')
const check = process.argv.includes('--check')

const shipped = PROVIDERS.flatMap((provider) => [
  {
    path: `schema/${provider}.prisma`,
    text: `// genqueue's models for ${provider}. \`npx genqueue-prisma init\` adds them to your schema.\n\n${prismaModels(provider)}`,
  },
  {
    path: `migrations/${provider}.sql`,
    text: `-- genqueue's tables on ${provider}. \`npx genqueue-prisma migrate\` runs this.\n\n${createStatements(
      provider,
    )
      .map((statement) => `${statement};\n`)
      .join('\n')}`,
  },
])
const files = [...shipped, { path: 'src/generated/postgresql.ts', text: statementsModule() }]

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

for (const { path, text } of files) {
  const target = join(root, path)
  if (read(target) === text) continue
  if (check) {
    console.error(`packages/prisma/${path} is not what it is made from: run npm run generate`)
    process.exitCode = 1
    continue
  }
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
  console.log(`wrote ${path}`)
}
