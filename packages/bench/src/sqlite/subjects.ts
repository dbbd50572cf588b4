import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { OpenSubject, Subject } from '../contender.js'
import { genqueueSubject, openQueue } from '../peers/genqueue.js'
import { openPlainjob } from '../peers/plainjob.js'
import type { AppClientClass } from '../prisma-client.js'

const inOwnFile =
  (open: (path: string) => Promise<Subject>): OpenSubject =>
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'genqueue-bench-'))
    const subject = await open(join(folder, 'bench.db'))
    return {
      ...subject,
      async close() {
        await subject.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  }

export const genqueue = (Client: AppClientClass): OpenSubject =>
  inOwnFile(async (path) => {
    const client = new Client({ adapter: new PrismaLibSql({ url: `file:${path}` }) })
    await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
    await migrate(client)
    return genqueueSubject(await openQueue(prismaStorage(client)), { remove: () => client.$disconnect() })
  })

export const plainjob: OpenSubject = inOwnFile(openPlainjob)
