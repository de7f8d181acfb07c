import {
  formatCount,
  formatDuration,
  formatEfficiency,
  formatHashrate,
  formatPower,
  formatShare,
  formatTemp,
  UNKNOWN,
} from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { cx } from "#app/ui/class-names.ts"
import { Definitions } from "#app/ui/definitions.tsx"
import { StatTile } from "#app/ui/stat-tile.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { MinerPageFacts } from "#server/fleet/read-miner.ts"

type Facts = Pick<MinerPageFacts, "miner" | "live" | "site">

/** The few figures that say how a machine does; a dash where it is not online. */
export function MinerFigures({ miner, live, site }: Facts) {
  const t = useT()
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <StatTile
        label={t("miner.hashrateNow")}
        value={formatHashrate(miner.hashrateGhs)}
        note={live ? `${t("miner.hashrateAverage")}: ${formatHashrate(live.hashrateGhs)}` : null}
      />
      <StatTile
        label={t("miner.ofExpected")}
        value={formatShare(miner.shareOfExpected)}
        note={
          miner.expectedGhs === null ? null : `${t("miner.expected")}: ${formatHashrate(miner.expectedGhs)}`
        }
      />
      <StatTile
        label={t("miner.hottest")}
        value={<span className={cx(miner.hot && "text-bad")}>{formatTemp(miner.tempMaxC)}</span>}
        note={t("miner.hottestOf", { limit: formatTemp(site.chipWarningC) })}
      />
      <StatTile
        label={t("miner.power")}
        value={formatPower(miner.powerW)}
        note={miner.powerEstimated ? t("miner.powerEstimated") : null}
      />
      <StatTile
        className="col-span-2 lg:col-span-1"
        label={t("miner.efficiency")}
        value={formatEfficiency(miner.efficiencyJTh)}
        note={`${t("miner.uptime")}: ${formatDuration(miner.uptimeS === null ? null : miner.uptimeS * 1000)}`}
      />
    </div>
  )
}

/** What a person has to know before he reads the figures. */
export function ConditionNote({ miner, zone }: { miner: Facts["miner"]; zone: string }) {
  const t = useT()
  if (miner.collectedAt === null) return <Alert tone="info">{t("miner.noSample")}</Alert>
  if (miner.status === "unknown") return <Alert tone="warn">{t("miner.unknownNow")}</Alert>
  if (miner.status === "offline")
    return (
      <Alert tone="bad">
        {t("miner.offlineNow")} <Ago at={miner.offlineSince} zone={zone} />. {t("miner.lastFigures")}
      </Alert>
    )
  return null
}

/** The rest of its last sample. */
export function SampleDetails({ live }: { live: NonNullable<Facts["live"]> }) {
  const t = useT()
  const items = [
    {
      term: t("miner.frequency"),
      value: live.frequencyAvg,
      text: (mhz: number) => t("miner.mhz", { mhz: mhz.toFixed(0) }),
    },
    {
      term: t("miner.voltage"),
      value: live.voltageAvg,
      text: (volts: number) => t("miner.volts", { volts: volts.toFixed(2) }),
    },
    { term: t("miner.inlet"), value: live.temperatureInlet, text: formatTemp },
    { term: t("miner.outlet"), value: live.temperatureOutlet, text: formatTemp },
    { term: t("miner.hardwareErrors"), value: live.hardwareErrors, text: formatCount },
    {
      term: t("miner.latency"),
      value: live.latencyMs,
      text: (ms: number) => t("miner.milliseconds", { ms: ms.toFixed(0) }),
    },
  ]
  return (
    <Definitions
      items={[
        {
          term: t("miner.shares"),
          value:
            live.acceptedShares === null
              ? UNKNOWN
              : t("miner.sharesText", {
                  accepted: formatCount(live.acceptedShares),
                  rejected: formatCount(live.rejectedShares),
                  stale: formatCount(live.staleShares),
                }),
        },
        {
          term: t("miner.powerMode"),
          value: live.powerMode ? t(`miner.powerModes.${live.powerMode}`) : UNKNOWN,
        },
        { term: t("miner.fans"), value: <Fans speeds={live.fanSpeeds} /> },
        ...items.map(({ term, value, text }) => ({ term, value: value === null ? UNKNOWN : text(value) })),
      ]}
    />
  )
}

function Fans({ speeds }: { speeds: (number | null)[] | null }) {
  const t = useT()
  if (!speeds || speeds.length === 0) return <>{UNKNOWN}</>
  const fans = speeds.map((speed, index) => ({ name: t("miner.fanNumber", { number: index + 1 }), speed }))
  return (
    <ul className="flex flex-wrap gap-x-3">
      {fans.map(({ name, speed }) => (
        <li key={name} title={name} className={cx(speed === 0 && "font-semibold text-bad")}>
          {speed === null ? UNKNOWN : t("miner.rpm", { speed: formatCount(speed) })}
          {speed === 0 ? ` · ${t("miner.fanStopped")}` : null}
        </li>
      ))}
    </ul>
  )
}
