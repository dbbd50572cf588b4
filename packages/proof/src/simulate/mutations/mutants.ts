import { CLIENT_MUTANTS } from './clients.js'
import type { Mutant } from './mutant.js'
import { RULE_MUTANTS } from './rules.js'
import { STORAGE_MUTANTS } from './storages.js'
import { WRITING_MUTANTS } from './writing.js'

export const MUTANTS: readonly Mutant[] = [
  ...RULE_MUTANTS,
  ...STORAGE_MUTANTS,
  ...WRITING_MUTANTS,
  ...CLIENT_MUTANTS,
]
