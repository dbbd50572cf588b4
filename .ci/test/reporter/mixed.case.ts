import { describe, expect, it } from 'vitest'

describe('mixed', () => {
  it('passes', () => expect(1).toBe(1))
  it('fails', () => expect(1).toBe(2))
  it('needs something', ({ skip }) => skip('no server on this machine'))
})
