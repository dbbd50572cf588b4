import type { Storage } from '@genqueue/core'

/** What differs between the databases; everything else of a storage is the same reads for all. */
export type Commands = Pick<Storage, 'admit' | 'claim' | 'start' | 'apply' | 'renew' | 'post' | 'limit'>
