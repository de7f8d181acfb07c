import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react"
import { MinerBulkBar } from "#app/components/miner-bulk-bar.tsx"
import { MinerFilters } from "#app/components/miner-filters.tsx"
import { MinerTable, SELECTION_FORM } from "#app/components/miner-table.tsx"
import { useSelection } from "#app/components/use-selection.ts"
import { stateOf } from "#app/lib/miner-form.ts"
import { filterStringOf, minerFilterOf, minerOrderOf } from "#app/lib/miner-query.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { selectedMiners } from "#app/lib/selection.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAfterPost } from "#app/lib/use-after-post.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { Icon } from "#app/ui/icon.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { offeredFeatures } from "#server/commands/offered-features.ts"
import { listMiners } from "#server/fleet/list-miners.ts"
import { updateMiners } from "#server/fleet/update-miners.ts"
import { assignOwner } from "#server/people/assign-owner.ts"
import { listClients } from "#server/people/list-clients.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("miners.title")

const PAGE_SIZE = 50

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const order = minerOrderOf(url.searchParams)
    const mayAssign =
      mayAnywhere(ctx.actor, "MINER_EDIT", "FULL") && mayAnywhere(ctx.actor, "USER_MANAGE", "FULL")
    const [list, sites, clients] = await Promise.all([
      listMiners(ctx, { ...minerFilterOf(url.searchParams), ...order, pageSize: PAGE_SIZE, facets: true }),
      listSites(ctx),
      mayAssign ? listClients(ctx) : null,
    ])
    return {
      ...list,
      facets: list.facets ?? { makes: [], models: [], places: [], tags: [] },
      order: { sort: order.sort, dir: order.dir },
      sites: sites.map(({ id, slug, name, timezone }) => ({ id, slug, name, timezone })),
      owners: clients?.map(({ userId, name }) => ({ userId, name })) ?? null,
      can: {
        edit: mayAnywhere(ctx.actor, "MINER_EDIT", "FULL")
          ? ("all" as const)
          : mayAnywhere(ctx.actor, "MINER_EDIT", "OWN")
            ? ("place" as const)
            : ("none" as const),
        request: await offeredFeatures(ctx),
      },
    }
  })
}

/** Edits the chosen machines: only the fields that were filled in. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, url }) => {
    const t = translator("en")
    const minerIds = await selectedMiners(ctx, {
      ids: form.integers("ids"),
      filter: form.form.has("filter") ? form.text("filter") : null,
    })
    const change = {
      ...(form.text("place") ? { place: form.text("place") } : {}),
      ...(form.words("addTags").length > 0 ? { addTags: form.words("addTags") } : {}),
      ...(form.words("removeTags").length > 0 ? { removeTags: form.words("removeTags") } : {}),
      ...(stateOf(form.text("state")) ? { state: stateOf(form.text("state")) } : {}),
    }
    const owner = form.text("owner")
    let changed = 0
    if (Object.keys(change).length > 0) changed = (await updateMiners(ctx, { minerIds, ...change })).changed
    if (owner) {
      await assignOwner(ctx, { minerIds, userId: owner === "none" ? null : form.number("owner") })
      changed = minerIds.length
    }
    const nothing = Object.keys(change).length === 0 && !owner
    return redirectWithNotice(url.pathname + url.search, {
      text: nothing ? t("miners.nothingToChange") : t("miners.changed", { count: changed }),
      tone: nothing ? "warn" : "ok",
    })
  })
}

export default function Miners() {
  const page = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const [search] = useSearchParams()
  const t = useT()
  const filter = filterStringOf(search)
  const selection = useSelection(
    page.rows.map((row) => row.id),
    page.total,
    search.toString(),
  )
  useAfterPost(() => {
    if (!problem) selection.clear()
  })
  const collector = page.rows.length > 0 && search.has("collector") ? `#${search.get("collector")}` : null
  const zones = Object.fromEntries(page.sites.map((site) => [site.id, site.timezone]))
  return (
    <>
      <PageHeader
        title={t("miners.title")}
        note={t("miners.count", { count: page.total })}
        actions={
          page.can.edit === "all" && page.sites.length > 0 ? (
            <ButtonLink to="/miners/new">
              <Icon name="plus" />
              {t("miners.add")}
            </ButtonLink>
          ) : null
        }
      />
      <Panel flush>
        <div className="border-b border-line p-2">
          <MinerFilters
            facets={page.facets}
            sites={page.sites}
            owners={page.owners}
            collectorName={collector}
          />
        </div>
        {page.rows.length > 0 ? (
          <>
            <MinerTable
              rows={page.rows}
              order={page.order}
              selection={page.can.edit !== "none" || page.can.request.length > 0 ? selection : undefined}
              showSite={page.sites.length > 1 && !search.has("site")}
              zones={zones}
            />
            {selection.count > 0 ? (
              <MinerBulkBar
                selection={selection}
                total={page.total}
                filter={filter}
                can={page.can}
                owners={page.owners}
                problem={problem}
              />
            ) : null}
            {page.can.request.length > 0 ? <PlainSelection filter={filter} total={page.total} /> : null}
            <Pagination page={page.page} pageSize={page.pageSize} total={page.total} />
          </>
        ) : filter || page.page > 1 ? (
          <EmptyState
            title={t("miners.noneFound")}
            action={<ButtonLink to="/miners">{t("miners.showAll")}</ButtonLink>}
          >
            {t("miners.noneFoundBody")}
          </EmptyState>
        ) : (
          <EmptyState title={t("miners.noneYet")}>{t("miners.noneYetBody")}</EmptyState>
        )}
      </Panel>
    </>
  )
}

/** Without JavaScript: the ticked rows, or everything that is found, go to the page that asks what to do with them. */
function PlainSelection({ filter, total }: { filter: string; total: number }) {
  const t = useT()
  return (
    <Form id={SELECTION_FORM} method="get" action="/commands/new">
      <noscript>
        <div className="flex flex-wrap items-center gap-3 border-t border-line px-3 py-2">
          <Button type="submit">{t("miners.commandTicked")}</Button>
          <Link to={`/commands/new?${new URLSearchParams({ filter })}`} className="link">
            {t("miners.commandAllFound", { total })}
          </Link>
        </div>
      </noscript>
    </Form>
  )
}
