import type { Model } from '@/lib/overview'
import { FilmIcon } from './icons'

interface Props {
  readonly models: readonly Model[]
  readonly chosen: string
  readonly onChoose: (modelId: string) => void
}

/** All models, pictures first, with how many of their slots are in use. */
export function ModelPicker({ models, chosen, onChoose }: Props) {
  const sorted = models.toSorted((a, b) => Number(a.modelType === 'video') - Number(b.modelType === 'video'))
  return (
    <fieldset className="models">
      <legend>Model</legend>
      <div className="list">
        {sorted.map((model) => (
          <ModelChoice
            key={model.modelId}
            model={model}
            isChosen={model.modelId === chosen}
            onChoose={onChoose}
          />
        ))}
      </div>
    </fieldset>
  )
}

interface ChoiceProps {
  readonly model: Model
  readonly isChosen: boolean
  readonly onChoose: (modelId: string) => void
}

function ModelChoice({ model, isChosen, onChoose }: ChoiceProps) {
  const { modelId, modelType, active, maxConcurrent, paused } = model
  const share = Math.min(1, active / maxConcurrent)
  return (
    <div className={`model${share === 1 ? ' full' : ''}`} data-model={modelId}>
      <input
        type="radio"
        name="model"
        id={`model-${modelId}`}
        value={modelId}
        checked={isChosen}
        onChange={() => onChoose(modelId)}
        aria-describedby={`usage-${modelId}`}
      />
      <label htmlFor={`model-${modelId}`}>
        {modelId}
        {modelType === 'video' && (
          <span className="kind" title="video">
            <FilmIcon />
            <span className="unseen">, video</span>
          </span>
        )}
      </label>
      <span className="usage" id={`usage-${modelId}`}>
        {paused ? 'paused' : usageOf(model)}
      </span>
      <span className="bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </div>
  )
}

const usageOf = ({ active, maxConcurrent, waiting }: Model) =>
  `${active} of ${maxConcurrent} running${waiting > 0 ? `, ${waiting} waiting` : ''}`
