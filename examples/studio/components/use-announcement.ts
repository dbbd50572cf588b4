import { useEffect, useRef, useState } from 'react'
import type { MyGeneration } from './use-studio'

const PROMPT_LETTERS = 60

/** What to tell those who do not see the cards change: each step of a generation once, and no ticking seconds. */
export function useAnnouncement(generations: readonly MyGeneration[] | null): string {
  const [told, setTold] = useState('')
  const known = useRef<ReadonlyMap<number, string> | null>(null)
  useEffect(() => {
    if (generations === null) return
    const before = known.current
    known.current = new Map(generations.map(({ queueId, status }) => [queueId, status]))
    // What was there when the page opened is no news.
    if (before === null) return
    const news = generations.filter(({ queueId, status }) => before.get(queueId) !== status)
    if (news.length > 0)
      setTold(news.map(({ prompt, status }) => `${prompt.slice(0, PROMPT_LETTERS)}: ${status}`).join('. '))
  }, [generations])
  return told
}
