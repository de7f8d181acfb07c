import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react"
import { CommandCounts } from "#app/components/command-counts.tsx"
import { CommandStatus, useCommandName } from "#app/components/command-status.tsx"
import { ShortTime } from "#app/components/short-time.tsx"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { SelectField } from "#app/ui/field.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Pagination } from "#app/ui/pagination.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import { COMMAND_STATUS_FILTERS, type CommandListRow, listCommands } from "#server/commands/list-commands.ts"
import { COMMAND_TYPES } from "#server/contract/commands.ts"
import { readMiner } from "#server/fleet/read-miner.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("commands.title")

/** `?site=&status=&type=&miner=&page=`; what cannot be right is left out. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const given = (name: string) => url.searchParams.get(name) ?? undefined
    const sites = await listSites(ctx)
    const minerId = positive(given("miner"))
    const filter = {
      siteId: sites.find((site) => site.slug === given("site"))?.id,
      status: COMMAND_STATUS_FILTERS.find((status) => status === given("status")),
      type: COMMAND_TYPES.find((type) => type === given("type")),
      minerId,
    }
    const [list, miner] = await Promise.all([
      listCommands(ctx, { ...filter, page: positive(given("page")) ?? 1 }),
      minerId ? readMiner(ctx, { minerId }) : null,
    ])
    return {
      ...list,
      filter,
      filtered: Object.values(filter).some((value) => value !== undefined),
      sites: sites.map(({ slug, name }) => ({ slug, name })),
      types: COMMAND_TYPES,
      minerName: miner ? (miner.miner.label ?? miner.miner.minerId) : null,
    }
  })
}

function positive(text: string | undefined): number | undefined {
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

const TABS = ["open", "PENDING_APPROVAL", "RUNNING", "SUCCEEDED", "FAILED", "EXPIRED", "CANCELLED"] as const

export default function Commands() {
  const page = useLoaderData<typeof loader>()
  const t = useT()
  const [search] = useSearchParams()
  const tab = (status: string | null) => {
    const to = new URLSearchParams(search)
    to.delete("page")
    if (status) to.set("status", status)
    else to.delete("status")
    return `/commands?${to}`
  }
  return (
    <>
      <PageHeader
        title={t("commands.title")}
        note={page.minerName ? t("commands.ofMiner", { name: page.minerName }) : null}
        actions={<ButtonLink to="/miners">{t("commands.toMiners")}</ButtonLink>}
      />
      <Panel flush>
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line p-2">
          <NavTabs
            label={t("commands.statusLabel")}
            items={[
              { to: tab(null), label: t("commands.all"), current: page.filter.status === undefined },
              ...TABS.map((status) => ({
                to: tab(status),
                label: status === "open" ? t("commands.open") : t(`command.status.${status}`),
                current: page.filter.status === status,
              })),
            ]}
          />
          <Filters {...page} />
        </div>
        {page.rows.length > 0 ? (
          <>
            <CommandTable rows={page.rows} showSite={page.sites.length > 1 && !search.has("site")} />
            <Pagination page={page.page} pageSize={page.pageSize} total={page.total} />
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

function Filters({ sites, types, filter }: Page) {
  const t = useT()
  const [search] = useSearchParams()
  return (
    <Form method="get" className="flex w-full items-end gap-2 md:w-auto">
      {["status", "miner"].map((name) =>
        search.has(name) ? (
          <input key={name} type="hidden" name={name} value={search.get(name) ?? ""} />
        ) : null,
      )}
      {sites.length > 1 ? (
        <SelectField
          label={t("commands.site")}
          labelHidden
          name="site"
          className="flex-1 md:w-40"
          defaultValue={search.get("site") ?? ""}
          key={`site ${search.get("site")}`}
        >
          <option value="">{t("commands.anySite")}</option>
          {sites.map((site) => (
            <option key={site.slug} value={site.slug}>
              {site.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      <SelectField
        label={t("commands.type")}
        labelHidden
        name="type"
        className="flex-1 md:w-40"
        defaultValue={filter.type ?? ""}
        key={`type ${filter.type}`}
      >
        <option value="">{t("commands.anyType")}</option>
        {types.map((type) => (
          <option key={type} value={type}>
            {t(`command.type.${type}`)}
          </option>
        ))}
      </SelectField>
      <Button type="submit">{t("commands.filter")}</Button>
    </Form>
  )
}

function CommandTable({ rows, showSite }: { rows: CommandListRow[]; showSite: boolean }) {
  const t = useT()
  const nameOf = useCommandName()
  return (
    <Table label={t("commands.title")}>
      <thead>
        <tr>
          <Th>{t("commands.command")}</Th>
          <Th>{t("commands.state")}</Th>
          <Th>{t("commands.targets")}</Th>
          <Th className="w-56">{t("commands.results")}</Th>
          {showSite ? <Th>{t("commands.site")}</Th> : null}
          <Th>{t("commands.by")}</Th>
          <Th>{t("commands.asked")}</Th>
          <Th numeric>{t("commands.took")}</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td className="whitespace-nowrap">
              <Link to={`/commands/${row.id}`} className="link font-medium">
                {nameOf(row.type, row.parameters)}
              </Link>
            </Td>
            <Td>
              <CommandStatus status={row.status} />
            </Td>
            <Td className="whitespace-nowrap">
              {row.minerId ? (
                <Link to={`/miners/${row.minerId}`} className="link">
                  {row.minerLabel}
                </Link>
              ) : (
                t("commands.machines", { count: row.targets })
              )}
            </Td>
            <Td className="min-w-40">
              <CommandCounts counts={row} />
            </Td>
            {showSite ? (
              <Td className="whitespace-nowrap">
                <Link to={`/sites/${row.siteSlug}`} className="link">
                  {row.siteName}
                </Link>
              </Td>
            ) : null}
            <Td className="whitespace-nowrap">{row.requestedByName ?? t("commands.someone")}</Td>
            <Td>
              <Ago at={row.requestedAt} zone={row.timezone} />
            </Td>
            <Td numeric>
              <ShortTime
                ms={
                  row.startedAt && row.finishedAt ? row.finishedAt.getTime() - row.startedAt.getTime() : null
                }
              />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
