import type { AdmitItem } from '../storage.js'

type Payload = Omit<AdmitItem, 'leaseToken' | 'idempotencyKey' | 'fingerprint'>

/**
 * SHA-256 of the payload, hex, 64 characters. Object keys are sorted first, so that the same request built in
 * another order is the same request.
 */
export async function fingerprintOf(item: Payload): Promise<string> {
  const text = JSON.stringify([
    item.modelId,
    item.modelType,
    item.prompt,
    sorted(JSON.parse(item.parameters)),
    item.metadata === null ? null : sorted(JSON.parse(item.metadata)),
    item.priority,
    item.ticketCost,
    item.maxAttempts,
    item.maxWaitMs,
  ])
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => [key, sorted(entry)])
}
