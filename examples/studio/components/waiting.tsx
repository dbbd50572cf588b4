import { type ReactNode, useEffect, useState } from 'react'
import { StoppedIcon, WarningIcon } from './icons'
import { inWords } from './times'

interface Props {
  readonly status: string
  /** 1 = next. */
  readonly position: number | null
  /** Whole seconds until it starts. */
  readonly estimatedWait: number | null
  /** 0 to 1. */
  readonly progress: number | null
}

/** What stands where the picture will be. */
export function Waiting({ status, position, estimatedWait, progress }: Props) {
  if (status === 'queued') return <Place position={position} estimatedWait={estimatedWait} />
  if (status === 'failed') return <Blank icon={<WarningIcon />} text="No picture, no ticket used" />
  if (status === 'cancelled') return <Blank icon={<StoppedIcon />} text="Ticket returned" />
  if (status === 'completed') return <Blank icon={<WarningIcon />} text="The result is no picture" />
  const percent = Math.round((progress ?? 0) * 100)
  return (
    <div className="drawing">
      <p className="percent">
        {percent}
        <span> %</span>
      </p>
      <progress value={progress ?? 0} aria-label="Progress" />
    </div>
  )
}

const Blank = ({ icon, text }: { readonly icon: ReactNode; readonly text: string }) => (
  <p className="blank">
    {icon}
    {text}
  </p>
)

function Place({ position, estimatedWait }: Pick<Props, 'position' | 'estimatedWait'>) {
  const left = useCountdown(estimatedWait)
  if (position === null) return <p className="blank">In the queue</p>
  return (
    <div className="place">
      <p className="position">
        Position <strong>{position}</strong>
      </p>
      {left !== null && (
        <p className="countdown">{left === 0 ? 'any moment now' : `about ${inWords(left)}`}</p>
      )}
    </div>
  )
}

const SECOND_MS = 1_000

/** Seconds left, counted down between two answers of the server. */
function useCountdown(seconds: number | null): number | null {
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    setLeft(seconds)
    const timer = setInterval(() => setLeft((now) => (now === null ? null : Math.max(0, now - 1))), SECOND_MS)
    return () => clearInterval(timer)
  }, [seconds])
  return left
}
