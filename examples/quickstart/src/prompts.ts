import { readTextFile } from './trace-file.js'
import { UsageError } from './usage-error.js'

/** What the demo asks for unless given a file. */
export const PROMPTS: readonly string[] = [
  'a lighthouse on a cliff above a stormy sea',
  'snow on a mountain at dawn',
  'a city street at night, neon in the rain',
  'two planets and a ring of dust',
  'a fox in an autumn forest',
  'stained glass with a rose in the middle',
  'smoke that turns into music',
  'a sailing boat at sunset',
  'the skyline of a desert city at noon',
  'a purple galaxy behind a small moon',
  'a valley of tulips under a blue sky',
  'pine trees in fog',
  'a dream about ink and marble',
  'a mandala of butterfly wings',
  'an island with one house on it',
  'a robot waiting for the last train',
  'a castle in the hills, early morning',
  'a rocket leaving a red planet',
  'an owl in a dark garden',
  'the wind, painted in gold',
  'a harbour full of lanterns',
  'a glacier that glows from inside',
  'a shop that sells stars',
  'a canyon after the rain',
  'a bridge between two towers',
  'a pattern of leaves and water',
  'a whale under the northern lights',
  'a bear at the edge of a lake',
  'chaos, but calm',
  'a volcano under a violet sky',
  'a comet over a quiet village',
  'a jungle seen from above',
  'fire and glass',
  'a beach with white sand at midnight',
  'a train through a winter forest',
  'a portrait of the moon',
]

const PROMPTS_MAX = 10_000

/** The first column of a file, its heading left out when there is one; throws UsageError. */
export function readPrompts(path: string): readonly string[] {
  const cells = readTextFile(path)
    .split(/\r?\n/)
    .map((line) => (line.split('\t')[0] as string).trim())
    .filter((cell) => cell !== '')
  if (cells[0]?.toLowerCase() === 'prompt') cells.shift()
  if (cells.length === 0) throw new UsageError(`${path}: no prompt in its first column`)
  return cells.slice(0, PROMPTS_MAX)
}
