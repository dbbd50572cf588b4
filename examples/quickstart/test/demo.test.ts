import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { renderPicture } from '../src/render/index.js'
import { escapeHtml } from '../src/sheet.js'

const folder = mkdtempSync(join(tmpdir(), 'genqueue-demo-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const root = fileURLToPath(new URL('../../../', import.meta.url))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Runs the demo as a user does; answers exit code and output. */
function demo(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
  const child = spawn(
    process.execPath,
    [tsx, '--tsconfig', 'tsconfig.base.json', 'examples/quickstart/src/main.ts', ...args],
    { cwd: root },
  )
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

describe('pictures', () => {
  it('are the same bytes for the same prompt, seed and model, and others otherwise', () => {
    const picture = (overrides = {}) =>
      renderPicture({ prompt: 'a fox in a forest', seed: 1, modelId: 'm', size: 32, ...overrides })
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(picture())).toBe(hash(picture()))
    const others = [picture({ prompt: 'a fox' }), picture({ seed: 2 }), picture({ modelId: 'n' })]
    expect(new Set([picture(), ...others].map(hash)).size).toBe(4)
  })

  it('are valid PNG files of the size asked for, and not of one colour', () => {
    const png = Buffer.from(renderPicture({ prompt: 'the sea', seed: 3, modelId: 'm', size: 48 }))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([48, 48])
    const length = png.readUInt32BE(33)
    expect(png.subarray(37, 41).toString()).toBe('IDAT')
    const rows = inflateSync(png.subarray(41, 41 + length))
    expect(rows).toHaveLength(48 * (48 * 3 + 1))
    expect(new Set(rows).size).toBeGreaterThan(20)
  })
})

describe('the demo', () => {
  it('runs to its end in plain lines, with books that add up and a page of pictures', async () => {
    const out = join(folder, 'out')
    const prompts = file('prompts.tsv', 'Prompt\tCategory\n<script>alert("x")</script>\tnone\na lake\tnone\n')
    const { code, out: text } = await demo('--prompts', prompts, '--count', '40', '--out', out)
    expect(text).toContain('adds up')
    expect(text).not.toContain('DOES NOT ADD UP')
    expect(text).toContain('never exceeded')
    expect(text).toContain('all hold')
    expect(text).toMatch(/recovered +[1-9]/)
    expect(text).not.toContain('\x1b[')
    expect(code).toBe(0)
    const page = readFileSync(join(out, 'index.html'), 'utf8')
    expect(page).not.toContain('<script')
    expect(page).toContain('&lt;script&gt;')
    const picture = page.match(/src="(pictures\/\d+\.png)"/)?.[1] as string
    expect(readFileSync(join(out, picture)).subarray(1, 4).toString()).toBe('PNG')
  }, 60_000)

  it('replays a trace in simulated time', async () => {
    const lines = Array.from(
      { length: 300 },
      (_, i) =>
        `${i * 10},U${i % 5},M,TXT_2_IMG,1,30,${i % 50 === 0 ? 'FAILED' : 'SUCCEED'},${20 + (i % 7)}.0`,
    )
    const trace = file(
      'trace.csv',
      [
        'arrival_s,user,model,kind,images,steps,status,run_s',
        ...lines,
        '9999,U1,M,TXT_2_IMG,1,30,PENDING,',
      ].join('\n'),
    )
    const { code, out } = await demo('--trace', trace)
    expect(out).toContain('300 over 0.0 days; 1 never ended')
    expect(out).toMatch(/estimate error +median/)
    expect(out).toContain('all hold')
    expect(code).toBe(0)
  })

  const bad: [what: string, args: string[], message: RegExp][] = [
    ['an unknown option', ['--fast'], /--fast/],
    ['a word too many', ['now'], /now/],
    ['a count in words', ['--count', 'many'], /--count takes a whole number from 10 to 1000/],
    ['a speed without a trace', ['--speed', '5'], /--speed goes with --trace/],
    ['a file that is not there', ['--prompts', join(folder, 'absent.tsv')], /cannot be read \(ENOENT\)/],
    ['a folder for a file', ['--trace', folder], /cannot be read \(EISDIR\)/],
    [
      'a trace with other columns',
      ['--trace', file('columns.csv', 'a,b,c\n1,2,3\n')],
      /first line must be arrival_s/,
    ],
    [
      'a trace with a word for a number',
      [
        '--trace',
        file('word.csv', 'arrival_s,user,model,kind,images,steps,status,run_s\nsoon,U,M,T,1,30,SUCCEED,3\n'),
      ],
      /line 2: arrival_s is not a number/,
    ],
    ['an empty file', ['--prompts', file('empty.tsv', '')], /no prompt/],
  ]
  it.each(bad)('meets %s with one clear line and exit code 2', async (_what, args, message) => {
    const { code, out, err } = await demo(...args)
    expect(code).toBe(2)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toMatch(message)
    expect(out).toBe('')
  })

  it('explains itself', async () => {
    const { code, out } = await demo('--help')
    expect(code).toBe(0)
    for (const option of ['--prompts', '--trace', '--speed', '--out', '--count', '--seed'])
      expect(out).toContain(option)
  })
})

describe('the contact sheet', () => {
  it('has nothing of a prompt as markup', () => {
    expect(escapeHtml(`<img src=x onerror='a("b")'>&`)).toBe(
      '&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;',
    )
  })
})
