import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Packages are tested from their sources, so that no build has to come first. Longer names stand before their prefixes.
const alias = {
  '@genqueue/core/testing': at('packages/core/src/testing/index.ts'),
  '@genqueue/core': at('packages/core/src/index.ts'),
  '@genqueue/memory': at('packages/memory/src/index.ts'),
  '@genqueue/redis': at('packages/redis/src/index.ts'),
  '@genqueue/prisma': at('packages/prisma/src/index.ts'),
  '@genqueue/http': at('packages/http/src/index.ts'),
  '@genqueue/next/react': at('packages/next/src/react/index.ts'),
  '@genqueue/next': at('packages/next/src/index.ts'),
}

const project = (name: string, root: string) => ({
  resolve: { alias },
  test: {
    name,
    root: at(root),
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Prisma clients that tests generate beside Prisma's own, in TypeScript, which Node does not load by itself.
    server: { deps: { inline: [/\.genqueue-test\/.*\.ts$/] } },
  },
})

export default defineConfig({
  test: {
    passWithNoTests: false,
    reporters: ['default', at('.ci/scripts/summary-reporter.ts')],
    projects: [
      ...['core', 'memory', 'redis', 'prisma', 'http', 'next', 'bench', 'proof'].map((name) =>
        project(name, `packages/${name}`),
      ),
      ...['quickstart', 'custom-storage', 'studio'].map((name) => project(name, `examples/${name}`)),
      project('repo', '.ci'),
    ],
  },
})
