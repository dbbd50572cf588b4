import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Finished pictures as files, each under an address that nobody can guess, as a provider would keep them. The queue stores
 * the address only: whoever lists generations should not have to move megabytes.
 */
const FOLDER = process.env.STUDIO_PICTURES ?? './pictures'
/** The oldest go first. */
const KEPT_MAX = 1_000
const TYPES: Readonly<Record<string, string>> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' }
/** Names begin with the time, so that they sort by age. */
const NAME = /^\d{13,15}-[0-9a-f-]{36}\.(png|jpg|webp)$/

/** Read at run time only: nothing in there is part of the build. */
const pathOf = (name: string) => join(/* turbopackIgnore: true */ FOLDER, name)

/** Where this app is reached; Next sets PORT to the one it listens on. */
const origin = () => process.env.STUDIO_URL ?? `http://localhost:${process.env.PORT ?? 3000}`

/** Answers the address of the picture. */
export async function savePicture(bytes: Uint8Array, mediaType: string): Promise<string> {
  const ending = Object.keys(TYPES).find((key) => TYPES[key] === mediaType)
  if (ending === undefined) throw new Error(`a picture of type ${mediaType} cannot be kept`)
  const name = `${Date.now()}-${randomUUID()}.${ending}`
  await mkdir(/* turbopackIgnore: true */ FOLDER, { recursive: true })
  await writeFile(pathOf(name), bytes)
  const names = (await readdir(/* turbopackIgnore: true */ FOLDER)).filter((other) => NAME.test(other)).sort()
  const tooMany = names.slice(0, Math.max(0, names.length - KEPT_MAX))
  // Another request may have removed it already.
  await Promise.all(tooMany.map((other) => unlink(pathOf(other)).catch(() => {})))
  return `${origin()}/pictures/${name}`
}

/** The picture of this name; null when there is none. */
export async function readPicture(name: string): Promise<{ bytes: Buffer; mediaType: string } | null> {
  const ending = NAME.exec(name)?.[1]
  if (ending === undefined) return null
  const bytes = await readFile(pathOf(name)).catch(() => null)
  return bytes && { bytes, mediaType: TYPES[ending] as string }
}
