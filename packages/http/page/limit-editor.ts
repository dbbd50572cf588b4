import { LIMIT_MAX, messageOf, put } from './api.js'
import { say } from './dialogs.js'
import { h, replace, setAttribute } from './dom.js'

const LIMIT_MIN = 1

/** A number field that follows the server until somebody types in it. */
export function createLimitEditor(modelId: string, changed: () => void) {
  let current = 0
  const input = h('input', {
    type: 'number',
    min: LIMIT_MIN,
    max: LIMIT_MAX,
    step: 1,
    required: true,
    inputmode: 'numeric',
    'aria-label': `Limit of ${modelId}`,
  })
  const save = h('button', { class: 'primary', 'aria-label': `Save the limit of ${modelId}` }, 'Save')
  const problem = h('p', { class: 'problem', role: 'alert' })
  const node = h('form', { class: 'limit', novalidate: true }, input, save, problem)

  const dirty = () => input.value !== String(current)
  const check = () => {
    const value = Number(input.value)
    const wrong =
      input.value.trim() === '' || !Number.isInteger(value) || value < LIMIT_MIN || value > LIMIT_MAX
    replace(problem, wrong && dirty() ? `A whole number from ${LIMIT_MIN} to ${LIMIT_MAX}` : null)
    setAttribute(input, 'aria-invalid', wrong && dirty() ? 'true' : null)
    save.disabled = wrong || !dirty()
    node.classList.toggle('dirty', dirty())
    return wrong ? null : value
  }
  const submit = async () => {
    const value = check()
    if (value === null || !dirty()) return
    save.disabled = true
    try {
      await put('/limits', { modelId, maxConcurrent: value })
      current = value
      check()
      say(`${modelId} may now run ${value} at once`)
      changed()
    } catch (error) {
      replace(problem, messageOf(error))
      save.disabled = false
    }
  }
  input.addEventListener('input', check)
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    input.value = String(current)
    check()
  })
  node.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })
  return {
    node,
    update(maxConcurrent: number) {
      if (maxConcurrent === current) return
      const untouched = !dirty() || current === 0
      current = maxConcurrent
      if (untouched) input.value = String(maxConcurrent)
      check()
    },
  }
}
