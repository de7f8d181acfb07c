import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, useLoaderData, useSearchParams } from "@remix-run/react"
import { BackupTable } from "#app/components/backup-table.tsx"
import { CommandArea } from "#app/components/command-area.tsx"
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
import { BACKUP_KINDS, listBackups } from "#server/backups/list-backups.ts"
import { readMiner } from "#server/fleet/read-miner.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("backups.title")

/** `?site=&miner=&kind=&q=&page=`; what cannot be right is left out. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const given = (name: string) => url.searchParams.get(name)?.trim() || undefined
    const sites = await listSites(ctx)
    const filter = {
      siteId: sites.find((site) => site.slug === given("site"))?.id,
      minerId: positive(given("miner")),
      kind: BACKUP_KINDS.find((kind) => kind === given("kind")),
      q: given("q")?.slice(0, 200),
    }
    const list = await listBackups(ctx, { ...filter, page: positive(given("page")) ?? 1 })
    const miner = filter.minerId ? await readMiner(ctx, { minerId: filter.minerId }) : null
    return {
      ...list,
      filter,
      filtered: Object.values(filter).some((value) => value !== undefined),
      sites: sites.map(({ slug, name }) => ({ slug, name })),
      kinds: BACKUP_KINDS,
      minerName: miner?.miner.name ?? null,
      canTake: mayAnywhere(ctx.actor, "REMOTE_CONTROL_REQUEST", "FULL"),
      isClient: ctx.actor.kind === "user" && ctx.actor.account === "client",
    }
  })
}

function positive(text: string | undefined): number | undefined {
  return text && /^[1-9]\d{0,8}$/.test(text) && Number(text) <= 10_000_000 ? Number(text) : undefined
}

export default function Backups() {
  const page = useLoaderData<typeof loader>()
  const t = useT()
  const { minerId } = page.filter
  return (
    <>
      <PageHeader
        title={t("backups.title")}
        note={page.minerName ? t("backups.ofMiner", { name: page.minerName }) : t("backups.note")}
        actions={
          page.canTake ? (
            <ButtonLink to={minerId ? `/commands/new?type=BACKUP_CONFIG&ids=${minerId}` : "/miners"}>
              {minerId ? t("backups.takeOne") : t("backups.take")}
            </ButtonLink>
          ) : null
        }
      />
      <CommandArea current="backups" />
      <Panel flush>
        <Filters {...page} />
        {page.rows.length > 0 ? (
          <>
            <BackupTable
              rows={page.rows}
              showSite={page.sites.length > 1 && page.filter.siteId === undefined}
            />
            <Pagination page={page.page} pageSize={page.pageSize} total={page.total} />
            {page.more ? (
              <p className="px-3 pb-2 text-xs text-muted">{t("backups.moreThan", { count: page.total })}</p>
            ) : null}
          </>
        ) : page.filtered || page.page > 1 ? (
          <EmptyState
            title={t("backups.noneFound")}
            action={<ButtonLink to="/backups">{t("backups.showAll")}</ButtonLink>}
          >
            {t("backups.noneFoundBody")}
          </EmptyState>
        ) : (
          <EmptyState title={t("backups.none")}>
            {page.isClient ? t("backups.noneBodyClient") : t("backups.noneBody")}
          </EmptyState>
        )}
      </Panel>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function Filters({ sites, kinds, filter, filtered }: Page) {
  const t = useT()
  const [search] = useSearchParams()
  return (
    // A new address begins new fields.
    <Form
      method="get"
      role="search"
      key={search.toString()}
      className="flex flex-wrap items-end gap-2 border-b border-line p-2"
    >
      {filter.minerId ? <input type="hidden" name="miner" value={filter.minerId} /> : null}
      <TextField
        label={t("backups.q")}
        name="q"
        type="search"
        placeholder={t("backups.qHint")}
        defaultValue={filter.q ?? ""}
        className="w-full sm:w-64"
      />
      {sites.length > 1 ? (
        <SelectField
          label={t("backups.site")}
          name="site"
          defaultValue={search.get("site") ?? ""}
          className="min-w-32 flex-1 sm:max-w-48"
        >
          <option value="">{t("backups.anySite")}</option>
          {sites.map((site) => (
            <option key={site.slug} value={site.slug}>
              {site.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      <SelectField
        label={t("backups.kind")}
        name="kind"
        defaultValue={filter.kind ?? ""}
        className="min-w-32 flex-1 sm:max-w-48"
      >
        <option value="">{t("backups.anyKind")}</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {t(`backups.kinds.${kind}`)}
          </option>
        ))}
      </SelectField>
      <Button type="submit">{t("backups.filter")}</Button>
      {filtered ? (
        <ButtonLink to="/backups" look="quiet">
          {t("backups.showAll")}
        </ButtonLink>
      ) : null}
    </Form>
  )
}
