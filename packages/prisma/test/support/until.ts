export const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export async function until(met: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  while (!(await met())) {
    if (Date.now() > giveUpAt) throw new Error(`not met within ${timeoutMs} ms`)
    await wait(20)
  }
}
