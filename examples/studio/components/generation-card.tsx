import { useGeneration } from '@genqueue/next/react'
import { useEffect, useState } from 'react'
import type { MyGeneration } from './use-studio'
import { Progress } from './waiting'

interface Props {
  readonly generation: MyGeneration
  readonly onChange: () => Promise<void>
}

const LOOK_MS = 1_000

export function GenerationCard({ generation, onChange }: Props) {
  const { queueId, prompt, modelId } = generation
  const followed = useGeneration(isLive(generation.status) ? queueId : null, { intervalMs: LOOK_MS })
  const [refusal, setRefusal] = useState<string | null>(null)
  const status = followed.status ?? generation.status
  const picture = safePicture(followed.result ?? generation.resultUrl)
  const problem = refusal ?? followed.error ?? generation.errorMessage
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
  return (
    <li className={`card ${status}`} data-queue-id={queueId}>
      <div className="frame">
        {picture === null ? (
          <Progress {...followed} status={status} />
        ) : (
          // biome-ignore lint/performance/noImgElement: it may come from any provider's host
          <img src={picture} alt={prompt} width={384} height={384} />
        )}
      </div>
      <div className="about">
        <p className="prompt" title={prompt}>
          {prompt}
        </p>
        <p className="facts">
          <span className={`pill ${status}`}>{status}</span> {modelId}
        </p>
        {problem !== null && <p className="problem">{problem}</p>}
        {isLive(status) && (
          <button type="button" className="plain" onClick={cancel} aria-label={`Cancel: ${prompt}`}>
            Cancel
          </button>
        )}
      </div>
    </li>
  )
}

const isLive = (status: MyGeneration['status']) => status === 'queued' || status === 'processing'

/** Only what is a picture by its address is shown as one. */
const safePicture = (url: string | null) =>
  url !== null && /^(https?:|data:image\/)/i.test(url) ? url : null
