import type { z } from 'zod'

/** The first problem zod found, as `path: what is wrong`. Values are not repeated: they may be prompts. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'invalid input'
  const path = issue.path.map(String).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}
