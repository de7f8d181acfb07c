import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { Ago } from "#app/ui/time.tsx"

export type MinerCondition = {
  status: "online" | "offline" | "unknown"
  hot: boolean
  sleeping: boolean
  stale: boolean
  needsLogin?: boolean
  /** By the thermal guard. */
  held?: boolean
  health?: "healthy" | "warning" | "critical" | "offline" | null
  state?: "active" | "spare" | "retired"
}

/**
 * How a machine is, in a word and a shape; more than one where more than one holds. `brief`, for lists: what is wrong
 * with a machine stands instead of *online*.
 */
export function MinerStatus({ miner, brief }: { miner: MinerCondition; brief?: boolean }) {
  const t = useT()
  const wrong = miner.hot || miner.health === "warning" || miner.health === "critical"
  return (
    <span className="inline-flex flex-wrap items-center gap-1 align-middle">
      {brief && wrong && miner.status === "online" && !miner.sleeping ? null : <MainStatus miner={miner} />}
      {miner.hot ? (
        <Badge tone="bad" icon="hot">
          {t("miners.status.hot")}
        </Badge>
      ) : null}
      {miner.status === "online" &&
      !miner.hot &&
      (miner.health === "warning" || miner.health === "critical") ? (
        <Badge
          tone={miner.health === "critical" ? "bad" : "warn"}
          icon={miner.health === "critical" ? "bad" : "warning"}
        >
          {t(`miners.health.${miner.health}`)}
        </Badge>
      ) : null}
      {miner.held ? (
        <Badge tone="warn" icon="hot" title={t("thermal.holds.body")}>
          {t("thermal.holds.badge")}
        </Badge>
      ) : null}
      {miner.needsLogin ? (
        <Badge tone="warn" icon="warning">
          {t("miners.status.needs_login")}
        </Badge>
      ) : null}
      {miner.stale ? (
        <Badge tone="warn" icon="clock">
          {t("common.stale")}
        </Badge>
      ) : null}
      {miner.state && miner.state !== "active" ? (
        <Badge tone="idle">{t(`miners.state.${miner.state}`)}</Badge>
      ) : null}
    </span>
  )
}

function MainStatus({ miner }: { miner: MinerCondition }) {
  const t = useT()
  if (miner.status === "offline")
    return (
      <Badge tone="bad" icon="bad">
        {t("miners.status.offline")}
      </Badge>
    )
  if (miner.status === "unknown")
    return (
      <Badge tone="idle" icon="unknown">
        {t("miners.status.unknown")}
      </Badge>
    )
  if (miner.sleeping)
    return (
      <Badge tone="sleep" icon="sleep">
        {t("miners.status.sleeping")}
      </Badge>
    )
  return (
    <Badge tone="ok" icon="check">
      {t("miners.status.online")}
    </Badge>
  )
}

/** Of when the figures are. */
export function Freshness({ at, stale, zone }: { at: Date | null; stale: boolean; zone: string }) {
  const t = useT()
  if (!at) return <span className="text-muted">{t("miners.neverReported")}</span>
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-muted">
      {t("miners.readingFrom")} <Ago at={at} zone={zone} />
      {stale ? (
        <Badge tone="warn" icon="clock">
          {t("common.stale")}
        </Badge>
      ) : null}
    </span>
  )
}
