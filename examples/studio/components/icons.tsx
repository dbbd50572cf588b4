import type { ReactNode } from 'react'

/** 24 units wide, drawn in the colour of the text around; decoration only, so nothing is read aloud. */
const Icon = ({ children }: { readonly children: ReactNode }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    {children}
  </svg>
)

export const TicketIcon = () => (
  <Icon>
    <path d="M4 7h16v3.2a1.8 1.8 0 0 0 0 3.6V17H4v-3.2a1.8 1.8 0 0 0 0-3.6zM14.5 7v1.4m0 2.8v1.6m0 2.8V17" />
  </Icon>
)
export const SparkIcon = () => (
  <Icon>
    <path d="M12 4l1.9 5.1L19 11l-5.1 1.9L12 18l-1.9-5.1L5 11l5.1-1.9zM18.5 16v4m-2-2h4" />
  </Icon>
)
export const DiceIcon = () => (
  <Icon>
    <rect x="4.5" y="4.5" width="15" height="15" rx="3.5" />
    <path strokeWidth={2.6} d="M9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01" />
  </Icon>
)
export const WarningIcon = () => (
  <Icon>
    <path d="M12 4.5l8.5 15h-17zM12 10v4.2M12 17h.01" />
  </Icon>
)
export const StoppedIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8" />
    <path d="M6.5 6.5l11 11" />
  </Icon>
)
export const CloseIcon = () => (
  <Icon>
    <path d="M6 6l12 12M18 6L6 18" />
  </Icon>
)
export const FilmIcon = () => (
  <Icon>
    <rect x="3.5" y="6" width="12" height="12" rx="2.5" />
    <path d="M15.5 11l5-3v8l-5-3z" />
  </Icon>
)
