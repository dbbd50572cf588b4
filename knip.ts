import type { KnipConfig } from 'knip'
import { isBegun, membersOf } from './.ci/begun.js'

const root = import.meta.dirname

// Declared before what uses them was written; take a name out when its turn has come.
const DECLARED_AHEAD = { redis: ['ioredis5'] }

const config: KnipConfig = {
  // A bound that has a name may be exported for readers; what nobody uses at all is dead.
  ignoreExportsUsedInFile: true,
  ignoreWorkspaces: [
    // Their names are used by the packages around them.
    'packages/prisma/test/prisma6',
    ...membersOf(root).filter((folder) => !isBegun(`${root}/${folder}`)),
  ],
  workspaces: {
    '.': {
      entry: ['.ci/scripts/*.{ts,mjs}', '.ci/test/**/*.{test,case,config}.ts'],
      project: ['.ci/**/*.{ts,mjs}'],
      // Run by its path, with the archive of each package.
      ignoreDependencies: ['@arethetypeswrong/cli'],
    },
    'packages/*': {
      entry: ['test/**/*.test.{ts,tsx}', 'test/edge/app.ts', 'scripts/*.{ts,mjs}'],
      project: ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}', 'scripts/**/*.{ts,mjs}'],
    },
    'packages/core': {
      entry: ['test/**/*.test.ts', 'scripts/*.ts'],
      project: ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts'],
      // Its tests reach memory through the aliases: declared, it would be a cycle of packages.
      ignoreDependencies: ['@genqueue/memory'],
    },
    'packages/redis': {
      entry: ['test/**/*.test.ts', 'scripts/*.mjs'],
      project: ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.mjs'],
      ignoreDependencies: DECLARED_AHEAD.redis,
    },
    'packages/prisma': {
      entry: ['src/cli.ts', 'test/**/*.test.ts', 'test/support/worker-process.ts', 'scripts/*.ts'],
      project: ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts'],
      ignoreBinaries: ['mariadb-install-db'],
      // Prisma and its adapters are looked up by the major that a test asks for.
      ignoreDependencies: ['@libsql/client', '@prisma/.*', 'prisma', 'pglite-prisma-adapter'],
    },
    'packages/next': {
      entry: ['test/**/*.test.{ts,tsx}', 'test/react/page.tsx'],
      project: ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}'],
      // The older React is resolved by its name when the hooks' page is bundled, Next by the guide's own code.
      ignoreDependencies: ['next', 'react18', 'react-dom18'],
    },
    'packages/bench': {
      // main.ts loads what it is asked for by name, and a server of another process its storage.
      entry: ['src/{main,memory,redis,postgres,sqlite,http,http-storage}.ts'],
      project: ['src/**/*.ts'],
    },
    'examples/studio': {
      entry: [
        'app/**/{page,layout,route}.{ts,tsx}',
        'instrumentation.ts',
        'next.config.ts',
        'scripts/*.mjs',
        'test/**/*.test.ts',
      ],
      project: ['{app,components,lib,test}/**/*.{ts,tsx}', 'scripts/*.mjs', '*.ts'],
      // The generated client asks for its runtime by name; the styles are the layout's.
      ignoreDependencies: ['@prisma/client', '@prisma/client-runtime-utils', 'axe-core', 'prisma'],
      ignore: ['generated/**'],
    },
    'examples/*': {
      entry: ['src/main.ts', 'test/**/*.test.{ts,tsx}'],
      project: ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}'],
    },
  },
}

export default config
