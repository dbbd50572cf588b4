/**
 * Checks the packages as users get them, after `npm run build`: packs each as it would be published, lints the archive,
 * installs all into an empty project, loads the main entries without any peer, then every entry with them, as ESM and
 * as CommonJS, lets the types resolve, runs the quick start of the README there, and builds and serves two Next apps that
 * install them: the studio, and the app that the README of @genqueue/next shows.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packAll } from '../packed/archives.js'
import { CommandFailed, install, load, resolveTypes, runQuickStart } from '../packed/consumer.js'
import { lintArchive } from '../packed/lint.js'
import { checkReadmeApp, checkStudio } from '../packed/next-apps.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const problems: string[] = []

/** Notes what a part has against the packages and goes on with the next. */
function attempt<Result>(part: () => Result): Result | null {
  try {
    return part()
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    problems.push(error.message)
    return null
  }
}

async function check(scratch: string): Promise<void> {
  const archives = packAll(ROOT, scratch)
  const begun = archives.filter((archive) => archive.begun)
  for (const archive of begun) problems.push(...(await lintArchive(ROOT, archive)))
  const project = join(scratch, 'project')
  install(project, archives, false)
  for (const { name } of begun) attempt(() => load(project, name))
  install(project, archives, true)
  const exported = new Map<string, string[]>()
  for (const entry of begun.flatMap(({ entries }) => entries)) {
    const names = attempt(() => load(project, entry))
    if (names === null) continue
    exported.set(entry, names)
    console.log(`${entry}: ${names.length} exports, as ESM and as CommonJS`)
  }
  for (const { name } of archives.filter((archive) => !archive.begun))
    console.log(`${name}: nothing in it yet, not checked`)
  attempt(() => resolveTypes(ROOT, project, exported))
  const printed = attempt(() => runQuickStart(ROOT, project))
  if (printed !== null) console.log(`quick start of the README printed:\n${printed.trimEnd()}`)
  const apps = [checkStudio, checkReadmeApp].map((checkApp) => checkApp(ROOT, scratch, archives))
  for (const app of await Promise.allSettled(apps)) {
    if (app.status === 'fulfilled') console.log(app.value)
    else if (app.reason instanceof CommandFailed) problems.push(app.reason.message)
    else throw app.reason
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'genqueue-packed-'))
try {
  await check(scratch)
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error
  problems.push(error.message)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
for (const problem of new Set(problems)) console.log(`error ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0
