import { Link } from "@remix-run/react"
import { formatDuration, formatExact } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CommandDetail } from "#server/commands/read-command.ts"
import { CommandResultStatus } from "./command-status.tsx"
import { ShortTime } from "./short-time.tsx"

type Result = CommandDetail["results"][number]

/** What a command did to each machine, and for a reboot whether it came back. */
export function CommandResults({
  results,
  zone,
  showRecovery,
}: {
  results: Result[]
  zone: string
  showRecovery: boolean
}) {
  const t = useT()
  return (
    <Table label={t("commands.page.results")}>
      <thead>
        <tr>
          <Th>{t("commands.page.machine")}</Th>
          <Th>{t("commands.page.result")}</Th>
          <Th>{t("commands.page.told")}</Th>
          <Th numeric>{t("commands.page.took")}</Th>
          {showRecovery ? <Th>{t("commands.page.recovered")}</Th> : null}
        </tr>
      </thead>
      <tbody>
        {results.map((result) => (
          <Tr key={result.minerId}>
            <Td className="whitespace-nowrap">
              <Link to={`/miners/${result.minerId}`} className="link font-medium">
                {result.label ?? result.minerKey}
              </Link>
              <span className="block text-xs text-muted">
                {[result.model, result.ip, result.place].filter(Boolean).join(" · ")}
              </span>
            </Td>
            <Td>
              <CommandResultStatus status={result.resultStatus} code={result.resultCode} />
            </Td>
            <Td className="w-full min-w-64">
              {result.resultMessage ?? <span className="text-muted">{t("common.unknown")}</span>}
              {result.ran || (result.attempt ?? 0) > 1 ? (
                <span className="block text-xs text-muted">
                  {[
                    result.ran ? t("commands.page.ran", { what: result.ran }) : null,
                    (result.attempt ?? 0) > 1
                      ? t("commands.page.attempt", { count: result.attempt ?? 0 })
                      : null,
                  ]
                    .filter(Boolean)
                    .join(", ")}
                </span>
              ) : null}
            </Td>
            <Td
              numeric
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
            {showRecovery ? (
              <Td className="whitespace-nowrap">
                <Recovery result={result} />
              </Td>
            ) : null}
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Accepted is not back: only hashing again is. */
function Recovery({ result }: { result: Result }) {
  const t = useT()
  if (result.resultStatus !== "SUCCEEDED") return <span className="text-muted">{t("common.unknown")}</span>
  if (!result.recoveredAt) return <span className="text-muted">{t("commands.page.notYet")}</span>
  const since = result.finishedAt ?? result.startedAt
  if (!since) return <Ago at={result.recoveredAt} />
  return (
    <>{t("commands.page.after", { time: formatDuration(result.recoveredAt.getTime() - since.getTime()) })}</>
  )
}
