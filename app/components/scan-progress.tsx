import { formatCount, formatDuration } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import type { IconName } from "#app/ui/icon.tsx"
import { ProportionBar } from "#app/ui/proportion-bar.tsx"
import type { ScanState as State } from "#server/contract/discovery.ts"

const LOOKS: Record<State, { tone: Tone; icon: IconName }> = {
  requested: { tone: "idle", icon: "clock" },
  running: { tone: "accent", icon: "live" },
  cancelling: { tone: "idle", icon: "clock" },
  done: { tone: "ok", icon: "check" },
  failed: { tone: "bad", icon: "bad" },
  cancelled: { tone: "idle", icon: "close" },
  interrupted: { tone: "warn", icon: "warning" },
}

/** How a scan stands. */
export function ScanState({ state }: { state: State }) {
  const t = useT()
  return <Badge {...LOOKS[state]}>{t(`discovery.scanState.${state}`)}</Badge>
}

export type Progress = {
  state: State
  total: number
  done: number
  found: number
  unknown: number
  perSecond: number | null
}

/** How far a scan is, as a bar and in words. */
export function ScanProgress({ scan }: { scan: Progress }) {
  const t = useT()
  const running = scan.state === "running"
  const text = t("discovery.progress", { done: formatCount(scan.done), total: formatCount(scan.total) })
  const leftMs =
    running && scan.perSecond && scan.done > 0 ? ((scan.total - scan.done) / scan.perSecond) * 1000 : null
  const words = [
    text,
    t("discovery.found", { count: scan.found }),
    scan.unknown > 0 ? t("discovery.unknownCount", { count: scan.unknown }) : null,
    running && scan.perSecond
      ? t("discovery.perSecond", { rate: formatCount(Math.round(scan.perSecond)) })
      : null,
    leftMs !== null && leftMs >= 1_000 ? t("discovery.left", { time: formatDuration(leftMs) }) : null,
  ]
  return (
    <div className="min-w-0 space-y-1">
      <ProportionBar
        label={text}
        parts={[{ tone: running ? "accent" : "ok", value: scan.done }]}
        rest={Math.max(0, scan.total - scan.done)}
      />
      <p className="text-xs text-muted">{words.filter(Boolean).join(" · ")}</p>
    </div>
  )
}

const SHOWN = 3

/** The first of the ranges, and how many more there are. */
export function ScanTargets({ targets }: { targets: string[] }) {
  const t = useT()
  const more = targets.length - SHOWN
  return (
    <span className="break-words" title={targets.slice(0, 50).join(", ")}>
      {targets.slice(0, SHOWN).join(", ")}
      {more > 0 ? <span className="text-muted"> {t("discovery.more", { count: more })}</span> : null}
    </span>
  )
}
