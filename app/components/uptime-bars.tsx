import { formatShare } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import type { UptimeDay } from "#server/status/read-status-page.ts"

const BAR = 8
const GAP = 3
const HEIGHT = 40
const FILLS = { ok: "fill-ok", warn: "fill-warn", bad: "fill-bad" } as const

export function uptimeTone(share: number): keyof typeof FILLS {
  return share >= 0.95 ? "ok" : share >= 0.5 ? "warn" : "bad"
}

/** A day a bar, the height its share, so that colour is not the only sign; a stub is a day that was not measured. */
export function UptimeBars({ days, summary }: { days: UptimeDay[]; summary: string }) {
  const t = useT()
  const width = days.length * (BAR + GAP) - GAP
  return (
    <svg
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-12 w-full"
      role="img"
      aria-label={t("status.barsLabel", { days: days.length, summary })}
    >
      {days.map(({ day, share }, index) => {
        const height = share === null ? 3 : Math.max(6, share * HEIGHT)
        return (
          <rect
            key={day}
            x={index * (BAR + GAP)}
            y={HEIGHT - height}
            width={BAR}
            height={height}
            className={share === null ? "fill-idle/40" : FILLS[uptimeTone(share)]}
          >
            <title>{`${day}: ${share === null ? t("status.notMeasured") : formatShare(share)}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
