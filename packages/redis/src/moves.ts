import { type Move, type Place, STATUS_TABLE, STATUSES, type Status } from '@genqueue/core'
import type { Packer } from './pack.js'

/** Places as the scripts know them. */
export const PLACE_NUMBERS = { waiting: 1, leased: 2, done: 3 } as const satisfies Record<Place, number>

const inPlace = (place: Place): readonly Status[] =>
  STATUSES.filter((status) => STATUS_TABLE[status].place === place)
export const WAITING_STATUSES = inPlace('waiting')
export const LEASED_STATUSES = inPlace('leased')
/** Those that have an index of their own; what holds a slot stands in the set of slots taken. */
export const INDEXED_STATUSES = [...WAITING_STATUSES, ...inPlace('done')]

/** What a script needs of a move that starts a generation, or queues a new one: its labels, and where it goes. */
export function packEntry(packer: Packer, { event, from, to, toPlace }: Move): void {
  packer.text(event)
  if (from !== null) packer.text(from)
  packer.text(to).number(PLACE_NUMBERS[toPlace])
}

/** A move in the order of lua/include/move.lua; statuses and events are labels that the scripts only compare. */
export function packMove(packer: Packer, move: Move): void {
  packer.list(12).text(move.event).textOrNone(move.from).text(move.to)
  packer.number(move.fromPlace === null ? 0 : PLACE_NUMBERS[move.fromPlace])
  packer.number(PLACE_NUMBERS[move.toPlace])
  packer.number(move.slot).number(move.reserve).number(move.capture)
  packer.text(move.guard).text(move.attempts).text(move.attempt)
  packer.number(move.measuresRun ? 1 : 0)
}
