import { Link } from "@remix-run/react"
import { formatDuration, formatExact } from "#app/lib/format.ts"
import { machineChanges } from "#app/lib/machine-changes.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Tag } from "#app/ui/badge.tsx"
import { cx } from "#app/ui/class-names.ts"
import { Icon } from "#app/ui/icon.tsx"
import { SortTh, Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CommandResultRow } from "#server/commands/list-results.ts"
import { CommandResultStatus } from "./command-status.tsx"
import { ShortTime } from "./short-time.tsx"

/** On a phone the rest stands below the machine's name. */
const WIDE = "hidden sm:table-cell"

/** What a command did to each machine, and whether it showed what the command demands of it. */
export function CommandResults({
  results,
  zone,
  order,
  sign,
  showWave,
}: {
  results: CommandResultRow[]
  zone: string
  order: { sort: string; dir: "asc" | "desc" }
  /** What a machine has to show after the answer. */
  sign: "answered" | "reachable" | "hashing"
  showWave: boolean
}) {
  const t = useT()
  return (
    <Table label={t("commands.page.results")}>
      <thead>
        <tr>
          <SortTh column="name" current={order} label={t("commands.page.machine")} />
          {showWave ? (
            <SortTh column="wave" current={order} label={t("commands.page.wave")} numeric className={WIDE} />
          ) : null}
          <SortTh column="status" current={order} label={t("commands.page.result")} />
          <Th className={WIDE}>{t("commands.page.told")}</Th>
          <SortTh
            column="took"
            current={order}
            label={t("commands.page.took")}
            first="desc"
            numeric
            className={WIDE}
          />
          {sign === "answered" ? null : (
            <SortTh
              column="recovered"
              current={order}
              label={t(`commands.page.${sign}`)}
              first="desc"
              className={WIDE}
            />
          )}
        </tr>
      </thead>
      <tbody>
        {results.map((result) => (
          <Tr key={result.minerId} className="align-top">
            <Td className="min-w-36 sm:min-w-52">
              <Link to={`/miners/${result.minerId}`} className="link whitespace-nowrap font-medium">
                {result.label ?? result.minerKey}
              </Link>
              <span className="block text-xs text-muted">
                {[result.model, result.ip, result.place].filter(Boolean).join(" · ")}
              </span>
              <div className="mt-1 sm:hidden [overflow-wrap:anywhere]">
                <Told result={result} />
                {sign === "answered" || result.resultStatus !== "SUCCEEDED" ? null : (
                  <span className="block text-xs text-muted">
                    {t(`commands.page.${sign}`)}: <Recovery result={result} zone={zone} />
                  </span>
                )}
              </div>
            </Td>
            {showWave ? (
              <Td numeric className={WIDE}>
                {result.wave ?? t("common.unknown")}
              </Td>
            ) : null}
            <Td>
              <CommandResultStatus status={result.resultStatus} code={result.resultCode} />
            </Td>
            <Td className={cx(WIDE, "w-full min-w-56 py-1 [overflow-wrap:anywhere]")}>
              <Told result={result} />
            </Td>
            <Td
              numeric
              className={WIDE}
              title={
                result.startedAt
                  ? `${t("commands.page.started")} ${formatExact(result.startedAt, zone)}`
                  : undefined
              }
            >
              <ShortTime
                ms={
                  result.startedAt && result.finishedAt
                    ? result.finishedAt.getTime() - result.startedAt.getTime()
                    : null
                }
              />
            </Td>
            {sign === "answered" ? null : (
              <Td className={cx(WIDE, "whitespace-nowrap")}>
                <Recovery result={result} zone={zone} />
              </Td>
            )}
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The machine's answer, what changed on it, and what else is known of the attempt. */
function Told({ result }: { result: CommandResultRow }) {
  const t = useT()
  const changes = result.already ? [] : machineChanges(t, result.before, result.after)
  const attempts = result.attempt ?? 0
  const small = [
    result.ran ? t("commands.page.ran", { what: result.ran }) : null,
    attempts > 1 ? t("commands.page.attempt", { count: attempts }) : null,
  ].filter((part) => part !== null)
  const said = result.resultMessage ?? (result.skipReason ? t(`command.skip.${result.skipReason}`) : null)
  return (
    <>
      {result.already ? (
        <span title={t("commands.page.alreadyHint")} className="mr-1.5">
          <Tag>{t("commands.page.already")}</Tag>
        </span>
      ) : null}
      {said ?? (result.already ? null : <span className="text-muted">{t("common.unknown")}</span>)}
      {changes.length === 1 ? <Changes changes={changes} /> : null}
      {changes.length > 1 ? (
        <details className="text-xs">
          <summary className="inline-block cursor-pointer text-muted hover:text-ink hover:underline">
            {t("commands.page.changed", { count: changes.length })}
          </summary>
          <Changes changes={changes} />
        </details>
      ) : null}
      {small.length > 0 || result.backupId ? (
        <span className="block text-xs text-muted">
          {small.join(", ")}
          {result.backupId ? (
            <>
              {small.length > 0 ? " · " : null}
              <Link to={`/backups/${result.backupId}`} className="link">
                {t("commands.page.backup")}
              </Link>
            </>
          ) : null}
        </span>
      ) : null}
    </>
  )
}

/** Settings of the machine before and after. */
function Changes({ changes }: { changes: ReturnType<typeof machineChanges> }) {
  const t = useT()
  return (
    <ul className="text-xs">
      {changes.map((change) => (
        <li key={change.name}>
          <span className="text-muted">{change.name}: </span>
          {change.before !== null && change.after !== null ? (
            <>
              {change.before} <Icon name="right" className="h-3 w-3 text-muted" />
              <span className="sr-only">→</span> <span className="font-medium">{change.after}</span>
            </>
          ) : (
            (change.after ?? t("commands.machine.was", { value: change.before ?? "" }))
          )}
        </li>
      ))}
    </ul>
  )
}

/** An answer is not enough: only the machine's next samples are. */
function Recovery({ result, zone }: { result: CommandResultRow; zone: string }) {
  const t = useT()
  if (result.resultStatus !== "SUCCEEDED") return <span className="text-muted">{t("common.unknown")}</span>
  if (!result.recoveredAt) return <span className="text-muted">{t("commands.page.notYet")}</span>
  const since = result.finishedAt ?? result.startedAt
  if (!since) return <Ago at={result.recoveredAt} zone={zone} />
  return (
    <span title={formatExact(result.recoveredAt, zone)}>
      {t("commands.page.after", { time: formatDuration(result.recoveredAt.getTime() - since.getTime()) })}
    </span>
  )
}
