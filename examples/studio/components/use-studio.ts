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
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly completedAt: string | null
}

interface StudioState {
  readonly overview: Overview
  /** Newest first; null before the first answer. */
  readonly mine: readonly MyGeneration[] | null
  /** There are older ones than those shown. */
  readonly older: boolean
  /** The latest look failed. What was known before stays. */
  readonly away: boolean
}

const EVERY_MS = 2_000
const PAGE = 24
const SHOWN_MAX = 96

/** What the page shows, read again every two seconds while it is seen, and at once when asked. */
export function useStudio(first: Overview) {
  const [state, setState] = useState<StudioState>({ overview: first, mine: null, older: false, away: false })
  const [shown, setShown] = useState(PAGE)
  const latest = useRef(0)
  const refresh = useCallback(async () => {
    latest.current += 1
    const look = latest.current
    const seen = await readAll(shown).catch(() => null)
    // A newer look knows better.
    if (look !== latest.current) return
    setState((before) => (seen === null ? { ...before, away: true } : { ...seen, away: false }))
  }, [shown])
  const showMore = useCallback(() => setShown((before) => Math.min(SHOWN_MAX, before + PAGE)), [])
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
  return { ...state, more: state.older && shown < SHOWN_MAX, refresh, showMore }
}

async function readAll(shown: number): Promise<Omit<StudioState, 'away'>> {
  const overview = await read<Overview>('/api/studio')
  if (overview.person === null) return { overview, mine: null, older: false }
  const { generations, cursor } = await read<{ generations: MyGeneration[]; cursor: number | null }>(
    `/api/queue/mine?limit=${shown}`,
  )
  return { overview, mine: generations, older: cursor !== null }
}

async function read<Body>(url: string): Promise<Body> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as Body
}
