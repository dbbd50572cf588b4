import type { Storage } from '@genqueue/core'

/** What differs between the databases; everything else of a storage is the same reads for all. */
export type Commands = Required<
  Pick<Storage, 'admit' | 'claim' | 'applyAndClaim' | 'start' | 'apply' | 'renew' | 'post' | 'limit'>
>
