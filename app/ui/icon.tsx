import type { ReactNode } from "react"
import { cx } from "./class-names.ts"

const PATHS = {
  overview: <path d="M2.5 13.5v-5m3.7 5v-9m3.6 9v-6m3.7 6V2.5" />,
  site: <path d="M2 13.5h12M3.5 13.5v-7l4.5-4 4.5 4v7M6.5 13.5v-4h3v4" />,
  miner: <path d="M2.5 4.5h11v7h-11zM5 7.2h3M5 9h3m2.2-2.4v2.8m1.6-2.8v2.8" />,
  command: <path d="m3 4 4 4-4 4m5.5.5H13" />,
  approval: <path d="m3 8.5 3 3 7-7.5" />,
  collector: <path d="M8 13.5v-5M5.2 11a4 4 0 1 1 5.6 0M3.2 13a6.8 6.8 0 1 1 9.6 0M8 8.2v.1" />,
  template: <path d="M3 2.5h10v3.2H3zM3 8.2h4.5v5.3H3zM10 8.2h3v5.3h-3z" />,
  backup: <path d="M2.5 3h11v3h-11zM3.5 6v7.5h9V6M6.5 8.8h3" />,
  firmware: (
    <path d="M4.5 4.5h7v7h-7zM6.5 2v2.5m3-2.5v2.5m-3 7V14m3-2.5V14M2 6.5h2.5m-2.5 3h2.5m7-3H14m-2.5 3H14" />
  ),
  user: <path d="M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8Zm-5 5.5c.4-2.6 2.3-4 5-4s4.6 1.4 5 4" />,
  client: <path d="M2.5 5.5h11v8h-11zM6 5.5v-2h4v2M2.5 9h11" />,
  audit: <path d="M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2.5" />,
  settings: <path d="M2.5 4.5h6m3.5 0h1.5M2.5 11.5H4m3.5 0h6M10 2.8v3.4M5.7 9.8v3.4" />,
  menu: <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  up: <path d="m4 10 4-4 4 4" />,
  down: <path d="m4 6 4 4 4-4" />,
  left: <path d="m10 4-4 4 4 4" />,
  right: <path d="m6 4 4 4-4 4" />,
  search: <path d="M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2" />,
  plus: <path d="M8 3v10M3 8h10" />,
  check: <path d="m3 8.5 3 3 7-7.5" />,
  warning: <path d="M8 2.5 14 13.5H2zM8 6.5v3.2m0 1.7v.1" />,
  bad: <path d="M5.3 2.5h5.4l2.8 2.8v5.4l-2.8 2.8H5.3l-2.8-2.8V5.3zM5.8 5.8l4.4 4.4m0-4.4-4.4 4.4" />,
  unknown: (
    <path d="M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM6.3 6.5c.1-2.3 3.5-2.1 3.4-.1 0 1.3-1.7 1.4-1.7 2.7m0 1.7v.1" />
  ),
  sleep: <path d="M12.8 10A5.5 5.5 0 1 1 7.2 2.8 4.4 4.4 0 0 0 12.8 10Z" />,
  clock: <path d="M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM8 5v3.2l2.2 1.3" />,
  hot: <path d="M6.5 9.2V3.5a1.5 1.5 0 0 1 3 0v5.7a2.6 2.6 0 1 1-3 0ZM8 6.5v4" />,
  live: (
    <path d="M8 8.1v-.2M5.2 10.8a4 4 0 0 1 0-5.6m5.6 0a4 4 0 0 1 0 5.6M3.2 12.8a6.8 6.8 0 0 1 0-9.6m9.6 0a6.8 6.8 0 0 1 0 9.6" />
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof PATHS

/** A line drawing in the text's colour; decoration only, the word stands beside it. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg viewBox="0 0 16 16" className={cx("icon", className)} aria-hidden="true">
      {PATHS[name]}
    </svg>
  )
}
