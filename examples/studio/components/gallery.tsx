import { useState } from 'react'
import { GenerationCard } from './generation-card'
import { IDEAS } from './ideas'
import { PictureViewer } from './picture-viewer'
import { useAnnouncement } from './use-announcement'
import type { MyGeneration } from './use-studio'

interface Props {
  readonly generations: readonly MyGeneration[] | null
  readonly onChange: () => Promise<void>
  readonly onUsePrompt: (prompt: string) => void
  /** Shows older ones; undefined when there are none. */
  readonly onShowMore: (() => void) | undefined
}

const IDEAS_SHOWN = 3

export function Gallery({ generations, onChange, onUsePrompt, onShowMore }: Props) {
  const announcement = useAnnouncement(generations)
  const [opened, setOpened] = useState<number | null>(null)
  const open = generations?.find(({ queueId }) => queueId === opened)
  return (
    <section className="gallery" aria-labelledby="yours">
      <h2 id="yours">Your generations</h2>
      <p className="unseen" role="status">
        {announcement}
      </p>
      {generations?.length === 0 && <NothingYet onUsePrompt={onUsePrompt} />}
      <ul className="cards">
        {generations?.map((generation) => (
          <GenerationCard
            key={generation.queueId}
            generation={generation}
            onChange={onChange}
            onOpen={() => setOpened(generation.queueId)}
            onUsePrompt={() => onUsePrompt(generation.prompt)}
          />
        ))}
      </ul>
      {onShowMore !== undefined && (
        <button type="button" className="plain older" onClick={onShowMore}>
          Show older
        </button>
      )}
      {open !== undefined && (
        <PictureViewer
          generation={open}
          onClose={() => setOpened(null)}
          onUsePrompt={() => {
            setOpened(null)
            onUsePrompt(open.prompt)
          }}
        />
      )}
    </section>
  )
}

function NothingYet({ onUsePrompt }: Pick<Props, 'onUsePrompt'>) {
  return (
    <div className="empty">
      <p className="lead">Nothing yet</p>
      <p className="quiet">
        What you ask for appears here, first as a place in the queue. Begin with one of these:
      </p>
      <ul className="ideas">
        {IDEAS.slice(0, IDEAS_SHOWN).map((idea) => (
          <li key={idea}>
            <button type="button" className="plain" onClick={() => onUsePrompt(idea)}>
              {idea}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
