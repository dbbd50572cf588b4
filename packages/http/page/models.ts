import { LIMIT_MAX, messageOf, post, put } from './api.js'
import { ask, say } from './dialogs.js'
import { byId, h, keyedList, replace, setAttribute, setText, type View } from './dom.js'
import { count, duration, plural } from './format.js'
import { createLimitEditor } from './limit-editor.js'
import type { Limits, Model, Stats } from './types.js'
import { createUsage } from './usage.js'

const HEADINGS = [
  'Model',
  'Slots in use',
  'Waiting',
  'A newcomer waits',
  'Average run',
  'Limit',
  'Admissions',
]

function createRow(first: Model, changed: () => void): View<Model> {
  const { modelId } = first
  const usage = createUsage(modelId)
  const waiting = h('td', { 'data-label': 'Waiting' })
  const wait = h('td', { 'data-label': 'A newcomer waits' })
  const run = h('td', { 'data-label': 'Average run' })
  const type = h('span', { class: 'chip' })
  const editor = createLimitEditor(modelId, changed)
  const toggle = h('button', { type: 'button' })
  let paused = first.paused
  toggle.addEventListener('click', async () => {
    toggle.disabled = true
    try {
      await put('/limits', { modelId, paused: !paused })
      say(paused ? `${modelId} starts generations again` : `${modelId} is paused; what runs goes on`)
      changed()
    } catch (error) {
      say(messageOf(error), 'bad')
    }
    toggle.disabled = false
  })
  const node = h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('span', { class: 'model' }, modelId), type),
    h('td', { 'data-label': 'Slots in use' }, usage.node),
    waiting,
    wait,
    run,
    h('td', { 'data-label': 'Limit' }, editor.node),
    h('td', { 'data-label': 'Admissions' }, toggle),
  )
  return {
    node,
    update(model) {
      paused = model.paused
      usage.update(model)
      editor.update(model.maxConcurrent)
      setText(type, model.modelType)
      setText(
        waiting,
        count(model.waiting) + (model.delayed > 0 ? ` + ${count(model.delayed)} to retry` : ''),
      )
      setText(
        wait,
        model.paused
          ? 'paused'
          : model.estimatedWait === 0
            ? 'not at all'
            : `about ${duration(model.estimatedWait * 1_000)}`,
      )
      setText(run, duration(model.runMsAverage))
      setText(toggle, model.paused ? 'Resume' : 'Pause')
      setAttribute(toggle, 'aria-label', `${model.paused ? 'Resume' : 'Pause'} ${modelId}`)
      setAttribute(node, 'data-paused', model.paused ? '' : null)
    },
  }
}

/** A model that is not there yet. */
function createAddForm(changed: () => void): HTMLElement {
  const id = h('input', {
    name: 'modelId',
    required: true,
    maxlength: 191,
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const type = h('select', { name: 'modelType' }, h('option', {}, 'image'), h('option', {}, 'video'))
  const limit = h('input', {
    name: 'maxConcurrent',
    type: 'number',
    min: 1,
    max: LIMIT_MAX,
    value: Math.min(2, LIMIT_MAX),
    required: true,
  })
  const problem = h('p', { class: 'problem', role: 'alert' })
  const details = h('details', { class: 'more' }, h('summary', {}, 'Add a model'))
  const add = async () => {
    try {
      await put('/limits', {
        modelId: id.value.trim(),
        modelType: type.value,
        maxConcurrent: limit.valueAsNumber,
      })
      say(`${id.value.trim()} may run ${plural(limit.valueAsNumber, 'generation')} at once`)
      id.value = ''
      details.open = false
      replace(problem)
      changed()
    } catch (error) {
      replace(problem, messageOf(error))
    }
  }
  details.append(
    h(
      'form',
      {
        class: 'line',
        onsubmit: (event) => {
          event.preventDefault()
          void add()
        },
      },
      h('label', {}, 'Model id', id),
      h('label', {}, 'Type', type),
      h('label', {}, 'Limit', limit),
      h('button', { class: 'primary' }, 'Add'),
      problem,
    ),
  )
  return details
}

const initialize = (changed: () => void) =>
  ask({
    title: 'Create the missing default limits?',
    text: ['Models that already have a limit keep it.'],
    action: 'Create what is missing',
    async run() {
      const { limits } = await post<Limits>('/initialize')
      changed()
      return `${plural(limits.length, 'model')} now have a limit`
    },
  })

export function createModels(changed: () => void): (stats: Stats) => void {
  const summary = h('p', { class: 'summary' })
  const body = h('tbody')
  byId('models').append(
    h(
      'div',
      { class: 'heading' },
      h('h2', { id: 'models-title' }, 'Models'),
      summary,
      h('button', { type: 'button', onclick: () => void initialize(changed) }, 'Create missing defaults'),
    ),
    h(
      'div',
      { class: 'panel scroll', tabindex: 0, role: 'region', 'aria-label': 'Models and their limits' },
      h(
        'table',
        { class: 'models' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            HEADINGS.map((heading) => h('th', { scope: 'col' }, heading)),
          ),
        ),
        body,
      ),
    ),
    createAddForm(changed),
  )
  const show = keyedList<Model>(
    body,
    ({ modelId }) => modelId,
    (model) => createRow(model, changed),
  )
  return ({ models }) => {
    show(models)
    const full = models.filter(({ atCapacity }) => atCapacity).length
    const paused = models.filter((model) => model.paused).length
    setText(
      summary,
      [
        plural(models.length, 'model'),
        full > 0 && `${count(full)} at capacity`,
        paused > 0 && `${count(paused)} paused`,
      ]
        .filter(Boolean)
        .join(', '),
    )
  }
}
