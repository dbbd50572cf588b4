#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { init } from './cli/init.js'
import { migrateUrl } from './cli/migrate.js'
import { CliError, USAGE, UsageError } from './cli/usage.js'

const print = (line: string) => console.log(line)
const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  schema: { type: 'string' },
  'dry-run': { type: 'boolean' },
  url: { type: 'string' },
  provider: { type: 'string' },
  print: { type: 'boolean' },
} as const

async function main(args: string[]): Promise<void> {
  const { values, positionals } = read(args)
  if (values.help || positionals[0] === 'help') return print(USAGE)
  const [command, ...rest] = positionals
  if (rest.length > 0) throw new UsageError(`what is ${JSON.stringify(rest[0])}? See genqueue-prisma --help`)
  const cwd = process.cwd()
  const { schema, url, provider } = values
  if (command === 'init') return init({ cwd, schema, dryRun: values['dry-run'] === true, print })
  if (command === 'migrate')
    return migrateUrl({ cwd, url, provider, onlyPrint: values.print === true, print })
  throw new UsageError(
    `${command === undefined ? 'say what to do' : `there is no command ${JSON.stringify(command)}`}: init or migrate; see genqueue-prisma --help`,
  )
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error)
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  console.error(
    `genqueue-prisma: ${message}${error instanceof CliError || error instanceof UsageError ? '' : cause}`,
  )
  process.exitCode = error instanceof UsageError ? 2 : 1
})
