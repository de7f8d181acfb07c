import { Link } from "@remix-run/react"
import { requestPath } from "#app/lib/actions.ts"
import { formatCount, formatHashrate, formatPower, formatShare, hashrateUnit } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Icon } from "#app/ui/icon.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { FleetTotals as Totals } from "#server/fleet/read-site-dashboard.ts"
import { StateBar } from "./fleet-totals.tsx"

/** What a row shows of a group's totals. */
export type GroupTotals = ReturnType<typeof groupTotals>
export function groupTotals(totals: Totals) {
  const { active, online, offline, unknown, sleeping, hashrateGhs, powerW } = totals
  const share = totals.ofExpected?.share ?? null
  return { active, online, offline, unknown, sleeping, hashrateGhs, powerW, share }
}

/** A site's machines by something they share; each count leads to its machines. */
export function SiteGroups({
  title,
  column,
  rows,
  count,
  sort,
  slug,
  mayCommand,
}: {
  title: string
  column: string
  rows: { name: string; note: string | null; filter: string; totals: GroupTotals }[]
  /** Groups in all: there may be more than rows. */
  count: number
  sort: "model" | "place"
  slug: string
  /** Each group leads to a command for its machines. */
  mayCommand: boolean
}) {
  const t = useT()
  const unit = hashrateUnit(Math.max(0, ...rows.map((row) => row.totals.hashrateGhs ?? 0)))
  return (
    <Panel
      title={title}
      aside={
        count > rows.length ? (
          <Link to={`/miners?site=${slug}&status=active&sort=${sort}`} className="link">
            {t("sites.dashboard.biggestOf", { shown: rows.length, count })}
          </Link>
        ) : null
      }
      flush
    >
      <Table label={title}>
        <thead>
          <tr>
            <Th>{column}</Th>
            <Th numeric>{t("sites.machines")}</Th>
            <Th numeric>{t("overview.hashrate")}</Th>
            <Th numeric>{t("overview.shareOfExpected")}</Th>
            <Th numeric>{t("overview.power")}</Th>
            {mayCommand ? (
              <Th className="w-8">
                <span className="sr-only">{t("command.choose")}</span>
              </Th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.filter}>
              <Td className="min-w-40">
                {row.name}
                {row.note ? <span className="ml-2 text-xs text-muted">{row.note}</span> : null}
                <div className="mt-1">
                  <StateBar totals={row.totals} />
                </div>
              </Td>
              <Td numeric>
                <Link to={`/miners?site=${slug}&status=active&${row.filter}`} className="link">
                  {formatCount(row.totals.active)}
                </Link>
              </Td>
              <Td numeric>{formatHashrate(row.totals.hashrateGhs, unit)}</Td>
              <Td numeric>{formatShare(row.totals.share)}</Td>
              <Td numeric>{formatPower(row.totals.powerW)}</Td>
              {mayCommand ? (
                <Td className="pl-0">
                  <Link
                    to={requestPath(null, { filter: `site=${slug}&status=active&${row.filter}` })}
                    aria-label={t("sites.dashboard.commandGroup", { name: row.name })}
                    title={t("sites.dashboard.commandGroup", { name: row.name })}
                    className="inline-flex rounded p-1.5 text-muted hover:bg-ink/5 hover:text-accent"
                  >
                    <Icon name="command" />
                  </Link>
                </Td>
              ) : null}
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}
