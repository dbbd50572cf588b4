import { defineConfig } from 'tsup'

const always = {
  format: ['esm', 'cjs'],
  dts: { compilerOptions: { ignoreDeprecations: '6.0', paths: {} } },
  target: 'es2022',
  sourcemap: false,
} as const

export default defineConfig([
  { ...always, format: [...always.format], entry: { index: 'src/index.ts' }, treeshake: true },
  // Tree-shaking would drop 'use client', and one file each keeps it first.
  { ...always, format: [...always.format], entry: { react: 'src/react/index.ts' }, splitting: false },
])
