import { Form, Link } from "@remix-run/react"
import { formatExact } from "#app/lib/format.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { SelectField } from "#app/ui/field.tsx"
import { ActionForm, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import type { BackupComparison } from "#server/backups/compare-backups.ts"
import type { BackupRow } from "#server/backups/list-backups.ts"
import type { CommandStatus } from "#server/contract/commands.ts"
import { Comparison } from "./backup-comparison.tsx"

/** The backup of now that was asked for and is not there yet. */
export type AwaitedBackup = { commandId: string; status: CommandStatus }

/** What the backup is compared with, and what else it could be. */
export function BackupComparePanel({
  backup,
  others,
  comparison,
  awaited,
  canAsk,
  requestId,
  problem,
}: {
  backup: BackupRow
  others: BackupRow[]
  comparison: BackupComparison | null
  awaited: AwaitedBackup | null
  canAsk: boolean
  requestId: string
  problem: FormProblem | null
}) {
  const t = useT()
  const own = others.filter((one) => one.minerId === backup.minerId && one.siteId === backup.siteId)
  const rest = others.filter((one) => !own.includes(one))
  const time = (one: BackupRow) => formatExact(new Date(one.createdAt), one.timezone, false)
  return (
    <Panel
      title={t("backups.compare.title")}
      flush
      aside={
        comparison || awaited ? (
          <Link to={`/backups/${backup.id}`} preventScrollReset className="link">
            {t("backups.compare.clear")}
          </Link>
        ) : null
      }
    >
      <div className="flex flex-wrap items-end gap-3 border-b border-line p-3">
        {others.length > 0 ? (
          <Form
            method="get"
            preventScrollReset
            className="flex min-w-0 flex-[1_1_20rem] flex-wrap items-end gap-2"
          >
            <SelectField
              label={t("backups.compare.with")}
              name="with"
              key={comparison?.right.id ?? ""}
              defaultValue={comparison?.right.id ?? ""}
              className="min-w-0 flex-[1_1_14rem]"
              required
            >
              <option value="">{t("backups.compare.choose")}</option>
              {own.length > 0 ? (
                <optgroup label={t("backups.compare.same")}>
                  {own.map((one) => (
                    <option key={one.id} value={one.id}>
                      {t("backups.compare.optionSame", { name: one.name, time: time(one) })}
                    </option>
                  ))}
                </optgroup>
              ) : null}
              {rest.length > 0 ? (
                <optgroup label={t("backups.compare.others")}>
                  {rest.map((one) => (
                    <option key={one.id} value={one.id}>
                      {t("backups.compare.option", {
                        machine: one.minerName,
                        name: one.name,
                        time: time(one),
                      })}
                    </option>
                  ))}
                </optgroup>
              ) : null}
            </SelectField>
            <Button type="submit">{t("backups.compare.button")}</Button>
          </Form>
        ) : (
          <p className="flex-1 text-muted">{t("backups.compare.none")}</p>
        )}
        {canAsk ? (
          <ActionForm problem={problem} preventScrollReset>
            <input type="hidden" name="intent" value="compare-now" />
            <input type="hidden" name="requestId" value={requestId} />
            <SubmitButton look="secondary" title={t("backups.compare.nowHint")}>
              {t("backups.compare.now")}
            </SubmitButton>
          </ActionForm>
        ) : null}
      </div>
      {awaited ? <Waiting awaited={awaited} /> : null}
      {comparison ? <Comparison comparison={comparison} /> : null}
    </Panel>
  )
}

const OPEN: readonly CommandStatus[] = ["PENDING", "QUEUED", "RUNNING"]

function Waiting({ awaited }: { awaited: AwaitedBackup }) {
  const t = useT()
  const { commandId, status } = awaited
  const waits = status === "PENDING_APPROVAL"
  const open = OPEN.includes(status)
  return (
    <div className="p-3">
      <Alert tone={open || waits ? "info" : "bad"}>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span>
            {waits
              ? t("backups.compare.waitingApproval")
              : open
                ? t("backups.compare.waiting")
                : t("backups.compare.failed")}
          </span>
          <ButtonLink to={`/commands/${commandId}`} size="sm">
            {t("backups.compare.command")}
          </ButtonLink>
        </div>
      </Alert>
    </div>
  )
}
