import { Link } from "@remix-run/react"
import { useState } from "react"
import { choiceOfAction } from "#app/lib/actions.ts"
import type { Asked } from "#app/lib/command-request.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { TextArea } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { CommandPreview } from "#server/commands/preview-command.ts"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import type { PreviewGroup } from "#server/contract/commands.ts"
import { PreviewGroups, PreviewReasons, PreviewTargets, runnableOf } from "./command-preview.tsx"
import { CommandSettings, useCommandName } from "./command-words.tsx"
import { NewPassword } from "./login-fields.tsx"
import { PoolChanges } from "./pool-changes.tsx"
import { PoolPasswords } from "./pool-fields.tsx"
import { filterWords } from "./request-targets.tsx"
import { RunPlan } from "./run-plan.tsx"

export type PreviewPage = {
  asked: Asked
  search: string
  editSearch: string
  preview: CommandPreview
  action: StoredAction
  group: PreviewGroup | null
  sites: { id: number; slug: string; name: string }[]
  options: { names: Record<string, string> }
  keepsPasswords: boolean
  mayKeepTemplates: boolean
  lookedAt: string | Date
  requestId: string
}

/** More machines are counted first, and listed when the reader asks. */
const LISTED = 8

/** What a request would do, and the one button that sends it. */
export function RequestPreview({ page, problem }: { page: PreviewPage; problem: FormProblem | null }) {
  const { asked, preview, action } = page
  const t = useT()
  const name = useCommandName()(action.type, action.parameters)
  const choice = choiceOfAction(action.type, action.parameters)
  const only = preview.total === 1 ? preview.targets[0] : undefined
  const refused = preview.decision.verdict === "refused"
  return (
    <div className="max-w-4xl space-y-4">
      <PageHeader
        title={
          only
            ? t("request.titleOne", { action: name, name: only.label })
            : t("request.titleMany", { action: name, count: preview.total })
        }
        note={<Where asked={asked} sites={page.sites} preview={preview} />}
      />
      {choice ? <p>{t(`command.what.${choice}`)}</p> : null}
      {asked.retryOf ? (
        <p className="text-muted">
          {t("request.preview.repeats")}{" "}
          <Link to={`/commands/${asked.retryOf}`} className="link">
            {t("request.targets.show")}
          </Link>
        </p>
      ) : null}
      <Panel
        title={t("request.preview.sent")}
        aside={
          <>
            {page.mayKeepTemplates && action.type !== "RESTORE_CONFIG" && action.type !== "SET_LOGIN" ? (
              <>
                <Link to={templatePath(page)} className="link">
                  {t("request.form.saveTemplate")}
                </Link>
                {" · "}
              </>
            ) : null}
            <Link to={`/commands/new?${page.editSearch}`} className="link">
              {t("request.preview.change")}
            </Link>
          </>
        }
      >
        {Object.keys(action.parameters).length > 0 ? (
          <CommandSettings type={action.type} parameters={action.parameters} names={page.options.names} />
        ) : (
          <p className="text-muted">
            {action.type === "SET_LOGIN"
              ? t("request.preview.passwordBelow")
              : t("request.preview.nothingToSet")}
          </p>
        )}
      </Panel>
      {preview.pools?.length ? (
        <Panel title={t("request.preview.pools")} flush>
          <PoolChanges pools={preview.pools} />
        </Panel>
      ) : null}
      {refused ? null : <Machines page={page} />}
      <Panel title={t("request.preview.how")}>
        <RunPlan sites={preview.sites} run={asked.run} />
      </Panel>
      <Confirm key={page.search} page={page} problem={problem} />
    </div>
  )
}

/** What becomes of the machines: counts first, each one when the reader asks. */
function Machines({ page }: { page: PreviewPage }) {
  const { preview } = page
  const t = useT()
  const shown = page.group ? preview.groups[page.group] : preview.total
  return (
    <Panel
      title={t("request.preview.machines")}
      aside={
        <>
          {t("request.preview.lookedAt")} <Ago at={page.lookedAt} zone={preview.sites[0]?.timezone} />
          {" · "}
          <Link to={`/commands/new?${page.search}`} reloadDocument className="link">
            {t("request.preview.again")}
          </Link>
        </>
      }
      flush
    >
      <PreviewGroups preview={preview} group={page.group} />
      {preview.total > LISTED ? (
        <PreviewReasons
          why={page.group ? preview.why.filter((row) => row.group === page.group) : preview.why}
        />
      ) : null}
      {preview.total > LISTED && page.group === null && preview.page === 1 ? (
        <details>
          <summary className="cursor-pointer px-3 py-2 font-medium text-accent hover:underline">
            {t("request.preview.oneByOne")}
          </summary>
          <div className="border-t border-line">
            <PreviewTargets preview={preview} total={shown} />
          </div>
        </details>
      ) : (
        <PreviewTargets preview={preview} total={shown} />
      )}
    </Panel>
  )
}

/** Which machines, in words. */
function Where({
  asked,
  sites,
  preview,
}: {
  asked: Asked
  sites: PreviewPage["sites"]
  preview: CommandPreview
}) {
  const t = useT()
  const names = preview.sites.map((site) => site.siteName).join(", ")
  if (asked.targets.kind !== "filter") return <>{names}</>
  const words = filterWords(asked.targets.filter, sites, t)
  return <>{words.length > 0 ? words.join(", ") : names}</>
}

function Confirm({ page, problem }: { page: PreviewPage; problem: FormProblem | null }) {
  const { asked, preview, action } = page
  const t = useT()
  // Stays the same while the form is open, although the page reads itself again.
  const [requestId] = useState(page.requestId)
  const run = runnableOf(preview.groups)
  const refused = preview.decision.verdict === "refused"
  return (
    <ActionForm problem={problem} className="space-y-3">
      <input type="hidden" name="requestId" value={requestId} />
      <input type="hidden" name="expect" value={preview.digest} />
      {refused ? null : run === 0 ? <Alert tone="warn">{t("request.preview.nothingRuns")}</Alert> : null}
      {action.type === "CHANGE_POOL" && !refused ? (
        <PoolPasswords
          values={asked.fields}
          kept={page.keepsPasswords ? t("request.field.passwordKept") : null}
        />
      ) : null}
      {action.type === "SET_LOGIN" && !refused ? <NewPassword problem={problem} /> : null}
      {refused ? null : (
        <TextArea
          label={`${t("request.preview.note")} (${t("common.optional")})`}
          hint={t("request.preview.noteHint")}
          name="note"
          rows={2}
          maxLength={500}
          defaultValue={problem?.values.note}
          error={errorAt(problem, "note")}
        />
      )}
      <div className="flex flex-wrap gap-2">
        {refused ? null : (
          <SubmitButton
            look={isHard(page) ? "danger" : "primary"}
            disabled={run === 0}
            className="h-auto min-h-8 whitespace-normal py-1 text-left"
          >
            <SubmitText page={page} run={run} />
          </SubmitButton>
        )}
        <ButtonLink to={asked.back ?? "/miners"}>{t("request.preview.notNow")}</ButtonLink>
      </div>
    </ActionForm>
  )
}

/** What exactly the button does. */
function SubmitText({ page, run }: { page: PreviewPage; run: number }) {
  const { preview, action } = page
  const t = useT()
  const choice = choiceOfAction(action.type, action.parameters)
  const deed = choice ? t(`command.deed.${choice}`, { count: run }) : ""
  const targetsWith = (verdict: "allowed" | "needs_approval") =>
    preview.sites.reduce((sum, site) => sum + (site.decision.verdict === verdict ? site.targets : 0), 0)
  const sent = targetsWith("allowed")
  const asked = targetsWith("needs_approval")
  if (asked === 0) return <>{t("request.preview.send", { deed })}</>
  if (sent === 0) return <>{t("request.preview.ask", { deed })}</>
  return <>{t("request.preview.sendAndAsk", { sent, asked, deed })}</>
}

/** It starts at once and can stop machines or move their income. */
function isHard({ preview, action }: PreviewPage): boolean {
  if (preview.decision.verdict !== "allowed") return false
  const choice = choiceOfAction(action.type, action.parameters)
  return (
    choice !== null &&
    ["REBOOT:hard", "DISABLE", "CHANGE_POOL", "RESTORE_CONFIG", "UPDATE_FIRMWARE", "SET_LOGIN"].includes(
      choice,
    )
  )
}

/** A new template with these settings; saved, it leads back here. */
function templatePath({ asked, preview, search }: PreviewPage): string {
  const fields = Object.entries(asked.fields).flatMap(([name, value]) => (value ? [[name, value]] : []))
  const [site] = preview.sites
  return `/templates/new?${new URLSearchParams([
    ["type", asked.type ?? ""],
    ...fields,
    ...(site ? [["site", String(site.siteId)]] : []),
    ["back", `/commands/new?${search}`],
  ])}`
}
