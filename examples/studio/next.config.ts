import { join } from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  // Nothing here needs `dynamic`: every route reads its request.
  cacheComponents: true,
  partialPrefetching: true,
  // The renderer of the pictures is the terminal example's, and the packages stand further up.
  turbopack: { root: join(import.meta.dirname, '../..') },
  // Tests build after `npm run check` has looked at the types: see test/support/app.ts.
  typescript: { ignoreBuildErrors: process.env.STUDIO_TYPES === 'checked' },
  // They load a native library, a WebAssembly module or a socket of their own.
  serverExternalPackages: [
    '@libsql/client',
    '@prisma/adapter-libsql',
    '@prisma/adapter-pg',
    '@prisma/client',
    'ioredis',
    'libsql',
  ],
}

export default config
