import { useGeneration } from '@genqueue/next/react'
import { useEffect, useState } from 'react'
import type { MyGeneration } from './use-studio'

const LOOK_MS = 1_000

export const isLive = (status: MyGeneration['status']) => status === 'queued' || status === 'processing'

/** A generation of the list, followed more closely while it lives. */
export function useFollowed(generation: MyGeneration, onChange: () => Promise<void>) {
  const followed = useGeneration(isLive(generation.status) ? generation.queueId : null, {
    intervalMs: LOOK_MS,
  })
  const { refresh } = followed
  const [refusal, setRefusal] = useState<string | null>(null)
  const status = followed.status ?? generation.status
  const differs = followed.status !== null && followed.status !== generation.status
  useEffect(() => {
    // The list may know first.
    if (differs) void refresh()
  }, [differs, refresh])
  const settled = followed.status !== null && !isLive(followed.status)
  useEffect(() => {
    // Tickets and models changed with it.
    if (settled) void onChange()
  }, [settled, onChange])
  const cancel = async () => {
    try {
      await followed.cancel()
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error))
    }
    await onChange()
  }
  return {
    ...followed,
    status,
    result: followed.result ?? generation.resultUrl,
    problem: refusal ?? followed.error ?? generation.errorMessage,
    cancel,
  }
}
