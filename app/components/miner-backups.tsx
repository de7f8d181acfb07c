import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { Panel } from "#app/ui/panel.tsx"
import type { BackupRow } from "#server/backups/list-backups.ts"
import { BackupTable } from "./backup-table.tsx"

/** The newest backups of a machine, with the way to take one where that is allowed. */
export function MinerBackups({
  minerId,
  rows,
  canTake,
}: {
  minerId: number
  rows: BackupRow[]
  canTake: boolean
}) {
  const t = useT()
  return (
    <Panel
      title={t("backups.miner.title")}
      flush
      aside={
        <span className="flex flex-wrap gap-2">
          {canTake ? (
            <ButtonLink
              size="sm"
              to={`/commands/new?type=BACKUP_CONFIG&ids=${minerId}&back=${encodeURIComponent(`/miners/${minerId}`)}`}
            >
              {t("backups.takeOne")}
            </ButtonLink>
          ) : null}
          {rows.length > 0 ? (
            <ButtonLink size="sm" look="quiet" to={`/backups?miner=${minerId}`}>
              {t("backups.miner.all")}
            </ButtonLink>
          ) : null}
        </span>
      }
    >
      {rows.length > 0 ? (
        <BackupTable rows={rows} ofOne />
      ) : (
        <p className="p-3 text-muted">{t("backups.miner.none")}</p>
      )}
    </Panel>
  )
}
