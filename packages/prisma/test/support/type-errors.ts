import { basename, join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '../../../..')

/** What TypeScript, as strict as it is here, has against files of an app. */
export function typeErrors(files: readonly string[]): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const typeRoots = [join(root, 'node_modules/@types')]
  // A generated client of TypeScript names its files in full.
  const program = ts.createProgram([...files], {
    ...options,
    typeRoots,
    noEmit: true,
    declaration: false,
    allowImportingTsExtensions: true,
  })
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1
    return `${basename(file?.fileName ?? '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}
