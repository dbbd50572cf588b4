import { createHash } from 'node:crypto'
import {
  ACTIVE_STARTS_MAX,
  BALANCE_MAX,
  HISTOGRAM_BOUNDS_MS,
  HOUR_MS,
  PRIORITY_MAX,
  RECENT_RUNS_MAX,
  TIMELINE_MAX,
} from '@genqueue/core'
import { COMMANDS, INCLUDES } from './generated/scripts.js'
import { PLACE_NUMBERS } from './moves.js'

/** Most delayed generations that one call promotes before it asks to be sent again. */
const PROMOTE_MAX = 1_000
/** Live rows after which a page of audited users ends early. */
const AUDIT_ROWS_MAX = 20_000

/** Core's constants and ours, by the names that the Lua uses: they stand in one place each. */
const CONSTANTS = {
  TIMELINE_MAX,
  HOUR_MS,
  PRIORITY_MAX,
  BALANCE_MAX,
  PROMOTE_MAX,
  AUDIT_ROWS_MAX,
  RUNS_MAX: RECENT_RUNS_MAX,
  STARTS_MAX: ACTIVE_STARTS_MAX,
  BINS_MAX: HISTOGRAM_BOUNDS_MS.length,
  IN_QUEUE: PLACE_NUMBERS.waiting,
  IN_SLOT: PLACE_NUMBERS.leased,
  OUT: PLACE_NUMBERS.done,
}

export type ScriptName = keyof typeof COMMANDS

export interface Script {
  readonly name: ScriptName
  readonly source: string
  readonly sha1: string
}

const INCLUDE_LINE = /^-- include: (.+)$/gm
/** Constants of the Lua: capitals, and a literal each. */
const CONSTANT_LINE = /^ *local ([A-Z_]+(?:, [A-Z_]+)*) =\s+((?:\d+|'[^']*')(?:, (?:\d+|'[^']*'))*)\n/gm
const STRING_OR_CONSTANT = /'[^']*'|\b[A-Z][A-Z_]*\b/g
const KEY_LINE = /^local ([A-Z_]+) = BASE .*\n/gm

const expand = (code: string): string =>
  code.replace(INCLUDE_LINE, (_line, names: string) =>
    names
      .split(' ')
      .map((name) => expand(INCLUDES[name] as string))
      .join(''),
  )

const usesOf = (name: string, code: string) => code.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0

/** Puts the values of `local A, B = 1, 'x'` in the place of those names: a literal costs nothing, a local on every call. */
function inlineConstants(code: string, values: Map<string, string>): string {
  const rest = code.replace(CONSTANT_LINE, (_line, names: string, literals: string) => {
    const all = literals.split(', ')
    for (const [i, name] of names.split(', ').entries()) values.set(name, all[i] as string)
    return ''
  })
  return rest.replace(STRING_OR_CONSTANT, (word) => values.get(word) ?? word)
}

/** A script runs from its first line on every call, so what a command does not use is left out of it. */
function compose(name: ScriptName): Script {
  const whole = expand(COMMANDS[name])
  const code = whole.replace(KEY_LINE, (line, key: string) => (usesOf(key, whole) > 1 ? line : ''))
  const values = new Map(Object.entries(CONSTANTS).map(([constant, value]) => [constant, String(value)]))
  const source = inlineConstants(code, values)
  return { name, source, sha1: createHash('sha1').update(source).digest('hex') }
}

/** Every command's script, ready to be called by its digest. */
export const SCRIPTS = Object.fromEntries(
  (Object.keys(COMMANDS) as ScriptName[]).map((name) => [name, compose(name)]),
) as Readonly<Record<ScriptName, Script>>
