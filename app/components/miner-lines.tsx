import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import type { MinerRow } from "#server/fleet/list-miners.ts"

/** What a line shows of a machine. */
export type MinerLine = ReturnType<typeof minerLine>
export function minerLine(miner: MinerRow) {
  const { id, name, place, model, hot, health, tempMaxC, shareOfExpected } = miner
  return { id, name, place, model, hot, health, tempMaxC, shareOfExpected }
}

/** Machines that are online, a line each, with one figure. */
export function MinerLines({ miners, value }: { miners: MinerLine[]; value: (miner: MinerLine) => string }) {
  return (
    <ul className="divide-y divide-line/70">
      {miners.map((miner) => (
        <li key={miner.id} className="flex items-center gap-2 px-3 py-1.5">
          <span className="min-w-0 flex-1 truncate">
            <Link to={`/miners/${miner.id}`} className="link font-medium">
              {miner.name}
            </Link>
            <span className="ml-2 text-xs text-muted">{miner.place ?? miner.model}</span>
          </span>
          <Trouble miner={miner} />
          <span className="w-20 text-right">{value(miner)}</span>
        </li>
      ))}
    </ul>
  )
}

/** What is not well about a machine that is online; nothing where all is. */
function Trouble({ miner }: { miner: MinerLine }) {
  const t = useT()
  if (miner.hot)
    return (
      <Badge tone="bad" icon="hot">
        {t("miners.status.hot")}
      </Badge>
    )
  if (miner.health !== "warning" && miner.health !== "critical") return null
  const critical = miner.health === "critical"
  return (
    <Badge tone={critical ? "bad" : "warn"} icon={critical ? "bad" : "warning"}>
      {t(`miners.health.${miner.health}`)}
    </Badge>
  )
}
