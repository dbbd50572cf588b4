'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Overview } from '@/lib/overview'

/** One of the caller's generations, as /api/queue/mine tells it; only what is shown. */
export interface MyGeneration {
  readonly queueId: number
  readonly modelId: string
  readonly modelType: string
  readonly prompt: string
  readonly status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'
  readonly resultUrl: string | null
  readonly errorMessage: string | null
}

export interface StudioState {
  readonly overview: Overview
  /** Newest first; null before the first answer. */
  readonly mine: readonly MyGeneration[] | null
  /** The latest look failed. What was known before stays. */
  readonly away: boolean
}

const EVERY_MS = 2_000
const SHOWN_MAX = 24

/** What the page shows, read again every two seconds while it is seen, and at once when asked. */
export function useStudio(first: Overview) {
  const [state, setState] = useState<StudioState>({ overview: first, mine: null, away: false })
  const latest = useRef(0)
  const refresh = useCallback(async () => {
    latest.current += 1
    const look = latest.current
    const seen = await readAll().catch(() => null)
    // A newer look knows better.
    if (look !== latest.current) return
    setState((before) => (seen === null ? { ...before, away: true } : { ...seen, away: false }))
  }, [])
  useEffect(() => {
    const lookAgain = () => {
      if (!document.hidden) void refresh()
    }
    lookAgain()
    const timer = setInterval(lookAgain, EVERY_MS)
    document.addEventListener('visibilitychange', lookAgain)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', lookAgain)
    }
  }, [refresh])
  return { ...state, refresh }
}

async function readAll(): Promise<Omit<StudioState, 'away'>> {
  const overview = await read<Overview>('/api/studio')
  if (overview.person === null) return { overview, mine: [] }
  const { generations } = await read<{ generations: MyGeneration[] }>(`/api/queue/mine?limit=${SHOWN_MAX}`)
  return { overview, mine: generations }
}

async function read<Body>(url: string): Promise<Body> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as Body
}
