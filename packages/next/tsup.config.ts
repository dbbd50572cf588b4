import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', react: 'src/react.ts' },
  format: ['esm', 'cjs'],
  dts: { compilerOptions: { ignoreDeprecations: '6.0', paths: {} } },
  target: 'es2022',
  clean: true,
  sourcemap: false,
  // No treeshake: it would take out 'use client', which has to stay the first line of react.js.
})
