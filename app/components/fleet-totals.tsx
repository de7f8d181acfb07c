import { formatCount, formatEfficiency, formatHashrate, formatPower, formatShare } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import type { Tone } from "#app/ui/badge.tsx"
import { Icon, type IconName } from "#app/ui/icon.tsx"
import { ProportionBar } from "#app/ui/proportion-bar.tsx"
import { StatTile } from "#app/ui/stat-tile.tsx"
import type { FleetTotals as Totals } from "#server/fleet/read-overview.ts"

const STATES = [
  { name: "online", tone: "ok", icon: "check" },
  { name: "offline", tone: "bad", icon: "bad" },
  { name: "unknown", tone: "idle", icon: "unknown" },
  { name: "hot", tone: "bad", icon: "hot" },
  { name: "sleeping", tone: "sleep", icon: "sleep" },
  { name: "unhealthy", tone: "warn", icon: "warning" },
] as const satisfies readonly { name: keyof Totals; tone: Tone; icon: IconName }[]

/**
 * What a set of machines does now and how it is; every number leads to the machines it counts. `within` is the filter
 * of the list that all of them share, e.g. `site=north`.
 */
export function FleetTotals({ totals, within = "" }: { totals: Totals; within?: string }) {
  const t = useT()
  const machines = (count: number) => t("overview.machines", { count })
  const list = (filter: string) => `/miners?${[within, filter].filter(Boolean).join("&")}`
  const notes: Partial<Record<(typeof STATES)[number]["name"], string>> = {
    unknown: t("overview.unknownHint"),
    hot: t("overview.hotHint"),
    sleeping: t("overview.sleepingHint"),
    unhealthy: t("overview.unhealthyHint"),
  }
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-3">
        <StatTile
          label={t("overview.hashrate")}
          value={formatHashrate(totals.hashrateGhs)}
          note={
            totals.ofExpected
              ? t("overview.ofExpected", {
                  share: formatShare(totals.ofExpected.share),
                  machines: machines(totals.ofExpected.miners),
                })
              : t("overview.expectedUnknown")
          }
          to={list("status=online&sort=share&dir=asc")}
        />
        <StatTile
          label={t("overview.power")}
          value={formatPower(totals.powerW)}
          note={
            totals.powerEstimatedMiners > 0
              ? t("overview.powerEstimated", {
                  machines: machines(totals.powerMiners),
                  estimated: totals.powerEstimatedMiners,
                })
              : t("overview.from", { machines: machines(totals.powerMiners) })
          }
          to={list("status=online&sort=power&dir=desc")}
        />
        <StatTile
          label={t("overview.efficiency")}
          value={formatEfficiency(totals.efficiencyJTh)}
          note={t("overview.from", { machines: machines(totals.efficiencyMiners) })}
          to={list("status=online&sort=efficiency&dir=desc")}
        />
      </div>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        {STATES.map(({ name, tone, icon }) => (
          <StatTile
            key={name}
            label={t(`overview.${name}`)}
            value={formatCount(totals[name])}
            note={
              notes[name] ??
              (totals.active > 0
                ? t("overview.ofAll", {
                    share: formatShare(totals[name] / totals.active),
                    machines: machines(totals.active),
                  })
                : null)
            }
            to={list(`status=${name}`)}
            tone={totals[name] > 0 || name === "online" ? tone : undefined}
            icon={<Icon name={icon} />}
          />
        ))}
      </div>
    </div>
  )
}

/** How machines divide: mining, sleeping, offline, unknown. */
export function StateBar({
  totals,
}: {
  totals: Pick<Totals, "online" | "sleeping" | "offline" | "unknown">
}) {
  const t = useT()
  const { online, sleeping, offline, unknown } = totals
  return (
    <ProportionBar
      label={t("overview.stateBar", { online, sleeping, offline, unknown })}
      parts={[
        { tone: "ok", value: online - sleeping },
        { tone: "sleep", value: sleeping },
        { tone: "bad", value: offline },
        { tone: "idle", value: unknown },
      ]}
    />
  )
}
