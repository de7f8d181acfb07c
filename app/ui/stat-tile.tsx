import { Link } from "@remix-run/react"
import type { ReactNode } from "react"
import type { Tone } from "./badge.tsx"
import { cx } from "./class-names.ts"

const TONES: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-idle",
  sleep: "text-sleep",
  accent: "text-accent",
}

/** One number, what it is, and the list it was made from. */
export function StatTile({
  label,
  value,
  note,
  to,
  tone,
  icon,
  className,
}: {
  label: string
  value: ReactNode
  note?: ReactNode
  to?: string
  /** Colours the icon only; leave it out where all is well. */
  tone?: Tone
  icon?: ReactNode
  className?: string
}) {
  const inside = (
    <>
      <span className="flex items-center gap-1.5 text-xs text-muted">
        {icon ? <span className={cx("inline-flex", tone && TONES[tone])}>{icon}</span> : null}
        {label}
      </span>
      <span className="mt-0.5 block text-2xl font-semibold leading-8 tracking-tight">{value}</span>
      {note ? <span className="block text-xs text-muted">{note}</span> : null}
    </>
  )
  const box = cx("block min-w-0 rounded-lg border border-line bg-surface px-3 py-2", className)
  return to ? (
    <Link to={to} className={cx(box, "transition-colors hover:border-edge")}>
      {inside}
    </Link>
  ) : (
    <div className={box}>{inside}</div>
  )
}
