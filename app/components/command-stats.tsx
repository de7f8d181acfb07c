import { Link, useSearchParams } from "@remix-run/react"
import { formatCount, formatShare } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { CommandStats } from "#server/commands/command-stats.ts"

const COUNTS = [
  { name: "successful", status: "SUCCEEDED" },
  { name: "failed", status: "unsuccessful" },
  { name: "pending", status: "open" },
] as const

/** How the commands of the last 24 hours went, each number with the list that it counts. */
export function CommandStatistics({ stats }: { stats: CommandStats }) {
  const t = useT()
  const to = useListOfDay()
  return (
    <section aria-label={t("commands.stats.title")} className="mb-4">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span className="font-semibold">{t("commands.stats.title")}</span>
        {stats.total === 0 ? (
          <span className="text-muted">{t("commands.stats.none")}</span>
        ) : (
          <>
            <Link to={to({})} className="link">
              {t("commands.stats.total", { count: stats.total })}
            </Link>
            {COUNTS.filter(({ name }) => stats[name] > 0).map(({ name, status }) => (
              <Link key={name} to={to({ status })} className="link">
                {t(`commands.stats.${name}`, { count: stats[name] })}
              </Link>
            ))}
          </>
        )}
      </p>
      {stats.total > 0 ? (
        <details className="mt-1">
          <summary className="inline-block cursor-pointer text-xs text-accent hover:underline">
            {t("commands.stats.byType")}
          </summary>
          <div className="mt-1 max-w-3xl rounded-lg border border-line bg-surface">
            <ByType stats={stats} />
          </div>
        </details>
      ) : null}
    </section>
  )
}

function ByType({ stats }: { stats: CommandStats }) {
  const t = useT()
  const to = useListOfDay()
  return (
    <Table label={t("commands.stats.byType")}>
      <thead>
        <tr>
          <Th>{t("commands.stats.type")}</Th>
          <Th numeric>{t("commands.stats.totalColumn")}</Th>
          <Th numeric>{t("commands.stats.successfulColumn")}</Th>
          <Th numeric>{t("commands.stats.failedColumn")}</Th>
          <Th numeric>{t("commands.stats.pendingColumn")}</Th>
          <Th numeric className="hidden sm:table-cell">
            {t("commands.stats.machinesColumn")}
          </Th>
        </tr>
      </thead>
      <tbody>
        {stats.byType.map((row) => (
          <Tr key={row.type}>
            <Td className="whitespace-nowrap">{t(`command.type.${row.type}`)}</Td>
            <Td numeric>
              <Link to={to({ type: row.type })} className="link">
                {formatCount(row.total)}
              </Link>
            </Td>
            {COUNTS.map(({ name, status }) => (
              <Td key={name} numeric>
                {row[name] > 0 ? (
                  <Link to={to({ type: row.type, status })} className="link">
                    {formatCount(row[name])}
                  </Link>
                ) : (
                  <span className="text-muted">0</span>
                )}
              </Td>
            ))}
            <Td numeric className="hidden sm:table-cell">
              {t("commands.stats.share", {
                done: formatCount(row.targetsSucceeded),
                all: formatCount(row.targets),
              })}{" "}
              <span className="text-muted">
                ({formatShare(row.targets > 0 ? row.targetsSucceeded / row.targets : null, 0)})
              </span>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The list of the last 24 hours; what else narrows the page stays, but for the state, the type and the dates. */
function useListOfDay(): (narrow: { type?: string; status?: string }) => string {
  const [search] = useSearchParams()
  return (narrow) => {
    const to = new URLSearchParams(search)
    for (const name of ["page", "status", "type", "from", "to"]) to.delete(name)
    to.set("last", "day")
    for (const [name, value] of Object.entries(narrow)) to.set(name, value)
    return `/commands?${to}`
  }
}
