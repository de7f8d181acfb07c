import { Link, useSearchParams } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CommandListRow } from "#server/commands/list-commands.ts"
import { CommandCounts } from "./command-counts.tsx"
import { CommandStatus, HaltedMark, useCommandName } from "./command-status.tsx"
import { ShortTime } from "./short-time.tsx"

/** On a phone the rest stands below the command. */
const WIDE = "hidden md:table-cell"

/** Commands row by row: what, where it stands, what it did, who asked and when. */
export function CommandHistory({ rows, showSite }: { rows: CommandListRow[]; showSite: boolean }) {
  const t = useT()
  const nameOf = useCommandName()
  return (
    <Table label={t("commands.title")}>
      <thead>
        <tr>
          <Th>{t("commands.command")}</Th>
          <Th>{t("commands.state")}</Th>
          <Th className={WIDE}>{t("commands.targets")}</Th>
          <Th className={cx(WIDE, "w-64")}>{t("commands.results")}</Th>
          {showSite ? <Th className={WIDE}>{t("commands.site")}</Th> : null}
          <Th className={WIDE}>{t("commands.by")}</Th>
          <Th className={WIDE}>{t("commands.asked")}</Th>
          <Th numeric className={WIDE}>
            {t("commands.took")}
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id} className="align-top">
            <Td className="min-w-40">
              <Link to={`/commands/${row.id}`} className="link font-medium">
                {nameOf(row.type, row.parameters)}
              </Link>
              {row.note ? (
                <span className="block max-w-64 truncate text-xs text-muted" title={row.note}>
                  {row.note}
                </span>
              ) : null}
              <div className="mt-1 space-y-1 text-xs md:hidden">
                <CommandCounts counts={row} />
                <p className="text-muted">
                  <Targets row={row} />
                  {showSite ? `, ${row.siteName}` : null}
                  {", "}
                  {row.requestedByName ?? t("commands.someone")},{" "}
                  <Ago at={row.requestedAt} zone={row.timezone} />
                </p>
              </div>
            </Td>
            <Td className="whitespace-nowrap">
              <State row={row} />
            </Td>
            <Td className={cx(WIDE, "whitespace-nowrap")}>
              <Targets row={row} />
            </Td>
            <Td className={cx(WIDE, "min-w-48")}>
              <CommandCounts counts={row} />
            </Td>
            {showSite ? (
              <Td className={cx(WIDE, "whitespace-nowrap")}>
                <Link to={`/sites/${row.siteSlug}`} className="link">
                  {row.siteName}
                </Link>
              </Td>
            ) : null}
            <Td className={cx(WIDE, "whitespace-nowrap")}>
              <Asker row={row} />
            </Td>
            <Td className={WIDE}>
              <Ago at={row.requestedAt} zone={row.timezone} />
            </Td>
            <Td numeric className={WIDE}>
              <ShortTime
                ms={
                  row.startedAt && row.finishedAt ? row.finishedAt.getTime() - row.startedAt.getTime() : null
                }
              />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The machine, or how many. */
function Targets({ row }: { row: CommandListRow }) {
  const t = useT()
  if (!row.minerId) return <>{t("commands.machines", { count: row.targets })}</>
  return (
    <Link to={`/miners/${row.minerId}`} className="link">
      {row.minerLabel}
    </Link>
  )
}

/** The status, and how far a command in waves is. */
function State({ row }: { row: CommandListRow }) {
  const t = useT()
  return (
    <>
      {row.haltedAt ? <HaltedMark /> : <CommandStatus status={row.status} />}
      {row.status === "RUNNING" && row.waves > 1 ? (
        <span className="block text-xs text-muted">
          {t("commands.waveOf", { wave: row.releasedWave, waves: row.waves })}
        </span>
      ) : null}
    </>
  )
}

/** Who asked, with all that he asked for; and from where, if not from these pages. */
function Asker({ row }: { row: CommandListRow }) {
  const t = useT()
  const [search] = useSearchParams()
  const to = new URLSearchParams(search)
  to.delete("page")
  to.set("by", String(row.requestedBy))
  return (
    <>
      {row.requestedBy !== null && row.requestedByName ? (
        <Link to={`/commands?${to}`} className="hover:underline" preventScrollReset>
          {row.requestedByName}
        </Link>
      ) : (
        t("commands.someone")
      )}
      {row.source === "manual" ? null : (
        <span className="block text-xs text-muted">{t(`commands.page.sources.${row.source}`)}</span>
      )}
    </>
  )
}
