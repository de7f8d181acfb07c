import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, useLoaderData, useSearchParams } from "@remix-run/react"
import { AuditSeal } from "#app/components/audit-seal.tsx"
import { AuditTable } from "#app/components/audit-table.tsx"
import { AUDIT_SOURCES, auditQueryOf } from "#app/lib/audit-query.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { listAudit } from "#server/audit/list-audit.ts"
import { readAuditSeal } from "#server/audit/read-audit-seal.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("audit.title")

/** The filters of `auditQueryOf`, and `page`. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const { filter, sites, zone } = auditQueryOf(url.searchParams, ctx.actor, await listSites(ctx))
    const given = Number(url.searchParams.get("page") ?? 1)
    const page = Number.isInteger(given) && given >= 1 && given <= 200 ? given : 1
    return {
      ...(await listAudit(ctx, { ...filter, page })),
      seal: await readAuditSeal(ctx),
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
  const [search] = useSearchParams()
  return (
    <>
      <PageHeader
        title={t("audit.title")}
        note={t("audit.note")}
        actions={
          page.rows.length > 0 ? (
            <ButtonLink to={`/audit.csv?${withoutPage(search)}`} reloadDocument>
              {t("audit.csv")}
            </ButtonLink>
          ) : null
        }
      />
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
      {page.seal ? <AuditSeal seal={page.seal} /> : null}
    </>
  )
}

function withoutPage(search: URLSearchParams): URLSearchParams {
  const same = new URLSearchParams(search)
  same.delete("page")
  return same
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
      className="grid grid-cols-2 items-end gap-2 border-b border-line p-2 md:grid-cols-4 2xl:grid-cols-[repeat(7,minmax(0,1fr))_auto]"
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
      <SelectField label={t("audit.source")} name="source" defaultValue={given("source")}>
        <option value="">{t("audit.anySource")}</option>
        {AUDIT_SOURCES.map((source) => (
          <option key={source} value={source}>
            {t(`audit.via.${source}`)}
          </option>
        ))}
      </SelectField>
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
