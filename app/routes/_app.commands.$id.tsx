// path: command 10/10
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData, useSearchParams } from "@remix-run/react"
import { CommandCounts } from "#app/components/command-counts.tsx"
import { CommandFacts } from "#app/components/command-facts.tsx"
import { CommandResults } from "#app/components/command-results.tsx"
import { CommandStatus, HaltedMark, useCommandName } from "#app/components/command-status.tsx"
import { CommandTimeline } from "#app/components/command-timeline.tsx"
import { CommandWaves } from "#app/components/command-waves.tsx"
import { CancelButton, DecideButtons } from "#app/components/decide-buttons.tsx"
import { HaltedNotice } from "#app/components/halted-notice.tsx"
import { PoolChanges } from "#app/components/pool-changes.tsx"
import { ResultFilters } from "#app/components/result-filters.tsx"
import { decideCommand } from "#app/lib/decide-command.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { resultQueryOf } from "#app/lib/result-query.ts"
import { stockNames } from "#app/lib/stock-names.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { waveStates } from "#app/lib/wave-states.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { listResults } from "#server/commands/list-results.ts"
import { type PoolChange, readCommand } from "#server/commands/read-command.ts"
import { HALT_TTL_MS } from "#server/contract/budgets.ts"
import { storedActionSchema } from "#server/contract/command-parameters.ts"
import { featureOf, WAVES_ABOVE_TARGETS, waveGate } from "#server/contract/commands.ts"

export const meta: MetaFunction = () => pageTitle("commands.command")

const PAGE_SIZE = 50

/** A command with what it did to each machine; live while it runs. The address narrows, sorts and pages its machines. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params, url }) => {
    const commandId = params.id ?? ""
    const query = resultQueryOf(url.searchParams)
    const { status, wave, q, sort, dir, page } = query
    const [detail, results] = await Promise.all([
      readCommand(ctx, { commandId }),
      listResults(ctx, {
        commandId,
        status: status ?? undefined,
        wave: wave ?? undefined,
        q: q ?? undefined,
        sort,
        dir,
        page,
        pageSize: PAGE_SIZE,
      }),
    ])
    const { command } = detail
    const action = storedActionSchema.safeParse({ type: command.type, parameters: command.parameters })
    const gate = action.success ? waveGate(featureOf(action.data)) : { sign: "answered" as const, graceS: 0 }
    const states = waveStates(detail.waves, command, { graceS: gate.graceS, now: ctx.now().getTime() })
    return {
      ...detail,
      waves: detail.waves.map((one, index) => ({ ...one, state: states[index] ?? ("waiting" as const) })),
      pools: detail.pools && alike(detail.pools),
      inWaves: states.length > 1 || (states.length === 0 && command.targets > WAVES_ABOVE_TARGETS),
      sign: gate.sign,
      results,
      query,
      names: await stockNames(ctx, [command]),
      haltExpiresAt: command.haltedAt ? new Date(command.haltedAt.getTime() + HALT_TTL_MS) : null,
      own: ctx.actor.kind === "user" && ctx.actor.userId === command.requestedBy,
    }
  })
}

/** One line for what mined alike, whether that was seen before the act or is seen now. */
function alike(pools: readonly PoolChange[]): PoolChange[] {
  const lines = new Map<string, PoolChange>()
  for (const change of pools) {
    const key = JSON.stringify([change.oldUrl, change.oldWorker])
    const line = lines.get(key)
    lines.set(
      key,
      line
        ? { ...line, count: line.count + change.count, minerIds: [...line.minerIds, ...change.minerIds] }
        : change,
    )
  }
  return [...lines.values()].sort((one, other) => other.count - one.count)
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const commandId = params.id ?? ""
    return redirectWithNotice(`/commands/${commandId}`, { text: await decideCommand(ctx, form, commandId) })
  })
}

export default function Command() {
  const page = useLoaderData<typeof loader>()
  const { command, can, waves } = page
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const name = useCommandName()(command.type, command.parameters)
  const toWave = useWavePath(command.id)
  return (
    <>
      <PageHeader
        trail={[{ to: "/commands", label: t("commands.title") }]}
        title={
          <>
            {name} {command.haltedAt ? <HaltedMark /> : <CommandStatus status={command.status} />}
          </>
        }
        note={t("commands.page.summary", {
          targets: t("commands.machines", { count: command.targets }),
          site: command.siteName,
        })}
        actions={
          <>
            {can.approve ? <DecideButtons command={command} problem={problem} /> : null}
            {can.cancel && !command.haltedAt ? <CancelButton command={command} problem={problem} /> : null}
            {can.retry ? (
              <ButtonLink to={`/commands/new?retry=${command.id}`}>{t("commands.page.retry")}</ButtonLink>
            ) : null}
          </>
        }
      />
      <div className="space-y-4">
        <Notices {...page} />
        {command.haltedAt ? (
          <HaltedNotice
            command={command}
            waves={waves}
            can={can}
            expiresAt={page.haltExpiresAt}
            problem={problem}
          />
        ) : null}
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
          <div className="min-w-0 space-y-4">
            <Panel>
              <CommandCounts counts={page.counts} />
            </Panel>
            {waves.length > 1 ? (
              <CommandWaves
                waves={waves}
                sign={page.sign}
                nextWaveAt={command.nextWaveAt}
                zone={command.timezone}
                to={toWave}
              />
            ) : null}
            <Pools {...page} />
            <Results {...page} />
          </div>
          <div className="min-w-0 space-y-4">
            <CommandTimeline steps={page.timeline} leftOut={page.timelineLeftOut} zone={command.timezone} />
            <CommandFacts detail={page} names={page.names} />
          </div>
        </div>
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

/** The machines of one wave, on this page. */
function useWavePath(commandId: string): (wave: number) => string {
  const [search] = useSearchParams()
  return (wave) => {
    const next = new URLSearchParams(search)
    next.delete("page")
    next.delete("result")
    next.set("wave", String(wave))
    return `/commands/${commandId}?${next}`
  }
}

/** What somebody should know before he reads on. */
function Notices({ command, counts, can, own, query }: Page) {
  const t = useT()
  const runs = command.status === "QUEUED" || command.status === "RUNNING"
  return (
    <>
      {command.status === "PENDING_APPROVAL" ? (
        <Alert tone="warn">
          {t("commands.page.waiting")}{" "}
          {own ? t("commands.page.ownRequest") : can.approve ? null : t("commands.page.notYours")}
        </Alert>
      ) : null}
      {command.denyReason ? (
        <Alert tone="info">{t("commands.page.denied", { reason: command.denyReason })}</Alert>
      ) : null}
      {command.sitePausedAt && runs ? <Alert tone="bad">{t("commands.page.paused")}</Alert> : null}
      {counts.unknown > 0 ? (
        <Alert tone="warn">
          {t("commands.page.unknown", { machines: t("commands.machines", { count: counts.unknown }) })}{" "}
          {counts.targets > 1 && query.status !== "UNKNOWN" ? (
            <Link to={`/commands/${command.id}?result=UNKNOWN`} className="link" preventScrollReset>
              {t("commands.page.showUnknown")}
            </Link>
          ) : null}
        </Alert>
      ) : null}
    </>
  )
}

const CHANGES_SHOWN = 6

/** Of a change of pools: where the machines mined and where they go, many machines a line. */
function Pools({ pools, results }: Page) {
  const t = useT()
  if (!pools?.length) return null
  const names = Object.fromEntries(results.rows.map((row) => [row.minerId, row.label ?? row.minerKey]))
  const rest = pools.slice(CHANGES_SHOWN)
  return (
    <Panel title={t("commands.page.pools")} flush>
      <PoolChanges pools={pools.slice(0, CHANGES_SHOWN)} names={names} asked />
      {rest.length > 0 ? (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-3 py-2 font-medium text-accent hover:underline">
            {t("commands.page.poolsMore", { count: rest.length })}
          </summary>
          <PoolChanges pools={rest} names={names} asked />
        </details>
      ) : null}
    </Panel>
  )
}

function Results({ command, counts, waves, results, query, sign }: Page) {
  const t = useT()
  const path = `/commands/${command.id}`
  const chosen = query.wave === null ? counts : waves.find(({ wave }) => wave === query.wave)
  return (
    <Panel
      title={t("commands.page.results")}
      aside={
        <ButtonLink size="sm" look="quiet" to={`${path}/results.csv`} reloadDocument>
          {t("commands.page.csv")}
        </ButtonLink>
      }
      flush
    >
      {counts.targets > 1 ? (
        <ResultFilters
          path={path}
          counts={query.q === null ? (chosen ?? null) : null}
          filter={query}
          waves={waves.length}
        />
      ) : null}
      {results.rows.length > 0 ? (
        <CommandResults
          results={results.rows}
          zone={command.timezone}
          order={query}
          sign={sign}
          showWave={waves.length > 1}
        />
      ) : (
        <p className="p-3 text-muted">{t("commands.page.noneSuch")}</p>
      )}
      {results.total > results.pageSize ? (
        <Pagination page={results.page} pageSize={results.pageSize} total={results.total} />
      ) : null}
    </Panel>
  )
}
