/** What to ask for, for those who only want to see something happen. */
export const IDEAS: readonly string[] = [
  'a lighthouse on a cliff above a stormy sea',
  'a fox in an autumn forest, first light',
  'a city street at night, neon in the rain',
  'two planets and a ring of dust',
  'snow on a mountain at dawn',
  'stained glass with a rose in the middle',
  'a whale under the northern lights',
  'smoke that turns into music',
  'a castle in the hills, early morning',
  'a robot waiting for the last train',
  'a purple galaxy behind a small moon',
  'a mandala of butterfly wings',
]

/** The next idea; another one than what is there. */
export const nextIdea = (prompt: string): string =>
  IDEAS[(IDEAS.indexOf(prompt) + 1) % IDEAS.length] as string
