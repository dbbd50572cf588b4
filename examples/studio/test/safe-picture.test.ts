import { expect, it } from 'vitest'
import { safePicture } from '../components/safe-picture.js'

const ADDRESSES: readonly (readonly [address: string, shown: boolean])[] = [
  ['https://img.example/1.png', true],
  ['http://localhost:3000/pictures/1.png', true],
  ['data:image/png;base64,AAAA', true],
  ['javascript:alert(1)', false],
  [' javascript:alert(1)', false],
  ['JavaScript:alert(1)', false],
  ['data:text/html,<script>alert(1)</script>', false],
  ['data:image/svg+xml,<svg onload="alert(1)"/>', false],
  ['blob:https://evil.example/1', false],
  ['/relative.png', false],
]

it.each(ADDRESSES)('%s is shown as a picture: %s', (address, shown) => {
  expect(safePicture(address)).toBe(shown ? address : null)
})
