import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { prismaModel } from '../schema/prisma-models.js'
import { TABLES, type Table } from '../schema/tables.js'
import { findModel, findSchema, lacking, providerIn, type SchemaFiles } from './schema-file.js'
import { CliError } from './usage.js'

export interface InitOptions {
  readonly cwd: string
  readonly schema: string | undefined
  readonly dryRun: boolean
  readonly print: (line: string) => void
}

/** Adds the models that the schema lacks; writes one file or none. */
export function init({ cwd, schema: named, dryRun, print }: InitOptions): void {
  const schema = findSchema(cwd, named)
  const provider = providerIn(schema)
  const missing = TABLES.filter((table) => !isThere(schema, table))
  if (missing.length === 0) {
    print(`${relative(cwd, schema.path)} already has genqueue's ${TABLES.length} models; nothing to change`)
    return
  }
  const { path, before } = target(schema)
  const added = missing.map((table) => prismaModel(table, provider)).join('\n')
  const shown = relative(cwd, path)
  print(`${dryRun ? 'would add' : 'adding'} to ${shown} (${provider}):`)
  for (const line of added.trimEnd().split('\n')) print(`+ ${line}`)
  if (dryRun) return
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  writeFileSync(path, `${before}${gap}${added}`)
  print('')
  print(`added ${missing.length} models to ${shown}. Next, create the tables:`)
  print('  npx prisma db push')
  print('or  npx prisma migrate dev --name add_queue_system')
  print('or, where Prisma cannot load its engine:  npx genqueue-prisma migrate && npx prisma generate')
}

/** A folder gets a file of its own; what stands in it already stays. */
function target(schema: SchemaFiles): { path: string; before: string } {
  const path = schema.isFolder ? join(schema.path, 'genqueue.prisma') : schema.path
  return { path, before: schema.files.find((file) => file.path === path)?.text ?? '' }
}

/** Whether the model is there, with whatever the app added to it. A namesake that is none of ours is not changed. */
function isThere(schema: SchemaFiles, table: Table): boolean {
  const model = findModel(schema, table.name)
  if (model === null) return false
  const fields = lacking(model, table)
  if (fields.length === 0) return true
  throw new CliError(
    `model ${table.name} in ${relative(process.cwd(), model.file)} lacks ${fields.join(', ')}; rename it if it is yours (with @@map("${table.name}_old") its table too), or add these fields; nothing was changed`,
  )
}
