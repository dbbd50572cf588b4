import type { BrowserContext } from 'playwright-core'

/** Hears what the browser complains of: errors and warnings in the console, exceptions, and what the policy blocked. */
export function createWatch() {
  const heard: string[] = []
  const expected: RegExp[] = []
  return {
    async follow(context: BrowserContext): Promise<void> {
      context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          heard.push(`${message.text()} ${message.location().url}`)
      })
      context.on('weberror', (error) => heard.push(String(error.error())))
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
          console.error(`blocked by the policy: ${violatedDirective} ${blockedURI} ${sample}`),
        )
      })
    },
    expect: (text: RegExp) => {
      expected.push(text)
    },
    /** What was heard and not expected, and what was expected and not heard. */
    complaints: (): string[] => [
      ...heard.filter((text) => !expected.some((pattern) => pattern.test(text))),
      ...expected
        .filter((pattern) => !heard.some((text) => pattern.test(text)))
        .map((p) => `not heard: ${p}`),
    ],
  }
}
