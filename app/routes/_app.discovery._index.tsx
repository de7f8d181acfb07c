import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, useLoaderData, useSearchParams } from "@remix-run/react"
import { DiscoveredBar } from "#app/components/discovered-bar.tsx"
import { DiscoveredTable } from "#app/components/discovered-table.tsx"
import { ScanList } from "#app/components/scan-list.tsx"
import { ScheduleList } from "#app/components/schedule-list.tsx"
import { useSelection } from "#app/components/use-selection.ts"
import { discoveryQueryOf, filterOf, positive, uuidOf, withQuery } from "#app/lib/discovery-query.ts"
import { familyName } from "#app/lib/family-name.ts"
import type { FormFields } from "#app/lib/form-fields.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAfterPost } from "#app/lib/use-after-post.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { problemOf, SubmitButton } from "#app/ui/form.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { listCollectors } from "#server/collectors/list-collectors.ts"
import type { Context } from "#server/context.ts"
import { DISCOVERED_STATES } from "#server/contract/discovery.ts"
import { DomainError } from "#server/contract/errors.ts"
import { acceptDiscovered } from "#server/discovery/accept-discovered.ts"
import { deleteSchedule } from "#server/discovery/delete-schedule.ts"
import { listDiscovered } from "#server/discovery/list-discovered.ts"
import { listScans } from "#server/discovery/list-scans.ts"
import { listSchedules } from "#server/discovery/list-schedules.ts"
import { setDiscoveredIgnored } from "#server/discovery/set-discovered-ignored.ts"
import { setScheduleEnabled } from "#server/discovery/set-schedule-enabled.ts"
import { undoDecision } from "#server/discovery/undo-decision.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("discovery.title")

const SCANS = 6

/** The inbox by `?site=&collector=&scan=&state=&family=&moved=&q=&page=`, with the last scans and the schedules. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const query = discoveryQueryOf(url.searchParams)
    const filter = await filterFor(ctx, url.searchParams)
    const { siteId, deviceId } = filter
    const place = { ...(siteId === undefined ? {} : { siteId }), ...(deviceId ? { deviceId } : {}) }
    const [list, scans, schedules, collectors] = await Promise.all([
      listDiscovered(ctx, { ...filter, page: positive(url.searchParams.get("page") ?? undefined) ?? 1 }),
      listScans(ctx, { ...place, pageSize: SCANS }),
      listSchedules(ctx, place),
      listCollectors(ctx),
    ])
    const managed = new Set(
      collectors
        .map((one) => one.siteId)
        .filter((id) => levelAt(ctx.actor, "COLLECTOR_MANAGE", id) === "FULL"),
    )
    const sites = new Map(collectors.map((one) => [one.siteSlug, one.siteName]))
    return {
      ...list,
      query,
      scans: { rows: scans.rows, total: scans.total },
      schedules,
      sites: [...sites].map(([slug, name]) => ({ slug, name })),
      collectors: collectors
        .filter((one) => one.state !== "revoked" && (!query.site || one.siteSlug === query.site))
        .map(({ id, name, siteName }) => ({ id, name, siteName })),
      decisionId: uuidOf(url.searchParams.get("decision")),
      managed: [...managed],
      canManage: mayAnywhere(ctx.actor, "COLLECTOR_MANAGE", "FULL"),
    }
  })
}

/** What the address says as what verbs take; a site that the reader does not have is NOT_FOUND. */
async function filterFor(ctx: Context, search: URLSearchParams) {
  const { site, moved, ...query } = discoveryQueryOf(search)
  if (site === undefined) return { ...query, ...(moved ? { moved } : {}), siteId: undefined }
  const found = (await listSites(ctx)).find((one) => one.slug === site)
  if (!found) throw new DomainError("NOT_FOUND", translator("en")("shell.errors.NOT_FOUND.body"))
  return { ...query, ...(moved ? { moved } : {}), siteId: found.id }
}

/** The ticked rows, or everything that the sent filter finds now. */
async function chosen(ctx: Context, form: FormFields) {
  const filter = form.form.has("filter") ? form.text("filter") : null
  if (filter !== null) return { filter: await filterFor(ctx, new URLSearchParams(filter)) }
  const ids = form.integers("ids")
  if (ids.length === 0) throw new DomainError("INVALID", translator("en")("discovery.nothing"))
  return { ids }
}

/** Decisions about machines lead back to the list with the way to take them back. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, url }) => {
    const t = translator("en")
    const decided = (decisionId: string, count: number, text: string) =>
      redirectWithNotice(
        withQuery(url.searchParams, { decision: count > 0 ? decisionId : null }),
        count > 0 ? { text } : { text: t("discovery.nothingDone"), tone: "warn" },
      )
    const back = (text: string) => redirectWithNotice(withQuery(url.searchParams, {}), { text })
    const intent = form.text("intent")
    switch (intent) {
      case "accept": {
        const done = await acceptDiscovered(ctx, await chosen(ctx, form))
        const skipped = done.skipped > 0 ? ` ${t("discovery.skipped", { count: done.skipped })}` : ""
        return decided(
          done.decisionId,
          done.accepted,
          t("discovery.accepted", { count: done.accepted }) + skipped,
        )
      }
      case "ignore":
      case "unignore": {
        const ignored = intent === "ignore"
        const done = await setDiscoveredIgnored(ctx, { chosen: await chosen(ctx, form), ignored })
        const count = done.changed
        return decided(
          done.decisionId,
          count,
          ignored ? t("discovery.ignoredDone", { count }) : t("discovery.unignoredDone", { count }),
        )
      }
      case "undo": {
        const { machines } = await undoDecision(ctx, { decisionId: form.text("decisionId") })
        return back(t("discovery.undone", { count: machines }))
      }
      case "set-schedule": {
        const enabled = form.text("enabled") === "yes"
        await setScheduleEnabled(ctx, { scheduleId: form.number("scheduleId"), enabled })
        return back(enabled ? t("discovery.schedules.switchedOn") : t("discovery.schedules.switchedOff"))
      }
      case "delete-schedule": {
        await deleteSchedule(ctx, { scheduleId: form.number("scheduleId") })
        return back(t("discovery.schedules.removed"))
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

export default function Discovery() {
  const page = useLoaderData<typeof loader>()
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  const begin = (
    <ButtonLink
      to={page.query.deviceId ? `/discovery/new?collector=${page.query.deviceId}` : "/discovery/new"}
      look="primary"
    >
      {t("discovery.start")}
    </ButtonLink>
  )
  return (
    <>
      <PageHeader
        title={t("discovery.title")}
        note={t("discovery.note")}
        actions={page.canManage ? begin : null}
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="min-w-0 space-y-3">
          {problem ? <Alert tone="bad">{problem.message}</Alert> : null}
          {page.decisionId && page.canManage ? <Undo decisionId={page.decisionId} /> : null}
          <Inbox page={page} begin={page.canManage ? begin : null} failed={problem !== null} />
        </div>
        <div className="min-w-0 space-y-4">
          <ScanList scans={page.scans.rows} total={page.scans.total} />
          <ScheduleList
            schedules={page.schedules}
            canManage={(siteId) => page.managed.includes(siteId)}
            problem={problem}
          />
        </div>
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function Undo({ decisionId }: { decisionId: string }) {
  const t = useT()
  return (
    <Alert tone="info">
      <Form method="post" preventScrollReset className="flex flex-wrap items-center justify-between gap-3">
        <input type="hidden" name="decisionId" value={decisionId} />
        {t("discovery.undoBody")}
        <SubmitButton look="secondary" size="sm" name="intent" value="undo">
          {t("discovery.undo")}
        </SubmitButton>
      </Form>
    </Alert>
  )
}

function Inbox({ page, begin, failed }: { page: Page; begin: React.ReactNode; failed: boolean }) {
  const t = useT()
  const [search] = useSearchParams()
  const filter = filterOf(search)
  const selection = useSelection(
    page.rows.map((row) => row.id),
    page.total,
    filter + search.get("page"),
  )
  useAfterPost(() => {
    if (!failed) selection.clear()
  })
  const total = Object.values(page.states).reduce((sum, count) => sum + count, 0)
  const tab = (state: string, label: string, count: number, current: boolean) => ({
    to: withQuery(search, { state, moved: null }),
    label,
    count,
    current,
  })
  const narrowed = Boolean(page.query.q || page.query.family || page.query.deviceId || page.query.scanId)
  return (
    <Panel title={t("discovery.inbox")} flush>
      <div className="space-y-2 border-b border-line p-2">
        <NavTabs
          label={t("discovery.column.state")}
          items={[
            ...DISCOVERED_STATES.map((state) =>
              tab(
                state,
                t(`discovery.states.${state}`),
                page.states[state],
                page.query.state === state && !page.query.moved,
              ),
            ),
            {
              to: withQuery(search, { moved: "1", state: null }),
              label: t("discovery.moved"),
              count: page.moved,
              current: page.query.moved,
            },
            tab("all", t("discovery.all"), total, page.query.state === undefined && !page.query.moved),
          ]}
        />
        <Filters page={page} />
      </div>
      {page.rows.length > 0 ? (
        <>
          <DiscoveredTable
            rows={page.rows}
            selection={page.canManage ? selection : undefined}
            showCollector={page.collectors.length > 1}
          />
          {page.canManage ? (
            <DiscoveredBar
              selection={selection}
              total={page.total}
              filter={filter}
              ignoredOnly={page.query.state === "ignored"}
            />
          ) : null}
          <Pagination page={page.page} pageSize={page.pageSize} total={page.total} />
        </>
      ) : narrowed ? (
        <EmptyState
          title={t("discovery.noneFound")}
          action={<ButtonLink to="/discovery?state=all">{t("discovery.showAll")}</ButtonLink>}
        >
          {t("discovery.noneFoundBody")}
        </EmptyState>
      ) : total > 0 ? (
        <EmptyState title={page.query.state === "new" ? t("discovery.noneNew") : t("discovery.noneFound")}>
          {page.query.state === "new" ? t("discovery.noneNewBody") : t("discovery.noneFoundBody")}
        </EmptyState>
      ) : (
        <EmptyState title={t("discovery.none")} action={begin}>
          {begin ? t("discovery.noneBody") : t("discovery.noneLook")}
        </EmptyState>
      )}
    </Panel>
  )
}

function Filters({ page }: { page: Page }) {
  const t = useT()
  const [search] = useSearchParams()
  const { query } = page
  const kept = ["state", "moved", "scan"].flatMap((name) => {
    const value = search.get(name)
    return value ? [<input key={name} type="hidden" name={name} value={value} />] : []
  })
  return (
    <Form
      method="get"
      role="search"
      aria-label={t("discovery.filters")}
      key={search.toString()}
      className="flex flex-wrap items-end gap-2"
    >
      {kept}
      <TextField
        label={t("discovery.q")}
        name="q"
        type="search"
        placeholder={t("discovery.qHint")}
        defaultValue={query.q ?? ""}
        className="w-full sm:w-56"
      />
      {page.sites.length > 1 ? (
        <SelectField
          label={t("discovery.site")}
          name="site"
          defaultValue={query.site ?? ""}
          className="min-w-28 flex-1 sm:max-w-44"
        >
          <option value="">{t("discovery.allSites")}</option>
          {page.sites.map((site) => (
            <option key={site.slug} value={site.slug}>
              {site.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      {page.collectors.length > 1 ? (
        <SelectField
          label={t("discovery.collector")}
          name="collector"
          defaultValue={query.deviceId ?? ""}
          className="min-w-28 flex-1 sm:max-w-44"
        >
          <option value="">{t("discovery.anyCollector")}</option>
          {page.collectors.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      {page.families.length > 1 ? (
        <SelectField
          label={t("discovery.family")}
          name="family"
          defaultValue={query.family ?? ""}
          className="min-w-28 flex-1 sm:max-w-44"
        >
          <option value="">{t("discovery.anyFamily")}</option>
          {page.families.map((family) => (
            <option key={family} value={family}>
              {familyName(family)}
            </option>
          ))}
        </SelectField>
      ) : null}
      <Button type="submit">{t("discovery.filter")}</Button>
    </Form>
  )
}
