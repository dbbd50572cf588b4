import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const NEXT_VERSION = '15.5.29'

/** What the README of @genqueue/next leaves to its reader. */
const OWN_FILES: Readonly<Record<string, string>> = {
  'lib/session.ts': `const PEOPLE: Record<string, { userId: string; email: string }> = {
  ada: { userId: 'ada', email: 'ada@app.example' },
  root: { userId: 'root', email: 'admin@example.com' },
}
export const identify = async (request: Request) => PEOPLE[request.headers.get('cookie') ?? ''] ?? null
`,
  'lib/provider.ts': `export const generateImage = async (prompt: string, signal?: AbortSignal): Promise<string> => {
  signal?.throwIfAborted()
  return \`https://img.example/\${encodeURIComponent(prompt)}.png\`
}
`,
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>
}
`,
}

/** `// path` or `// path, path` in the first line of a block. */
const BLOCK = /```tsx?\n\/\/ ([\w./,[\] -]+)\n([\s\S]*?)```/g

/** The README's files, in memory instead of Redis: the check needs no server, and all bundles must share one queue. */
function readmeFiles(root: string): Record<string, string> {
  const readme = readFileSync(join(root, 'packages/next/README.md'), 'utf8')
  const files = [...readme.matchAll(BLOCK)].flatMap(([, paths = '', code = '']) =>
    paths.split(', ').map((path): [string, string] => [path, code]),
  )
  return Object.fromEntries(
    files.map(([path, code]) => [
      path,
      code
        .replace(
          "import { redisStorage } from '@genqueue/redis'",
          "import { memoryStorage } from '@genqueue/memory'",
        )
        .replace('redisStorage({ url })', 'memoryStorage()'),
    ]),
  )
}

/** Writes the app of the README into a folder, without its dependencies. */
export function writeReadmeApp(root: string, folder: string, ours: Readonly<Record<string, string>>): void {
  const files = { ...readmeFiles(root), ...OWN_FILES }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const types = { '@types/node': '^20.19.0', '@types/react': '^19.0.0', typescript: '6.0.3' }
  const dependencies = { next: NEXT_VERSION, react: '^19.0.0', 'react-dom': '^19.0.0', ...types, ...ours }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2))
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    module: 'ESNext',
    moduleResolution: 'Bundler',
    jsx: 'preserve',
    paths: { '@/*': ['./*'] },
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['**/*.ts', '**/*.tsx'] }),
  )
}
