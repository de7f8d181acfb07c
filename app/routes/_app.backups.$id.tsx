import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { redirect } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { BackupCheckPanel } from "#app/components/backup-check-panel.tsx"
import { BackupComparePanel } from "#app/components/backup-compare-panel.tsx"
import { BackupSettings } from "#app/components/backup-settings.tsx"
import { BackupKind } from "#app/components/backup-state.tsx"
import { ConfirmAction } from "#app/components/confirm-action.tsx"
import { familyName } from "#app/lib/family-name.ts"
import { formatExact, UNKNOWN } from "#app/lib/format.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { TextArea, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import { compareBackups } from "#server/backups/compare-backups.ts"
import { deleteBackup } from "#server/backups/delete-backup.ts"
import { findTakenBackup } from "#server/backups/find-taken-backup.ts"
import { listBackups } from "#server/backups/list-backups.ts"
import { readBackup } from "#server/backups/read-backup.ts"
import { renameBackup } from "#server/backups/rename-backup.ts"
import { validateBackup } from "#server/backups/validate-backup.ts"
import { readCommand } from "#server/commands/read-command.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle("backups.title", data?.backup.name)

const OTHERS = 25

/** `?with=` another backup; `?now=` the command that takes one of the machine as it is now. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url, params }) => {
    const detail = await readBackup(ctx, { backupId: params.id ?? "" })
    const { backup, config } = detail
    const now = url.searchParams.get("now")
    const awaited = now ? await awaitedBackup(ctx, now, backup.minerId) : null
    const withId = awaited?.backupId ?? url.searchParams.get("with")
    const [own, family] = await Promise.all([
      listBackups(ctx, { siteId: backup.siteId, minerId: backup.minerId, pageSize: OTHERS }),
      listBackups(ctx, { family: backup.family, pageSize: OTHERS }),
    ])
    const ids = new Set<string>([backup.id])
    const others = [...own.rows, ...family.rows].filter((one) => !ids.has(one.id) && ids.add(one.id))
    return {
      ...detail,
      others: config ? others : [],
      comparison: config && withId ? await compareBackups(ctx, { backupId: backup.id, withId }) : null,
      awaited: awaited && !awaited.backupId ? { commandId: awaited.commandId, status: awaited.status } : null,
      /** New with each form: the same form sent twice runs once. */
      requestId: crypto.randomUUID(),
    }
  })
}

async function awaitedBackup(ctx: Context, commandId: string, minerId: number) {
  const { command } = await readCommand(ctx, { commandId })
  const taken = await findTakenBackup(ctx, { commandId, minerId })
  return { commandId, status: command.status, backupId: taken?.backupId ?? null }
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const t = translator("en")
    const backupId = params.id ?? ""
    switch (form.text("intent")) {
      case "validate": {
        const { problems } = await validateBackup(ctx, { backupId })
        const tone = problems.length > 0 ? ("warn" as const) : ("ok" as const)
        const text =
          problems.length > 0 ? t("backups.problems", { count: problems.length }) : t("backups.check.fine")
        return redirectWithNotice(`/backups/${backupId}`, { text, tone })
      }
      case "rename": {
        const description = form.textOrNull("description")
        await renameBackup(ctx, { backupId, name: form.text("name"), description })
        return redirectWithNotice(`/backups/${backupId}`, { text: t("backups.page.renamed") })
      }
      case "delete": {
        const { name } = await deleteBackup(ctx, { backupId })
        return redirectWithNotice("/backups", { text: t("backups.page.deleted", { name }) })
      }
      case "compare-now": {
        const { backup } = await readBackup(ctx, { backupId })
        const name = t("backups.compare.nowName", { name: backup.name }).slice(0, 80)
        const { commands } = await requestCommand(ctx, {
          requestId: form.text("requestId"),
          targets: { minerIds: [backup.minerId] },
          action: { type: "BACKUP_CONFIG", parameters: { name } },
        })
        const [command] = commands
        return redirect(command ? `/backups/${backupId}?now=${command.id}` : `/backups/${backupId}`)
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

export default function Backup() {
  const page = useLoaderData<typeof loader>()
  const { backup, config, can } = page
  const problem = problemOf(useAnswer<typeof action>())
  const about = (intent: string) => (problem?.values.intent === intent ? problem : null)
  const t = useT()
  const restoreTo = `/commands/new?type=RESTORE_CONFIG&backup_id=${backup.id}&ids=${backup.minerId}`
  return (
    <>
      <PageHeader
        trail={[
          { to: "/backups", label: t("backups.title") },
          ...(backup.minerExists
            ? [{ to: `/backups?miner=${backup.minerId}`, label: backup.minerName }]
            : []),
        ]}
        title={
          <>
            {backup.name} <BackupKind kind={backup.kind} />
          </>
        }
        note={
          <>
            {backup.minerExists ? (
              <Link to={`/miners/${backup.minerId}`} className="link">
                {backup.minerName}
              </Link>
            ) : (
              t("backups.gone")
            )}
            {" · "}
            <Ago at={backup.createdAt} zone={backup.timezone} />
          </>
        }
        actions={
          <>
            {config ? (
              <ButtonLink to={`/backups/${backup.id}/download`} reloadDocument>
                {t("backups.page.download")}
              </ButtonLink>
            ) : null}
            {can.change ? <Delete backup={backup} problem={about("delete")} /> : null}
            {can.restore ? (
              <ButtonLink to={restoreTo} look="primary" title={t("backups.page.restoreHint")}>
                {t("backups.page.restore")}
              </ButtonLink>
            ) : null}
          </>
        }
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="min-w-0 space-y-4">
          {config ? (
            <>
              <BackupComparePanel {...page} canAsk={can.restore} problem={about("compare-now")} />
              <BackupSettings config={config} hasPasswords={backup.hasPasswords} />
            </>
          ) : (
            <Alert tone="bad">{t("backups.settings.unreadable", { reason: page.unreadable ?? "" })}</Alert>
          )}
        </div>
        <div className="min-w-0 space-y-4">
          <BackupCheckPanel backup={backup} canCheck={can.change} />
          <About backup={backup} canRename={can.change} problem={about("rename")} />
        </div>
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>
type Part = Pick<Page, "backup"> & { problem: FormProblem | null }

function About({ backup, canRename, problem }: Part & { canRename: boolean }) {
  const t = useT()
  return (
    <Panel title={t("backups.page.about")}>
      <Definitions
        items={[
          { term: t("backups.site"), value: backup.siteName },
          { term: t("backups.page.family"), value: familyName(backup.family) },
          {
            term: t("backups.model"),
            value: [backup.model, backup.firmwareVersion].filter(Boolean).join(", ") || UNKNOWN,
          },
          { term: t("backups.taken"), value: <Ago at={backup.createdAt} zone={backup.timezone} /> },
          ...(backup.createdByName ? [{ term: t("backups.by"), value: backup.createdByName }] : []),
          {
            term: t("backups.page.command"),
            value: (
              <Link to={`/commands/${backup.commandId}`} className="link">
                {t("backups.page.commandLink")}
              </Link>
            ),
          },
          ...(backup.description ? [{ term: t("backups.page.description"), value: backup.description }] : []),
          {
            term: t("backups.page.mark"),
            title: t("backups.page.markHint"),
            value: <span className="font-mono text-xs">{backup.configHash.slice(0, 16)}</span>,
          },
        ]}
      />
      {canRename ? (
        <details className="mt-3 border-t border-line pt-3" open={problem !== null || undefined}>
          <summary className="inline-block cursor-pointer font-medium text-accent hover:underline">
            {t("backups.page.rename")}
          </summary>
          <ActionForm problem={problem} preventScrollReset className="mt-3 space-y-3">
            <input type="hidden" name="intent" value="rename" />
            <TextField
              label={t("backups.name")}
              name="name"
              required
              maxLength={80}
              autoComplete="off"
              defaultValue={problem?.values.name ?? backup.name}
              error={errorAt(problem, "name")}
            />
            <TextArea
              label={t("backups.page.description")}
              name="description"
              maxLength={500}
              defaultValue={problem?.values.description ?? backup.description ?? ""}
              error={errorAt(problem, "description")}
            />
            <SubmitButton look="secondary">{t("common.save")}</SubmitButton>
          </ActionForm>
        </details>
      ) : null}
    </Panel>
  )
}

function Delete({ backup, problem }: Part) {
  const t = useT()
  return (
    <ConfirmAction
      button={t("backups.page.delete")}
      title={t("backups.page.deleteTitle", { name: backup.name })}
      fields={{ intent: "delete" }}
      problem={problem}
      submit={t("backups.page.delete")}
    >
      <p>
        {t("backups.page.deleteBody", {
          machine: backup.minerName,
          time: formatExact(new Date(backup.createdAt), backup.timezone, false),
        })}
      </p>
    </ConfirmAction>
  )
}
