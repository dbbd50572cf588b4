// What users load, minified and compressed, without the libraries that they install anyway.
const node = (name, limit) => ({
  name: `@genqueue/${name}`,
  path: `packages/${name}/dist/index.js`,
  limit,
  ignore: ['zod', '@genqueue/core', '@genqueue/http', 'ioredis', '@prisma/client', 'next', 'react'],
  modifyEsbuildConfig: (config) => ({ ...config, platform: 'node' }),
})

export default [
  node('core', '30 kB'),
  node('memory', '10 kB'),
  node('redis', '25 kB'),
  node('prisma', '40 kB'),
  node('http', '40 kB'),
  node('next', '10 kB'),
]
