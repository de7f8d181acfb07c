import type { ReactNode } from "react"
import { cx } from "./class-names.ts"
import { Icon, type IconName } from "./icon.tsx"

export type Tone = "ok" | "warn" | "bad" | "idle" | "sleep" | "accent"
const TONES: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn bg-warn/10 border-warn/30",
  bad: "text-bad bg-bad/10 border-bad/30",
  idle: "text-idle bg-idle/10 border-idle/25",
  sleep: "text-sleep bg-sleep/10 border-sleep/25",
  accent: "text-accent bg-accent/10 border-accent/25",
}

/** A state: its word, its shape and its colour together. What is well stays quiet (no box). */
export function Badge({
  tone,
  icon,
  children,
  title,
}: {
  tone: Tone
  icon?: IconName
  children: ReactNode
  title?: string
}) {
  return (
    <span title={title} className={cx("badge", tone === "ok" ? "border-transparent" : "px-1.5", TONES[tone])}>
      {icon ? <Icon name={icon} className="h-3.5 w-3.5" /> : null}
      {children}
    </span>
  )
}

/** A word that sorts things, without a state. */
export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className="inline-block rounded-sm bg-ink/5 px-1.5 text-xs leading-5 text-ink">{children}</span>
  )
}
