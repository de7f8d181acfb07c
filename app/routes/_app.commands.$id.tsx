// path: command 10/10
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData, useSearchParams } from "@remix-run/react"
import { CommandCounts } from "#app/components/command-counts.tsx"
import { CommandResults } from "#app/components/command-results.tsx"
import { CommandStatus, useCommandName } from "#app/components/command-status.tsx"
import { CancelButton, DecideButtons } from "#app/components/decide-buttons.tsx"
import { choiceOf } from "#app/lib/actions.ts"
import { decideCommand } from "#app/lib/decide-command.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import { readCommand } from "#server/commands/read-command.ts"
import { RESULT_STATUSES, type ResultStatus } from "#server/contract/commands.ts"

export const meta: MetaFunction = () => pageTitle("commands.command")

const PAGE_SIZE = 100

/** A command with what it did to each machine; live while it runs. `?result=` narrows, `?page=` pages. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params, url }) => {
    const { results, ...detail } = await readCommand(ctx, { commandId: params.id ?? "" })
    const result = RESULT_STATUSES.find((status) => status === url.searchParams.get("result")) ?? null
    const matching = result ? results.filter((one) => one.resultStatus === result) : results
    const page = Math.max(1, Number.parseInt(url.searchParams.get("page") ?? "1", 10) || 1)
    return {
      ...detail,
      results: matching.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
      matching: matching.length,
      byResult: RESULT_STATUSES.map((status) => ({
        status,
        count: results.filter((one) => one.resultStatus === status).length,
      })),
      unknownOutcomes: results.filter((one) => one.resultCode === 5).length,
      result,
      page,
      own: ctx.actor.kind === "user" && ctx.actor.userId === detail.command.requestedBy,
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const commandId = params.id ?? ""
    return redirectWithNotice(`/commands/${commandId}`, { text: await decideCommand(ctx, form, commandId) })
  })
}

export default function Command() {
  const page = useLoaderData<typeof loader>()
  const { command, can } = page
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const name = useCommandName()(command.type, command.parameters)
  return (
    <>
      <PageHeader
        trail={[{ to: "/commands", label: t("commands.title") }]}
        title={
          <>
            {name} <CommandStatus status={command.status} />
          </>
        }
        note={t("commands.page.summary", {
          targets: t("commands.machines", { count: command.targets }),
          site: command.siteName,
        })}
        actions={
          <>
            {can.approve ? <DecideButtons command={command} problem={problem} /> : null}
            {can.cancel ? <CancelButton command={command} problem={problem} /> : null}
          </>
        }
      />
      <div className="space-y-4">
        {command.status === "PENDING_APPROVAL" ? (
          <Alert tone="warn">
            {t("commands.page.waiting")}{" "}
            {page.own ? t("commands.page.ownRequest") : can.approve ? null : t("commands.page.notYours")}
          </Alert>
        ) : null}
        {page.unknownOutcomes > 0 ? <Alert tone="warn">{t("commands.page.unknown")}</Alert> : null}
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
          <div className="min-w-0 space-y-4">
            <Panel>
              <CommandCounts counts={command} said={command.outcome} />
            </Panel>
            <Results {...page} />
          </div>
          <div className="min-w-0 space-y-4">
            <Timeline {...page} />
            <Facts {...page} />
          </div>
        </div>
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function Results({ command, results, matching, byResult, result, page }: Page) {
  const t = useT()
  const [search] = useSearchParams()
  const to = (status: ResultStatus | null) => {
    const next = new URLSearchParams(search)
    next.delete("page")
    if (status) next.set("result", status)
    else next.delete("result")
    return `/commands/${command.id}?${next}`
  }
  return (
    <Panel title={t("commands.page.results")} flush>
      {command.targets > 1 ? (
        <div className="border-b border-line p-2">
          <NavTabs
            label={t("commands.page.results")}
            items={[
              { to: to(null), label: t("commands.all"), count: command.targets, current: result === null },
              ...byResult
                .filter(({ count, status }) => count > 0 || status === result)
                .map(({ status, count }) => ({
                  to: to(status),
                  label: t(`command.result.${status}`),
                  count,
                  current: result === status,
                })),
            ]}
          />
        </div>
      ) : null}
      {results.length > 0 ? (
        <CommandResults results={results} zone={command.timezone} showRecovery={command.type === "REBOOT"} />
      ) : (
        <p className="p-3 text-muted">{t("commands.page.noneSuch")}</p>
      )}
      {matching > PAGE_SIZE ? <Pagination page={page} pageSize={PAGE_SIZE} total={matching} /> : null}
    </Panel>
  )
}

function Timeline({ timeline, command }: Page) {
  const t = useT()
  return (
    <Panel title={t("commands.page.timeline")}>
      <ol className="space-y-2">
        {timeline.map(({ step, at, by }) => (
          <li key={step} className="flex items-baseline justify-between gap-3">
            <span>
              <span className="font-medium">{t(`commands.step.${step}`)}</span>
              {by ? <span className="text-muted"> {t("commands.stepBy", { name: by })}</span> : null}
            </span>
            <span className="text-xs text-muted">
              <Ago at={at} zone={command.timezone} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Facts({ command }: Page) {
  const t = useT()
  const choice = choiceOf(`${command.type}:${String(Object.values(command.parameters)[0])}`)
  return (
    <Panel title={t("commands.page.facts")}>
      <Definitions
        items={[
          ...(choice ? [{ term: t("commands.page.whatHappens"), value: t(`command.what.${choice}`) }] : []),
          {
            term: t("commands.site"),
            value: (
              <Link to={`/sites/${command.siteSlug}`} className="link">
                {command.siteName}
              </Link>
            ),
          },
          { term: t("commands.by"), value: command.requestedByName ?? t("commands.someone") },
          { term: t("commands.asked"), value: <Ago at={command.requestedAt} zone={command.timezone} /> },
          { term: t("commands.page.source"), value: t(`commands.page.sources.${command.source}`) },
          ...(command.note ? [{ term: t("commands.page.note"), value: command.note }] : []),
          ...(command.approvalReasons.length > 0
            ? [
                {
                  term: t("commands.page.waits"),
                  value: command.approvalReasons
                    .map((reason) => t(`commands.waiting.reason.${reason}`))
                    .join("; "),
                },
              ]
            : []),
          ...(command.status === "PENDING_APPROVAL" && command.approvalExpiresAt
            ? [
                {
                  term: t("commands.page.until"),
                  value: <Ago at={command.approvalExpiresAt} zone={command.timezone} />,
                },
              ]
            : []),
          {
            term: t("commands.page.id"),
            value: <span className="break-all font-mono text-xs">{command.id}</span>,
          },
        ]}
      />
    </Panel>
  )
}
