import { Link } from "@remix-run/react"
import { UNKNOWN } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { BackupRow } from "#server/backups/list-backups.ts"
import { BackupCheck, BackupKind } from "./backup-state.tsx"

/** Backups, newest first. On a machine's own page its columns are left out (`ofOne`). */
export function BackupTable({
  rows,
  showSite,
  ofOne,
}: {
  rows: BackupRow[]
  showSite?: boolean
  ofOne?: boolean
}) {
  const t = useT()
  return (
    <Table label={t("backups.title")}>
      <thead>
        <tr>
          <Th>{t("backups.name")}</Th>
          {ofOne ? null : <Th>{t("backups.machine")}</Th>}
          <Th>{t("backups.kind")}</Th>
          {ofOne ? null : <Th>{t("backups.model")}</Th>}
          <Th>{t("backups.checked")}</Th>
          {showSite ? <Th>{t("backups.site")}</Th> : null}
          {ofOne ? null : <Th>{t("backups.by")}</Th>}
          <Th>{t("backups.taken")}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td className="min-w-32 max-w-80">
              <Link to={`/backups/${row.id}`} className="link font-medium">
                {row.name}
              </Link>
              {row.description && !ofOne ? (
                <span className="block truncate text-xs text-muted" title={row.description}>
                  {row.description}
                </span>
              ) : null}
            </Td>
            {ofOne ? null : (
              <Td className="whitespace-nowrap">
                {row.minerExists ? (
                  <Link to={`/miners/${row.minerId}`} className="link">
                    {row.minerName}
                  </Link>
                ) : (
                  <span className="text-muted">{t("backups.gone")}</span>
                )}
              </Td>
            )}
            <Td className="whitespace-nowrap">
              <BackupKind kind={row.kind} />
            </Td>
            {ofOne ? null : (
              <Td>
                {row.model ?? UNKNOWN}
                {row.firmwareVersion ? (
                  <span className="block text-xs text-muted">{row.firmwareVersion}</span>
                ) : null}
              </Td>
            )}
            <Td className="whitespace-nowrap">
              <BackupCheck problems={row.problems} />
            </Td>
            {showSite ? (
              <Td className="whitespace-nowrap">
                <Link to={`/sites/${row.siteSlug}`} className="link">
                  {row.siteName}
                </Link>
              </Td>
            ) : null}
            {ofOne ? null : <Td className="whitespace-nowrap">{row.createdByName ?? UNKNOWN}</Td>}
            <Td className="text-muted">
              <Ago at={row.createdAt} zone={row.timezone} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
