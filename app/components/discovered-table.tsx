import { Link } from "@remix-run/react"
import { familyName } from "#app/lib/family-name.ts"
import { formatShare, UNKNOWN } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import type { IconName } from "#app/ui/icon.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { DiscoveredState as State } from "#server/contract/discovery.ts"
import type { DiscoveredRow } from "#server/discovery/list-discovered.ts"
import type { Selection } from "./use-selection.ts"

/** The form that the ticks of the rows belong to. */
export const DISCOVERED_FORM = "discovered-selection"
/** Under this a machine only looks like one of its family. */
const SURE = 0.8

const LOOKS: Record<State, { tone: Tone; icon: IconName }> = {
  new: { tone: "accent", icon: "plus" },
  accepted: { tone: "ok", icon: "check" },
  ignored: { tone: "idle", icon: "close" },
  known: { tone: "ok", icon: "miner" },
  gone: { tone: "idle", icon: "unknown" },
}

function DiscoveredState({ state }: { state: State }) {
  const t = useT()
  return (
    <Badge {...LOOKS[state]} title={t(`discovery.stateHints.${state}`)}>
      {t(`discovery.states.${state}`)}
    </Badge>
  )
}

/** Found machines by address; with `selection` each row can be chosen. */
export function DiscoveredTable({
  rows,
  selection,
  showCollector,
}: {
  rows: DiscoveredRow[]
  selection?: Selection | undefined
  showCollector: boolean
}) {
  const t = useT()
  return (
    <Table label={t("discovery.inbox")}>
      <thead>
        <tr>
          {selection ? (
            <Th className="w-8 pr-0">
              <input
                type="checkbox"
                aria-label={t("discovery.selectPage")}
                checked={selection.pageState === "all"}
                ref={(box) => {
                  if (box) box.indeterminate = selection.pageState === "some"
                }}
                onChange={selection.togglePage}
                className="block h-4 w-4 accent-accent"
              />
            </Th>
          ) : null}
          <Th>{t("discovery.column.address")}</Th>
          <Th>{t("discovery.column.machine")}</Th>
          <Th className="hidden md:table-cell">{t("discovery.column.firmware")}</Th>
          <Th className="hidden lg:table-cell">{t("discovery.column.ids")}</Th>
          <Th>{t("discovery.column.state")}</Th>
          {showCollector ? <Th className="hidden xl:table-cell">{t("discovery.column.collector")}</Th> : null}
          <Th className="hidden sm:table-cell">{t("discovery.column.seen")}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id} selected={selection?.has(row.id)}>
            {selection ? (
              <Td className="pr-0">
                <input
                  type="checkbox"
                  form={DISCOVERED_FORM}
                  name="ids"
                  value={row.id}
                  checked={selection.has(row.id)}
                  onChange={() => selection.toggle(row.id)}
                  aria-label={t("discovery.selectOne", { address: row.address })}
                  className="block h-4 w-4 accent-accent"
                />
              </Td>
            ) : null}
            <Td className="whitespace-nowrap font-mono text-xs">
              {row.address}
              {row.rpcPort === 4028 ? null : `:${row.rpcPort}`}
              <span className="block text-muted" title={t("discovery.column.ports")}>
                {row.ports.join(" ")}
              </span>
            </Td>
            <Td title={t("discovery.evidence", { evidence: row.evidence.join("; ") })}>
              <span className="block">{[row.make, row.model].filter(Boolean).join(" ") || UNKNOWN}</span>
              <span className="block text-xs text-muted">
                {familyName(row.family)}
                {row.confidence < SURE
                  ? ` · ${t("discovery.unsure", { share: formatShare(row.confidence, 0) })}`
                  : null}
                {row.needsLogin ? (
                  <span className="font-medium text-warn"> · {t("discovery.needsLogin")}</span>
                ) : null}
              </span>
            </Td>
            <Td className="hidden max-w-52 md:table-cell">
              {row.firmware ?? UNKNOWN}
              {row.firmwareVersion ? (
                <span className="block truncate text-xs text-muted" title={row.firmwareVersion}>
                  {row.firmwareVersion}
                </span>
              ) : null}
            </Td>
            <Td className="hidden whitespace-nowrap font-mono text-xs lg:table-cell">
              {row.serial ?? UNKNOWN}
              <span className="block text-muted">{row.mac ?? UNKNOWN}</span>
            </Td>
            <Td>
              <DiscoveredState state={row.state} />
              {row.miner ? (
                <Link to={`/miners/${row.miner.id}`} className="link block max-w-40 truncate text-xs">
                  {row.miner.name}
                </Link>
              ) : null}
              {row.movedFrom ? (
                <span className="block text-xs text-warn">
                  {t("discovery.movedFrom", { address: row.movedFrom })}
                </span>
              ) : null}
              {row.decidedByName ? (
                <span className="block text-xs text-muted">
                  {t("discovery.by", { name: row.decidedByName })}
                </span>
              ) : null}
            </Td>
            {showCollector ? (
              <Td className="hidden whitespace-nowrap xl:table-cell">
                {row.siteName}
                <span className="block text-xs text-muted">{row.deviceName}</span>
              </Td>
            ) : null}
            <Td className="hidden text-muted sm:table-cell">
              <Ago at={row.lastSeenAt} zone={row.timezone} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
