import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { compileFunction } from 'node:vm'
import ts from 'typescript'

/** The guide's code blocks, letter by letter. */
const markdown = readFileSync(new URL('./snippets.md', import.meta.url), 'utf8')
const [step1 = '', step2 = '', step3 = '', polling = ''] = [
  ...markdown.matchAll(/```typescript\n([\s\S]*?)```/g),
].map(([, code]) => code)

/** Where the guide goes on "OR for immediate processing". */
const OR = '// OR for immediate processing'
const [fromQueue = '', byHand = ''] = step2.split(OR)

const IMPORT = /^import .*\n/gm
const importsOf = (...snippets: readonly string[]) =>
  snippets.flatMap((code) => code.match(IMPORT) ?? []).join('')
const bodyOf = (code: string) => code.replaceAll(IMPORT, '')

/** What the guide leaves to the app: Next's import, the app's own client and provider. */
const NEXT = "import { NextResponse } from 'next/server'\n"

/** The guide's files. Nothing but what is around its blocks is ours. */
export const GUIDE_FILES = {
  'app/api/generate/route.ts': NEXT + step1,
  'lib/process.ts': `${NEXT}import { prisma } from '@/lib/prisma'
import { generateImage } from '@/lib/provider'
${importsOf(fromQueue, step3)}
export async function process(queueId: number | undefined, model: string, prompt: string) {
  if (queueId) {
${bodyOf(fromQueue)}
  } else {
${OR}${byHand}
  }
${bodyOf(step3)}
}
`,
  'components/polling.ts': `${polling}\nexport { checkQueueStatus }\n`,
} as const

/** Runs one of the files with these modules and globals in the place of its own; answers what it exports. */
export function runGuide<Exports>(
  file: keyof typeof GUIDE_FILES,
  modules: Readonly<Record<string, unknown>>,
  globals: Readonly<Record<string, unknown>> = {},
): Exports {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  const { outputText } = ts.transpileModule(GUIDE_FILES[file], { compilerOptions })
  const real = createRequire(import.meta.url)
  const required = (name: string) => (Object.hasOwn(modules, name) ? modules[name] : real(name))
  const exported = {}
  const names = ['require', 'exports', ...Object.keys(globals)]
  compileFunction(outputText, names)(required, exported, ...Object.values(globals))
  return exported as Exports
}

const here = import.meta.dirname
const root = join(here, '../../../..')

/** What TypeScript has against the guide's files beside the app's own: its client's, and those given. */
export function typeErrors(clientFolder: string, others: Readonly<Record<string, string>>): string[] {
  const files = new Map(
    Object.entries({
      ...GUIDE_FILES,
      ...others,
      'lib/prisma.ts': `import type { PrismaClient } from '${clientFolder}'\nexport declare const prisma: PrismaClient\n`,
      'lib/provider.ts': 'export declare function generateImage(prompt: string): Promise<string>\n',
    }).map(([path, text]) => [join(here, path), text]),
  )
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const compilerOptions: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    declaration: false,
    paths: { ...options.paths, '@/*': [join(here, '*')] },
    // The guide reads `error.message` of what it caught, and calls it `error` without a type.
    useUnknownInCatchVariables: false,
  }
  const host = ts.createCompilerHost(compilerOptions)
  const { fileExists, readFile, getSourceFile, directoryExists } = host
  host.directoryExists = (path) => path.startsWith(here) || (directoryExists?.(path) ?? true)
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = files.get(path)
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target)
  }
  const program = ts.createProgram([...files.keys()], compilerOptions, host)
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file && relative(here, file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    )
}
