import { failureKind, storageError } from '../failure.js'

/**
 * Runs a statement that does all or nothing, and answers null when it did nothing: because something did not fit plainly
 * (a refusal, a replay), or because another writer was in the way. Then the command is carried out step by step instead.
 */
export async function plainly<Answer>(run: () => Promise<Answer | null>): Promise<Answer | null> {
  try {
    return await run()
  } catch (error) {
    if (failureKind(error) === 'passing') return null
    throw storageError(error)
  }
}
