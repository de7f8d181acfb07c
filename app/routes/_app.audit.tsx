import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, useLoaderData, useSearchParams } from "@remix-run/react"
import { AuditTable } from "#app/components/audit-table.tsx"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { instantOf } from "#app/lib/zoned-time.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { listAudit } from "#server/audit/list-audit.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("audit.title")

/** `?site=&action=&actor=&q=&from=&to=&page=`; times in the chosen site's zone, else UTC. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const text = (name: string, most: number) =>
      url.searchParams.get(name)?.trim().slice(0, most) || undefined
    const sites = (await listSites(ctx)).filter(
      (site) => levelAt(ctx.actor, "AUDIT_VIEW", site.id) === "FULL",
    )
    const site = sites.find((one) => one.slug === text("site", 64))
    const zone = site?.timezone ?? (sites.length === 1 ? sites[0]?.timezone : undefined) ?? "UTC"
    const time = (name: string) => instantOf(text(name, 32) ?? "", zone) ?? undefined
    const filter = {
      siteId: site?.id,
      action: text("action", 64),
      actor: text("actor", 254),
      q: text("q", 200),
      from: time("from"),
      to: time("to"),
    }
    const given = Number(text("page", 6) ?? 1)
    const page = Number.isInteger(given) && given >= 1 && given <= 200 ? given : 1
    return {
      ...(await listAudit(ctx, { ...filter, page })),
      filtered: Object.values(filter).some((value) => value !== undefined),
      zone,
      sites: sites.map(({ slug, name }) => ({ slug, name })),
      opens: {
        user: ctx.actor.kind === "user" && ctx.actor.globalRole === "admin",
        collector: mayAnywhere(ctx.actor, "COLLECTOR_MANAGE", "READ"),
      },
      zones: Object.fromEntries(sites.map((one) => [one.id, one.timezone])),
    }
  })
}

export default function Audit() {
  const page = useLoaderData<typeof loader>()
  const t = useT()
  return (
    <>
      <PageHeader title={t("audit.title")} note={t("audit.note")} />
      <Panel flush>
        <Filters {...page} />
        {page.rows.length > 0 ? (
          <>
            <AuditTable rows={page.rows} zones={page.zones} opens={page.opens} />
            <Pagination page={page.page} pageSize={page.pageSize} total={page.total} />
            {page.more ? (
              <p className="px-3 pb-2 text-xs text-muted">{t("audit.moreThan", { count: page.total })}</p>
            ) : null}
          </>
        ) : page.filtered || page.page > 1 ? (
          <EmptyState
            title={t("audit.noneFound")}
            action={<ButtonLink to="/audit">{t("audit.clear")}</ButtonLink>}
          >
            {t("audit.noneFoundBody")}
          </EmptyState>
        ) : (
          <EmptyState title={t("audit.none")} />
        )}
      </Panel>
    </>
  )
}

function Filters({ sites, zone, filtered }: ReturnType<typeof useLoaderData<typeof loader>>) {
  const t = useT()
  const [search] = useSearchParams()
  const given = (name: string) => search.get(name) ?? ""
  return (
    // A new address begins new fields.
    <Form
      method="get"
      role="search"
      key={search.toString()}
      className="grid grid-cols-2 items-end gap-2 border-b border-line p-2 md:grid-cols-3 xl:grid-cols-[repeat(6,minmax(0,1fr))_auto]"
    >
      <SelectField label={t("audit.site")} name="site" defaultValue={given("site")}>
        <option value="">{t("audit.anySite")}</option>
        {sites.map((site) => (
          <option key={site.slug} value={site.slug}>
            {site.name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t("audit.action")}
        name="action"
        placeholder={t("audit.actionHint")}
        autoComplete="off"
        defaultValue={given("action")}
      />
      <TextField
        label={t("audit.actor")}
        name="actor"
        placeholder={t("audit.actorHint")}
        autoComplete="off"
        defaultValue={given("actor")}
      />
      <TextField
        label={t("audit.q")}
        name="q"
        type="search"
        placeholder={t("audit.qHint")}
        defaultValue={given("q")}
      />
      <TextField
        label={t("audit.from", { zone })}
        name="from"
        type="datetime-local"
        defaultValue={given("from")}
      />
      <TextField label={t("audit.to", { zone })} name="to" type="datetime-local" defaultValue={given("to")} />
      <div className="flex gap-2">
        <Button type="submit">{t("audit.filter")}</Button>
        {filtered ? (
          <ButtonLink to="/audit" look="quiet">
            {t("audit.clear")}
          </ButtonLink>
        ) : null}
      </div>
    </Form>
  )
}
