import { Link } from "@remix-run/react"
import { type Difference, differencesOf } from "#app/lib/differences.ts"
import { formatCount, formatExact } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { AuditRow } from "#server/audit/list-audit.ts"

const SHOWN = 6

/** Rows of the audit log; times in each row's site's zone. */
export function AuditTable({
  rows,
  zones,
  opens,
}: {
  rows: AuditRow[]
  zones: Record<number, string>
  opens: Opens
}) {
  const t = useT()
  const zoneOf = (row: AuditRow) => (row.siteId && zones[row.siteId]) || "UTC"
  return (
    <Table label={t("audit.title")}>
      <thead>
        <tr>
          <Th>{t("audit.when")}</Th>
          <Th>{t("audit.actor")}</Th>
          <Th>{t("audit.what")}</Th>
          <Th>{t("audit.on")}</Th>
          <Th>{t("audit.changes")}</Th>
          <Th numeric>{t("audit.place")}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id} className="align-top">
            <Td className="whitespace-nowrap">
              <When at={row.at} zone={zoneOf(row)} />
            </Td>
            <Td className="whitespace-nowrap">
              <Who row={row} opens={opens} />
              <span className="block text-xs text-muted">
                {[t(`audit.via.${row.source}`), row.address].filter(Boolean).join(", ")}
              </span>
            </Td>
            <Td className="whitespace-nowrap font-mono text-xs leading-6">{row.action}</Td>
            <Td className="whitespace-nowrap">
              <Subject row={row} opens={opens} />
              {row.siteSlug ? (
                <Link to={`/sites/${row.siteSlug}`} className="block text-xs text-muted hover:underline">
                  {row.siteName}
                </Link>
              ) : null}
            </Td>
            <Td className="min-w-72 [overflow-wrap:anywhere]">
              <Changes row={row} zone={zoneOf(row)} />
            </Td>
            <Td numeric className="whitespace-nowrap">
              {row.place === null ? (
                <span className="text-muted">{t("audit.waits")}</span>
              ) : (
                <span title={t("audit.sealed")}>{formatCount(row.place)}</span>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Exact, since it is a record; the zone below. */
function When({ at, zone }: { at: Date; zone: string }) {
  const [day, clock] = formatExact(at, zone).split(" ")
  return (
    <time dateTime={at.toISOString()}>
      {day} {clock}
      <span className="block text-xs text-muted">{zone}</span>
    </time>
  )
}

/** `user:3 a@b.example`, `device:2 North`, `system:job` as a person reads it. */
function Who({ row, opens }: { row: AuditRow; opens: Opens }) {
  const [, name = row.actor] = /^(?:user|device):\d+ (.+)$/.exec(row.actor) ?? []
  const device = /^device:(\d+) /.exec(row.actor)?.[1]
  if (row.userId && opens.user)
    return (
      <Link to={`/settings/users/${row.userId}`} className="link">
        {name}
      </Link>
    )
  if (device && opens.collector)
    return (
      <Link to={`/collectors/${device}`} className="link">
        {name}
      </Link>
    )
  return <>{name}</>
}

/** Which pages open for the reader, whatever the row names. */
export type Opens = { user: boolean; collector: boolean }

const PAGES: Record<string, string> = {
  user: "/settings/users/",
  collector: "/collectors/",
  command: "/commands/",
  miner: "/miners/",
}

function Subject({ row, opens }: { row: AuditRow; opens: Opens }) {
  const shut =
    (row.subjectType === "user" && !opens.user) || (row.subjectType === "collector" && !opens.collector)
  const page = shut ? undefined : PAGES[row.subjectType]
  const id = row.subjectId.length > 16 ? `${row.subjectId.slice(0, 8)}…` : row.subjectId
  if (row.subjectType === "site" && row.siteSlug) return <>{row.subjectType}</>
  return (
    <span title={row.subjectId}>
      {row.subjectType}{" "}
      {page && /^[\da-f-]+$/.test(row.subjectId) ? (
        <Link to={page + row.subjectId} className="link">
          {id}
        </Link>
      ) : (
        id
      )}
    </span>
  )
}

function Changes({ row, zone }: { row: AuditRow; zone: string }) {
  const t = useT()
  const changes = differencesOf(row.before, row.after)
  const details = differencesOf(null, row.details)
  const all = [...changes, ...details]
  const rest = all.slice(SHOWN)
  return (
    <>
      <Lines changes={all.slice(0, SHOWN)} zone={zone} />
      {rest.length > 0 ? (
        <details>
          <summary className="inline-block cursor-pointer text-xs text-muted hover:text-ink hover:underline">
            {t("audit.more", { count: rest.length })}
          </summary>
          <Lines changes={rest} zone={zone} />
        </details>
      ) : null}
    </>
  )
}

function Lines({ changes, zone }: { changes: Difference[]; zone: string }) {
  const t = useT()
  const shown = (value: string | null) =>
    value === null ? (
      <span className="text-muted">{t("audit.empty")}</span>
    ) : (
      <span className="break-words">{timeIn(zone, value)}</span>
    )
  return (
    <ul className="flex flex-wrap gap-x-4">
      {changes.map(({ name, before, after }) => (
        <li key={name} className="leading-6">
          <span className="text-muted">{name}</span>{" "}
          {before === undefined ? null : after === undefined ? (
            <del>{shown(before)}</del>
          ) : (
            <>
              {shown(before)} <span aria-hidden="true">→</span>
              <span className="sr-only">{t("audit.becomes")}</span>{" "}
            </>
          )}
          {after === undefined ? null : shown(after)}
        </li>
      ))}
    </ul>
  )
}

function timeIn(zone: string, value: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) ? formatExact(new Date(value), zone) : value
}
