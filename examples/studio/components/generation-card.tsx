import { safePicture } from './safe-picture'
import { ago } from './times'
import { isLive, useFollowed } from './use-followed'
import type { MyGeneration } from './use-studio'
import { Waiting } from './waiting'

interface Props {
  readonly generation: MyGeneration
  readonly onChange: () => Promise<void>
  readonly onOpen: () => void
  readonly onUsePrompt: () => void
}

export function GenerationCard({ generation, onChange, onOpen, onUsePrompt }: Props) {
  const { queueId, prompt, modelId, queuedAt } = generation
  const { status, position, estimatedWait, progress, result, problem, cancel } = useFollowed(
    generation,
    onChange,
  )
  const picture = safePicture(result)
  return (
    <li className={`card ${status}`} data-queue-id={queueId}>
      {picture === null ? (
        <div className="frame">
          <Waiting status={status} position={position} estimatedWait={estimatedWait} progress={progress} />
        </div>
      ) : (
        <button type="button" className="frame" onClick={onOpen} title="Open">
          {/* biome-ignore lint/performance/noImgElement: it may come from any provider's host */}
          <img src={picture} alt={prompt} width={384} height={384} />
        </button>
      )}
      <span className="pill">{status}</span>
      <div className="about">
        <p className="prompt">{prompt}</p>
        {problem !== null && <p className="problem">{problem}</p>}
        <p className="facts">
          {modelId} <span>{ago(queuedAt)}</span>
        </p>
        {isLive(status) && (
          <button type="button" className="plain" onClick={cancel} aria-label={`Cancel: ${prompt}`}>
            Cancel
          </button>
        )}
        {(status === 'failed' || status === 'cancelled') && (
          <button type="button" className="plain" onClick={onUsePrompt} aria-label={`Use again: ${prompt}`}>
            Use again
          </button>
        )}
      </div>
    </li>
  )
}
