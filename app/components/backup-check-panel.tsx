import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ActionForm, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { BackupDetail } from "#server/backups/read-backup.ts"

/** What stands against restoring it, as the last check found it. */
export function BackupCheckPanel({
  backup,
  canCheck,
}: {
  backup: BackupDetail["backup"]
  canCheck: boolean
}) {
  const t = useT()
  const { problems, validatedAt, validatedByName, timezone } = backup
  return (
    <Panel title={t("backups.check.title")}>
      <div className="space-y-3">
        {problems === null ? (
          <p className="text-muted">{t("backups.check.never")}</p>
        ) : problems.length === 0 ? (
          <Alert tone="ok">{t("backups.check.fine")}</Alert>
        ) : (
          <Alert tone="warn">
            {t("backups.check.found")}
            <ul className="list-disc pl-4">
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </Alert>
        )}
        {backup.hasPasswords ? <p className="text-xs text-muted">{t("backups.check.keyNote")}</p> : null}
        <div className="flex flex-wrap items-center gap-3">
          {canCheck ? (
            <ActionForm preventScrollReset>
              <input type="hidden" name="intent" value="validate" />
              <SubmitButton look="secondary">
                {problems === null ? t("backups.check.button") : t("backups.check.again")}
              </SubmitButton>
            </ActionForm>
          ) : null}
          {validatedAt ? (
            <span className="text-xs text-muted">
              {t("backups.check.at")} <Ago at={validatedAt} zone={timezone} />
              {validatedByName ? `, ${validatedByName}` : ""}
            </span>
          ) : null}
        </div>
      </div>
    </Panel>
  )
}
