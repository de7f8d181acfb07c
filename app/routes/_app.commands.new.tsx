// path: command 1/10
import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { useState } from "react"
import { ApprovalNote, PreviewTable } from "#app/components/command-preview.tsx"
import { useCommandName } from "#app/components/command-status.tsx"
import { actionOf, choiceOf } from "#app/lib/actions.ts"
import type { FormFields } from "#app/lib/form-fields.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { ownPath } from "#app/lib/own-path.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { selectedMiners } from "#app/lib/selection.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { previewCommand } from "#server/commands/preview-command.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import { DomainError } from "#server/contract/errors.ts"

export const meta: MetaFunction = () => pageTitle("command.choose")

/** `?action=REBOOT:soft&ids=1,2` or `&filter=…`: what it would do, machine by machine. Nothing happens yet. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const choice = choiceOf(url.searchParams.get("action"))
    if (!choice) throw new DomainError("NOT_FOUND", translator("en")("shell.errors.NOT_FOUND.body"))
    const minerIds = await selectedMiners(ctx, {
      ids: url.searchParams.getAll("ids").flatMap((ids) =>
        ids
          .split(",")
          .map(Number)
          .filter((id) => id > 0),
      ),
      filter: url.searchParams.get("filter"),
    })
    const preview = await previewCommand(ctx, { minerIds, action: actionOf(choice) })
    return {
      choice,
      preview,
      back: ownPath(url.searchParams.get("back"), "/miners"),
      /** New with each form: the same form sent twice runs once. */
      requestId: crypto.randomUUID(),
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form }) => {
    const t = translator("en")
    const choice = choiceOf(form.text("action"))
    if (!choice) throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    const { commands } = await requestCommand(ctx, {
      requestId: form.text("requestId"),
      minerIds: idsOf(form),
      action: actionOf(choice),
      note: form.text("note") || undefined,
    })
    const [first] = commands
    const waits = commands.some((command) => command.status === "PENDING_APPROVAL")
    const name = t(`command.choices.${choice}`).replace("…", "")
    const text = waits
      ? t("command.requestedApproval", { action: name })
      : t("command.requested", { action: name, count: commands.length })
    if (!first) return redirect("/commands")
    const show = commands.length > 1 ? "/commands" : `/commands/${first.id}`
    const back = ownPath(form.text("back"), "")
    if (!back) return redirectWithNotice(show, { text })
    return redirectWithNotice(back, {
      text,
      href: show,
      linkText: commands.length > 1 ? t("command.showAll") : t("command.show"),
    })
  })
}

/** Exactly the machines that the page showed. */
function idsOf(form: FormFields): number[] {
  const ids = form.integers("ids")
  if (ids.length === 0) throw new DomainError("INVALID", translator("en")("miners.nothingChosen"))
  return ids
}

export default function NewCommand() {
  const { choice, preview, back, requestId } = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const nameOf = useCommandName()
  const { type, parameters } = actionOf(choice)
  const all = preview.targets.length
  const run = preview.targets.filter((target) => target.verdict === "will_run").length
  const approval = preview.approvalReasons.length > 0
  const only = all === 1 ? preview.targets[0] : undefined
  const name = nameOf(type, parameters)
  return (
    <div className="max-w-3xl">
      <PageHeader
        title={
          only
            ? t("command.confirmOne", { action: name, name: only.label })
            : t("command.confirmTitle", { action: name, count: all })
        }
      />
      <div className="space-y-4">
        <p>{t(`command.what.${choice}`)}</p>
        <Panel title={t("command.whatHappens")} flush>
          <div className="border-b border-line px-3 py-2">
            {run === all ? (
              <p>{t("command.runsOn", { count: run })}</p>
            ) : (
              <Alert tone="warn">
                {run === 0 ? t("command.runsOnNone") : t("command.runsOnSome", { run, all })}
              </Alert>
            )}
            {preview.sites.length > 1 ? <p className="mt-1 text-muted">{t("command.perSite")}</p> : null}
          </div>
          <PreviewTable targets={preview.targets} />
        </Panel>
        <ApprovalNote preview={preview} />
        <ActionForm problem={problem} action="/commands/new" className="space-y-3">
          <input type="hidden" name="action" value={choice} />
          <RequestId key={`${choice} ${preview.targets.length} ${only?.minerId}`} fresh={requestId} />
          <input type="hidden" name="ids" value={preview.targets.map((target) => target.minerId).join(",")} />
          <input type="hidden" name="back" value={all === 1 ? back : ""} />
          <TextField
            label={`${t("command.note")} (${t("common.optional")})`}
            hint={t("command.noteHint")}
            name="note"
            maxLength={500}
            defaultValue={problem?.values.note}
            error={errorAt(problem, "note")}
          />
          <div className="flex flex-wrap gap-2">
            <SubmitButton look={choice === "REBOOT:hard" ? "danger" : "primary"} disabled={run === 0}>
              {approval ? t("command.requestApproval") : t(`command.confirm.${choice}`)}
            </SubmitButton>
            <ButtonLink to={back}>{t("command.notNow")}</ButtonLink>
          </div>
        </ActionForm>
      </div>
    </div>
  )
}

/** Stays the same while the form is open, although the page reads itself again. */
function RequestId({ fresh }: { fresh: string }) {
  const [first] = useState(fresh)
  return <input type="hidden" name="requestId" value={first} />
}
