import { useEffect, useRef } from 'react'
import { CloseIcon } from './icons'
import { safePicture } from './safe-picture'
import { ago, between } from './times'
import type { MyGeneration } from './use-studio'

interface Props {
  readonly generation: MyGeneration
  readonly onClose: () => void
  readonly onUsePrompt: () => void
}

/** A finished picture in full, with all of its prompt. Escape and a click beside it close it. */
export function PictureViewer({ generation, onClose, onUsePrompt }: Props) {
  const { prompt, modelId, queuedAt, startedAt, completedAt } = generation
  const dialog = useRef<HTMLDialogElement>(null)
  const picture = safePicture(generation.resultUrl)
  useEffect(() => dialog.current?.showModal(), [])
  const facts: [name: string, value: string | null][] = [
    ['Model', modelId],
    ['Asked for', ago(queuedAt)],
    ['Waited', between(queuedAt, startedAt)],
    ['Took', between(startedAt, completedAt)],
  ]
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the dialog's own Escape is the key
    <dialog
      className="viewer"
      ref={dialog}
      aria-label={prompt}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="sheet">
        {/* biome-ignore lint/performance/noImgElement: it may come from any provider's host */}
        {picture !== null && <img src={picture} alt="" width={640} height={640} />}
        <div className="told">
          <p className="whole">{prompt}</p>
          <dl>
            {facts.map(
              ([name, value]) =>
                value !== null && (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ),
            )}
          </dl>
          <div className="line">
            <button type="button" className="plain" onClick={onUsePrompt}>
              Use this prompt
            </button>
            {picture !== null && (
              <a className="button plain" href={picture} target="_blank" rel="noreferrer">
                Open the file
              </a>
            )}
          </div>
        </div>
        <button
          type="button"
          className="plain close"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </div>
    </dialog>
  )
}
