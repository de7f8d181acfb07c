import { useT } from "#app/lib/strings/use-t.ts"
import { Badge, Tag } from "#app/ui/badge.tsx"
import type { BackupRow } from "#server/backups/list-backups.ts"

export function BackupKind({ kind }: Pick<BackupRow, "kind">) {
  const t = useT()
  return <Tag>{t(`backups.kinds.${kind}`)}</Tag>
}

/** What the last check found. */
export function BackupCheck({ problems }: Pick<BackupRow, "problems">) {
  const t = useT()
  if (problems === null) return <span className="text-muted">{t("backups.unchecked")}</span>
  if (problems.length === 0)
    return (
      <Badge tone="ok" icon="check">
        {t("backups.fine")}
      </Badge>
    )
  return (
    <Badge tone="warn" icon="warning" title={problems.join("\n")}>
      {t("backups.problems", { count: problems.length })}
    </Badge>
  )
}
