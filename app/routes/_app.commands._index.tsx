import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData, useSearchParams } from "@remix-run/react"
import { CommandArea } from "#app/components/command-area.tsx"
import { CommandHistory } from "#app/components/command-history.tsx"
import { CommandStatistics } from "#app/components/command-stats.tsx"
import { HistoryFilters } from "#app/components/history-filters.tsx"
import { commandQueryOf } from "#app/lib/command-query.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { requireUser } from "#server/access/permission.ts"
import { commandStats } from "#server/commands/command-stats.ts"
import { listCommands } from "#server/commands/list-commands.ts"
import type { Context } from "#server/context.ts"
import { COMMAND_SOURCES, COMMAND_TYPES } from "#server/contract/commands.ts"
import { readMiner } from "#server/fleet/read-miner.ts"
import { listUsers } from "#server/people/list-users.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("commands.title")

/** The filters of `commandQueryOf`. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const sites = await listSites(ctx)
    const { filter, page, zone, lastDay } = commandQueryOf(url.searchParams, sites, ctx.now())
    // The numbers above the list are of all types and states of the day.
    const { from: _, to: __, type: ___, status: ____, ...ofDay } = filter
    const [list, stats, miner, known] = await Promise.all([
      listCommands(ctx, { ...filter, page }),
      commandStats(ctx, ofDay),
      filter.minerId ? readMiner(ctx, { minerId: filter.minerId }) : null,
      peopleToChoose(ctx),
    ])
    const { requestedBy } = filter
    const chosen = list.rows[0]?.requestedByName
    const people =
      requestedBy === undefined || known.some(({ userId }) => userId === requestedBy)
        ? known
        : [...known, { userId: requestedBy, name: chosen ?? translator("en")("commands.onePerson") }]
    return {
      ...list,
      stats,
      status: filter.status ?? null,
      filtered: Object.values(filter).some((value) => value !== undefined),
      zone,
      lastDay,
      people,
      types: COMMAND_TYPES,
      sources: COMMAND_SOURCES,
      sites: sites.map(({ slug, name }) => ({ slug, name })),
      minerName: miner?.miner.name ?? null,
    }
  })
}

/** The reader himself, and the staff whom he administers. */
async function peopleToChoose(ctx: Context): Promise<{ userId: number; name: string }[]> {
  const { userId } = requireUser(ctx)
  const staff = mayAnywhere(ctx.actor, "USER_MANAGE", "FULL") ? await listUsers(ctx, { kind: "staff" }) : []
  return [
    { userId, name: translator("en")("commands.me") },
    ...staff.filter((one) => one.userId !== userId).map((one) => ({ userId: one.userId, name: one.name })),
  ]
}

const TABS = [
  "open",
  "PENDING_APPROVAL",
  "RUNNING",
  "halted",
  "SUCCEEDED",
  "FAILED",
  "EXPIRED",
  "CANCELLED",
] as const

export default function Commands() {
  const page = useLoaderData<typeof loader>()
  const t = useT()
  const [search] = useSearchParams()
  return (
    <>
      <PageHeader
        title={t("commands.title")}
        note={page.minerName ? t("commands.ofMiner", { name: page.minerName }) : null}
        actions={<ButtonLink to="/miners">{t("commands.toMiners")}</ButtonLink>}
      />
      <CommandArea current="history" />
      <CommandStatistics stats={page.stats} />
      <Panel flush>
        <div className="border-b border-line p-2">
          <StatusTabs status={page.status} />
        </div>
        <HistoryFilters {...page} />
        {page.rows.length > 0 ? (
          <>
            <CommandHistory rows={page.rows} showSite={page.sites.length > 1 && !search.get("site")} />
            <Pagination page={page.page} pageSize={page.pageSize} total={page.total} />
            {page.more ? (
              <p className="px-3 pb-2 text-xs text-muted">{t("commands.moreThan", { count: page.total })}</p>
            ) : null}
          </>
        ) : page.filtered || page.page > 1 ? (
          <EmptyState
            title={t("commands.noneFound")}
            action={<ButtonLink to="/commands">{t("commands.showAll")}</ButtonLink>}
          >
            {t("commands.noneFoundBody")}
          </EmptyState>
        ) : (
          <EmptyState title={t("commands.none")}>{t("commands.noneBody")}</EmptyState>
        )}
      </Panel>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function StatusTabs({ status }: Pick<Page, "status">) {
  const t = useT()
  const [search] = useSearchParams()
  const to = (one: string | null) => {
    const next = new URLSearchParams(search)
    next.delete("page")
    if (one) next.set("status", one)
    else next.delete("status")
    return `/commands?${next}`
  }
  const labelOf = (one: NonNullable<Page["status"]>) =>
    one === "open" || one === "halted" || one === "unsuccessful"
      ? t(`commands.${one}`)
      : t(`command.status.${one}`)
  // A state that has no tab of its own gets one while it is chosen.
  const tabs = status && !TABS.some((one) => one === status) ? [...TABS, status] : TABS
  return (
    <NavTabs
      label={t("commands.statusLabel")}
      items={[
        { to: to(null), label: t("commands.all"), current: status === null },
        ...tabs.map((one) => ({ to: to(one), label: labelOf(one), current: status === one })),
      ]}
    />
  )
}
