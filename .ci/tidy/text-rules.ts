import { EVENTS, STATUSES } from '../../packages/core/src/rules.js'
import { type Finding, type Rule, SCRIPT, type Tree } from './tree.js'

interface TextRule {
  readonly name: string
  readonly where: (path: string) => boolean
  readonly refuses: RegExp
  readonly message: string
}

const CODE = /\.(lua|sql|css|html|sh)$/
// The lists below are put together from halves, so that this file does not refuse itself.
const UNFINISHED = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK']
const HOMES = ['w' + 'ork', 'ro' + 'ot', 'ho' + 'me', 'Us' + 'ers']
const IGNORES = ['@ts-' + 'ignore', '@ts-' + 'nocheck']
const REGISTRIES = ['registry\\.' + 'npmjs', 'registry\\.' + 'yarnpkg']

// Migrations and schema files say which status a column starts with, which is data of the table, not a rule.
const STORAGE_SCRIPT =
  /^packages\/(?!core\/)[^/]+\/(lua|sql|src\/.*)(\/|$).*\.(lua|sql)$|^packages\/(?!core\/)[^/]+\/.*\.lua$/
const quoted = (words: readonly string[]) => new RegExp(`(['"])(${words.join('|')})\\1`)

const TEXT_RULES: readonly TextRule[] = [
  {
    name: 'unfinished',
    where: (path) => SCRIPT.test(path) || CODE.test(path),
    refuses: new RegExp(`\\b(${UNFINISHED.join('|')})\\b`),
    message: 'finish it, or write down what is missing where users read it',
  },
  {
    name: 'compiler-silenced',
    where: (path) => SCRIPT.test(path),
    refuses: new RegExp(IGNORES.join('|')),
    message: 'say the type instead; a test of what must not compile may use @ts-expect-error',
  },
  {
    name: 'machine-path',
    where: () => true,
    refuses: new RegExp(`(?<![\\w.~$}/-])/(${HOMES.join('|')})/[a-z.]`),
    message: 'a path of one machine',
  },
  {
    name: 'registry-host',
    where: () => true,
    refuses: new RegExp(REGISTRIES.join('|')),
    message: 'the registry is whatever the reader has set up',
  },
  {
    name: 'storage-names-rule',
    where: (path) => STORAGE_SCRIPT.test(path),
    refuses: quoted([...STATUSES, ...EVENTS]),
    message: 'statuses and events stand in the rule tables of core only; a storage carries out their moves',
  },
]

function findText(rule: TextRule, tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const [path, text] of tree) {
    if (!rule.where(path)) continue
    for (const [index, line] of text.split('\n').entries()) {
      const match = rule.refuses.exec(line)
      if (match === null) continue
      const message = `${match[0].trim()}: ${rule.message}`
      findings.push({ rule: rule.name, path, line: index + 1, message, severity: 'error' })
    }
  }
  return findings
}

export const textRules: readonly Rule[] = TEXT_RULES.map((rule) => ({
  name: rule.name,
  find: (tree) => findText(rule, tree),
}))
