import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import '@fontsource-variable/geist/wght.css'
import './styles/theme.css'
import './styles/controls.css'
import './styles/frame.css'
import './styles/door.css'
import './styles/composer.css'
import './styles/gallery.css'
import './styles/card.css'
import './styles/waiting.css'
import './styles/viewer.css'

export const metadata: Metadata = {
  title: 'genqueue studio',
  description: 'Pictures from prompts, in their turn',
}
export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
