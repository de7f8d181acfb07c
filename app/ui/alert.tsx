import type { ReactNode } from "react"
import { cx } from "./class-names.ts"
import { Icon, type IconName } from "./icon.tsx"

export type AlertTone = "ok" | "warn" | "bad" | "info"
const TONES: Record<AlertTone, { box: string; icon: IconName }> = {
  ok: { box: "border-ok/40 bg-ok/10 [&>svg]:text-ok", icon: "check" },
  warn: { box: "border-warn/40 bg-warn/10 [&>svg]:text-warn", icon: "warning" },
  bad: { box: "border-bad/40 bg-bad/10 [&>svg]:text-bad", icon: "bad" },
  info: { box: "border-line bg-raised [&>svg]:text-muted", icon: "unknown" },
}

/** One sentence that matters here and now. `bad` and `warn` are read aloud at once. */
export function Alert({
  tone,
  children,
  className,
}: {
  tone: AlertTone
  children: ReactNode
  className?: string
}) {
  const { box, icon } = TONES[tone]
  return (
    <div
      role={tone === "bad" || tone === "warn" ? "alert" : "status"}
      className={cx("flex items-start gap-2 rounded border px-3 py-2", box, className)}
    >
      <Icon name={icon} className="mt-0.5" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  )
}
