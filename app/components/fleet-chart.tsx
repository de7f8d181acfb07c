import { useMemo } from "react"
import { type Columns, knownSpan, timesOf } from "#app/lib/chart-data.ts"
import { formatHashrate, formatPower, hashrateUnit } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { TimeChart } from "./chart/time-chart.tsx"

/** What `FleetChart` takes: `columnsOf(await readSiteSeries(…), FLEET_COLUMNS)`. */
export const FLEET_COLUMNS = ["hashrateGhs", "expectedGhs", "powerW"] as const

/** Hashrate against expected, and power, of a site or of everything. */
export function FleetChart({
  series,
  zone,
}: {
  series: Columns<(typeof FLEET_COLUMNS)[number]>
  zone: string
}) {
  const t = useT()
  const times = useMemo(() => timesOf(series), [series])
  const { hashrateGhs, expectedGhs, powerW } = series.values
  if (!hashrateGhs.some((ghs) => ghs !== null)) return <EmptyState title={t("overview.noHistory")} />
  const span = knownSpan(series)
  const unit = hashrateUnit(Math.max(...[...hashrateGhs, ...expectedGhs].map((ghs) => ghs ?? 0)))
  return (
    <div className="space-y-4">
      <TimeChart
        title={t("overview.hashrate")}
        {...{ times, span, zone }}
        format={(ghs) => formatHashrate(ghs, unit)}
        series={[
          { label: t("overview.measured"), values: hashrateGhs },
          { label: t("overview.expected"), values: expectedGhs, look: "reference" },
        ]}
      />
      <TimeChart
        title={t("overview.power")}
        {...{ times, span, zone }}
        format={formatPower}
        series={[{ label: t("overview.measured"), values: powerW }]}
      />
    </div>
  )
}
