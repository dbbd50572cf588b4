import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PATHS = [process.env.CHROMIUM_PATH, '/usr/bin/chromium']
const HOW_TO_GET_ONE =
  'there is no chromium: set CHROMIUM_PATH, or install it as /usr/bin/chromium (Debian: apt-get install chromium)'

/** No network of its own, no first-run pages; the tests may run as root, where the sandbox does not start. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const executablePath = PATHS.find((path) => path !== undefined && existsSync(path))

if (executablePath === undefined) {
  if (process.env.CI === 'true') throw new Error(HOW_TO_GET_ONE)
  console.warn(`skipped, ${HOW_TO_GET_ONE}`)
}

/** Why the tests of this folder cannot run here; null when they can. */
export const noChromium: string | null = executablePath === undefined ? HOW_TO_GET_ONE : null

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath ?? '', args: FLAGS })
