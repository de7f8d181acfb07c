import { formatDuration } from "#app/lib/format.ts"
import { useNow } from "#app/lib/now.tsx"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import type { CollectorRow } from "#server/collectors/collector-row.ts"

/** Whether a collector is heard of. */
export function CollectorState({ state }: Pick<CollectorRow, "state">) {
  const t = useT()
  const text = t(`collectors.states.${state}`)
  if (state === "online")
    return (
      <Badge tone="ok" icon="check">
        {text}
      </Badge>
    )
  return state === "silent" ? (
    <Badge tone="bad" icon="bad">
      {text}
    </Badge>
  ) : (
    <Badge tone="idle" icon="close">
      {text}
    </Badge>
  )
}

/** What a collector has read and not uploaded yet, with the age of the oldest. */
export function SpoolDepth({ spool }: Pick<CollectorRow, "spool">) {
  const t = useT()
  const now = useNow()
  if (!spool) return <>{t("common.unknown")}</>
  if (spool.samples === 0) return <span className="text-muted">{t("collectors.spoolEmpty")}</span>
  return (
    <span>
      {t("collectors.spoolSamples", { count: spool.samples })}
      {spool.oldest_at ? (
        <span className="text-muted">
          {", "}
          {t("collectors.spoolOldest", { age: formatDuration(now - new Date(spool.oldest_at).getTime()) })}
        </span>
      ) : null}
    </span>
  )
}

/** Over this a clock is worth a look. */
const CLOCK_OFF_MS = 2_000

/** How far a collector's clock is from ours. */
export function ClockOffset({ ms }: { ms: number | null }) {
  const t = useT()
  if (ms === null) return <>{t("common.unknown")}</>
  const away = Math.abs(ms)
  const time = away < 1_000 ? t("collectors.ms", { ms: away }) : formatDuration(away)
  const text =
    away < 50
      ? t("collectors.clockRight")
      : ms > 0
        ? t("collectors.clockAhead", { time })
        : t("collectors.clockBehind", { time })
  return away < CLOCK_OFF_MS ? (
    <span className="whitespace-nowrap">{text}</span>
  ) : (
    <Badge tone="warn" icon="clock" title={t("collectors.clockHint")}>
      {text}
    </Badge>
  )
}

/** The machines that a collector knows, as it tells itself. */
export function KnownMachines({ known, online }: { known: number | null; online: number | null }) {
  const t = useT()
  if (known === null) return <>{t("common.unknown")}</>
  return <>{t("collectors.machinesOnline", { online: online ?? 0, known })}</>
}
