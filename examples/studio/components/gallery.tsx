import { GenerationCard } from './generation-card'
import { useAnnouncement } from './use-announcement'
import type { MyGeneration } from './use-studio'

interface Props {
  readonly generations: readonly MyGeneration[] | null
  readonly onChange: () => Promise<void>
}

export function Gallery({ generations, onChange }: Props) {
  const announcement = useAnnouncement(generations)
  return (
    <section className="gallery" aria-labelledby="yours">
      <h2 id="yours">Your generations</h2>
      <p className="unseen" role="status">
        {announcement}
      </p>
      {generations?.length === 0 && (
        <p className="empty">Nothing yet. What you ask for appears here, first as a place in the queue.</p>
      )}
      <ul className="cards">
        {generations?.map((generation) => (
          <GenerationCard key={generation.queueId} generation={generation} onChange={onChange} />
        ))}
      </ul>
    </section>
  )
}
