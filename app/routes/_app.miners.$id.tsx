// path: telemetry 8/8
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { CommandMenu } from "#app/components/command-menu.tsx"
import { EditMinerForm } from "#app/components/edit-miner.tsx"
import { EventList } from "#app/components/event-list.tsx"
import { MinerBackups } from "#app/components/miner-backups.tsx"
import { MINER_COLUMNS, MinerChart } from "#app/components/miner-chart.tsx"
import { MinerCommands } from "#app/components/miner-commands.tsx"
import { MinerIdentity } from "#app/components/miner-identity.tsx"
import { LoginRefused, MinerLoginPanel } from "#app/components/miner-login.tsx"
import { ConditionNote, MinerFigures, SampleDetails } from "#app/components/miner-now.tsx"
import { BoardTable, ErrorTable, PoolTable } from "#app/components/miner-parts.tsx"
import { Freshness, MinerStatus } from "#app/components/miner-status.tsx"
import { ThermalEventList } from "#app/components/thermal-events.tsx"
import { ThermalHoldNote } from "#app/components/thermal-holds.tsx"
import { columnsOf } from "#app/lib/chart-data.ts"
import { idOf } from "#app/lib/form-fields.ts"
import { stateOf } from "#app/lib/miner-form.ts"
import { seesBackupsAt } from "#app/lib/navigation.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { listBackups } from "#server/backups/list-backups.ts"
import {
  type BoardSample,
  boardHealth,
  type MinerError,
  type PoolSample,
} from "#server/contract/telemetry.ts"
import { readMinerLogin } from "#server/credentials/list-credentials.ts"
import { readMiner } from "#server/fleet/read-miner.ts"
import { updateMiner } from "#server/fleet/update-miner.ts"
import { assignOwner } from "#server/people/assign-owner.ts"
import { listClients } from "#server/people/list-clients.ts"
import { readMinerSeries } from "#server/telemetry/read-miner-series.ts"
import { listThermal } from "#server/thermal/list-thermal.ts"

const THERMAL_EVENTS_SHOWN = 20

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle("miners.title", data?.miner.name)

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const minerId = idOf(params.id)
    const [facts, series] = await Promise.all([
      readMiner(ctx, { minerId }),
      readMinerSeries(ctx, { minerId, hours: 24 }),
    ])
    const mayAssign =
      levelAt(ctx.actor, "MINER_EDIT", facts.miner.siteId) === "FULL" &&
      levelAt(ctx.actor, "USER_MANAGE", facts.miner.siteId) === "FULL"
    const [clients, backups, thermal] = await Promise.all([
      mayAssign ? listClients(ctx) : null,
      seesBackupsAt(ctx.actor, facts.miner.siteId) ? listBackups(ctx, { minerId, pageSize: 5 }) : null,
      listThermal(ctx, { siteId: facts.miner.siteId, minerId, events: THERMAL_EVENTS_SHOWN, holds: 1 }),
    ])
    const login = await readMinerLogin(ctx, facts.miner)
    const boards = (facts.live?.boards ?? []) as BoardSample[]
    return {
      ...facts,
      login,
      boards: boards.map((board) => ({ ...board, health: boardHealth(board.chips_ok, board.chips_total) })),
      pools: (facts.live?.pools ?? []) as PoolSample[],
      errors: (facts.live?.errors ?? []) as MinerError[],
      series: columnsOf(series, MINER_COLUMNS),
      owners: clients?.map(({ userId, name }) => ({ userId, name })) ?? null,
      backups: backups?.rows ?? null,
      thermal,
      canBackUp: levelAt(ctx.actor, "REMOTE_CONTROL_REQUEST", facts.miner.siteId) === "FULL",
      seesCollectors: levelAt(ctx.actor, "COLLECTOR_MANAGE", facts.miner.siteId) !== "NONE",
    }
  })
}

/** Saves what people write about the machine. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params }) => {
    const minerId = idOf(params.id)
    const before = await readMiner(ctx, { minerId })
    const state = stateOf(form.text("state"))
    await updateMiner(ctx, {
      minerId,
      place: form.textIfGiven("place"),
      label: form.textIfGiven("label"),
      notes: form.textIfGiven("notes"),
      ...(form.form.has("tags") ? { tags: form.words("tags") } : {}),
      ...(state ? { state } : {}),
    })
    const owner = form.text("owner")
    const was = before.owner ? String(before.owner.userId) : "none"
    if (owner && owner !== was)
      await assignOwner(ctx, { minerIds: [minerId], userId: owner === "none" ? null : form.number("owner") })
    const name = form.text("label") || before.miner.name
    return redirectWithNotice(`/miners/${minerId}`, { text: translator("en")("miner.saved", { name }) })
  })
}

export default function Miner() {
  const page = useLoaderData<typeof loader>()
  const { miner, live, site, freshness, can } = page
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const zone = site.timezone
  return (
    <>
      <PageHeader
        title={
          <>
            {miner.name}
            <MinerStatus miner={miner} />
          </>
        }
        trail={[
          { to: "/miners", label: t("miners.title") },
          { to: `/miners?site=${site.slug}`, label: site.name },
        ]}
        note={
          <span className="flex flex-wrap items-center gap-x-3">
            {[miner.model, miner.ipAddress, miner.place].filter(Boolean).join(" · ")}
            <Freshness at={freshness.collectedAt} stale={freshness.stale} zone={zone} />
          </span>
        }
        actions={
          <CommandMenu offered={can.request} to={{ ids: String(miner.id), back: `/miners/${miner.id}` }} />
        }
      />
      <div className="space-y-4">
        {page.thermal.holds.map((hold) => (
          <ThermalHoldNote key={hold.minerId} hold={hold} zone={zone} />
        ))}
        <ConditionNote miner={miner} zone={zone} />
        {page.login ? <LoginRefused login={page.login} miner={miner} zone={zone} /> : null}
        <MinerFigures miner={miner} live={live} site={site} />
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
          <div className="min-w-0 space-y-4">
            <Panel title={t("miner.lastDay")} aside={zone}>
              <MinerChart series={page.series} zone={zone} />
            </Panel>
            {page.errors.length > 0 || live?.errorMessage ? (
              <Panel title={t("miner.errors")} flush>
                {live?.errorMessage && page.errors.length === 0 ? (
                  <p className="px-3 py-2">{live.errorMessage}</p>
                ) : null}
                {page.errors.length > 0 ? <ErrorTable errors={page.errors} /> : null}
              </Panel>
            ) : null}
            <Panel title={t("miner.boards")} flush>
              {page.boards.length > 0 ? (
                <BoardTable boards={page.boards} />
              ) : (
                <p className="p-3 text-muted">{t("miner.noBoards")}</p>
              )}
            </Panel>
            <Panel title={t("miner.pools")} flush>
              {page.pools.length > 0 ? (
                <PoolTable pools={page.pools} />
              ) : (
                <p className="p-3 text-muted">{t("miner.noPools")}</p>
              )}
            </Panel>
            <Panel
              title={t("miner.commands")}
              aside={
                page.recentCommands.length > 0 ? (
                  <ButtonLink size="sm" look="quiet" to={`/commands?miner=${miner.id}`}>
                    {t("commands.ofThisMiner")}
                  </ButtonLink>
                ) : null
              }
              flush
            >
              <MinerCommands commands={page.recentCommands} zone={zone} />
            </Panel>
            {page.backups ? (
              <MinerBackups minerId={miner.id} rows={page.backups} canTake={page.canBackUp} />
            ) : null}
          </div>
          <div className="min-w-0 space-y-4">
            <Panel title={t("miner.identity")}>
              <MinerIdentity facts={page} seesCollectors={page.seesCollectors} />
              {can.edit === "none" ? null : (
                <details className="mt-3 border-t border-line pt-3" open={problem !== null || undefined}>
                  <summary className="inline-block cursor-pointer font-medium text-accent hover:underline">
                    {t("miner.edit")}
                  </summary>
                  <div className="mt-3">
                    <EditMinerForm miner={miner} can={can.edit} owners={page.owners} problem={problem} />
                  </div>
                </details>
              )}
            </Panel>
            {page.login ? <MinerLoginPanel login={page.login} miner={miner} /> : null}
            {live ? (
              <Panel title={t("miner.now")}>
                <SampleDetails live={live} />
              </Panel>
            ) : null}
            {page.thermal.events.length > 0 ? (
              <Panel title={t("thermal.events.title")} flush>
                <ThermalEventList events={page.thermal.events} zone={zone} named={false} />
              </Panel>
            ) : null}
            <Panel title={t("miner.events")} flush>
              {page.events.length > 0 ? (
                <EventList
                  events={page.events.map((event) => ({ ...event, miner: null, device: null }))}
                  zone={zone}
                />
              ) : (
                <p className="p-3 text-muted">{t("miner.noEvents")}</p>
              )}
            </Panel>
          </div>
        </div>
      </div>
    </>
  )
}
