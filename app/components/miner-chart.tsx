import { useMemo } from "react"
import { type Columns, knownSpan, timesOf } from "#app/lib/chart-data.ts"
import { formatHashrate, formatPower, formatTemp, hashrateUnit } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { TimeChart } from "./chart/time-chart.tsx"

export const MINER_COLUMNS = ["hashrateGhs", "expectedGhs", "tempMaxC", "powerW", "online"] as const

/** A machine's day: rate against expected, heat and power under each other on one time; offline is shaded. */
export function MinerChart({
  series,
  zone,
}: {
  series: Columns<(typeof MINER_COLUMNS)[number]>
  zone: string
}) {
  const t = useT()
  const times = useMemo(() => timesOf(series), [series])
  const { hashrateGhs, expectedGhs, tempMaxC, powerW, online } = series.values
  if (!online.some((one) => one !== null)) return <EmptyState title={t("miner.noHistory")} />
  const span = knownSpan(series)
  const unit = hashrateUnit(Math.max(...[...hashrateGhs, ...expectedGhs].map((ghs) => ghs ?? 0)))
  const common = {
    times,
    span,
    zone,
    marked: online.map((one) => one === 0),
    markedLabel: t("miner.offline"),
  }
  const expected = expectedGhs.some((ghs) => ghs !== null)
    ? [{ label: t("miner.expected"), values: expectedGhs, look: "reference" as const }]
    : []
  return (
    <div className="space-y-4">
      <TimeChart
        {...common}
        title={t("miner.hashrateChart")}
        format={(ghs) => formatHashrate(ghs, unit)}
        series={[{ label: t("miner.measured"), values: hashrateGhs }, ...expected]}
      />
      <TimeChart
        {...common}
        title={t("miner.tempChart")}
        format={formatTemp}
        fromZero={false}
        series={[{ label: t("miner.measured"), values: tempMaxC }]}
      />
      {powerW.some((watts) => watts !== null) ? (
        <TimeChart
          {...common}
          title={t("miner.powerChart")}
          format={formatPower}
          series={[{ label: t("miner.measured"), values: powerW }]}
        />
      ) : null}
    </div>
  )
}
