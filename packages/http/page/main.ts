import { get } from './api.js'
import { createCharts } from './charts.js'
import { createDetail } from './detail.js'
import { createHealth } from './health.js'
import { startLive } from './live.js'
import { createModels } from './models.js'
import { createOverview } from './overview.js'
import { createTickets } from './tickets.js'
import type { Limits, Stats } from './types.js'
import { createViewer } from './viewer.js'

// Everything that changes something asks for a look right after it.
const changed = () => live.now()

const overview = createOverview((status) => viewer.showStatus(status))
const models = createModels(changed)
const detail = createDetail(changed)
const tickets = createTickets(detail.open, changed)
const viewer = createViewer({ changed, open: detail.open, showUser: tickets.show })
const charts = createCharts()
createHealth(changed)

let initialized = false

const live = startLive(async () => {
  if (!initialized) {
    // As the guide has it: the first look creates the limits that are missing.
    await get<Limits>('/limits')
    initialized = true
  }
  const [stats] = await Promise.all([get<Stats>('/stats'), viewer.look(), detail.look()])
  overview(stats)
  models(stats)
  viewer.models(stats.models)
  charts(stats)
})
