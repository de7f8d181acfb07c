import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { CollectorList } from "#app/components/collector-list.tsx"
import { EventList } from "#app/components/event-list.tsx"
import { FLEET_COLUMNS, FleetChart } from "#app/components/fleet-chart.tsx"
import { FleetTotals, StateBar } from "#app/components/fleet-totals.tsx"
import { columnsOf } from "#app/lib/chart-data.ts"
import {
  formatCount,
  formatEfficiency,
  formatHashrate,
  formatPower,
  formatShare,
  hashrateUnit,
} from "#app/lib/format.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { readOverview } from "#server/fleet/read-overview.ts"
import { readCompanySeries } from "#server/telemetry/read-company-series.ts"

export const meta: MetaFunction = () => pageTitle("overview.title")

/** The state of everything the reader may see (`decisions.md` 32). */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    const [overview, series] = await Promise.all([readOverview(ctx), readCompanySeries(ctx, { hours: 24 })])
    return {
      ...overview,
      series: columnsOf(series, FLEET_COLUMNS),
      canCreateSite: ctx.actor.kind === "user" && ctx.actor.globalRole === "admin",
      seesCollectors: mayAnywhere(ctx.actor, "COLLECTOR_MANAGE", "READ"),
      isClient: ctx.actor.kind === "user" && ctx.actor.account === "client",
    }
  })
}

export default function Overview() {
  const page = useLoaderData<typeof loader>()
  const t = useT()
  if (page.sites.length === 0)
    return <NothingYet isClient={page.isClient} canCreateSite={page.canCreateSite} />
  const zones = new Set(page.sites.map((site) => site.timezone))
  const zone = zones.size === 1 ? ([...zones][0] ?? "UTC") : "UTC"
  return (
    <>
      <PageHeader
        title={t("overview.title")}
        note={t("overview.note", {
          machines: t("overview.machines", { count: page.totals.active }),
          sites: t("overview.sites", { count: page.sites.length }),
        })}
      />
      <div className="space-y-4">
        {page.openApprovals ? (
          <Alert tone="warn">
            <Link to="/approvals" className="link font-medium">
              {t("shell.openApprovals", { count: page.openApprovals })}
            </Link>
          </Alert>
        ) : null}
        <section aria-label={t("overview.fleetHeading")}>
          <FleetTotals totals={page.totals} />
        </section>
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
          <div className="min-w-0 space-y-4">
            <Panel title={t("overview.lastDay")} aside={zone}>
              <FleetChart series={page.series} zone={zone} />
            </Panel>
            <Panel title={t("overview.sitesTitle")} flush>
              <SiteTable sites={page.sites} />
            </Panel>
          </div>
          <div className="min-w-0 space-y-4">
            <Panel
              title={t("overview.changes")}
              aside={page.changesTotal > 0 ? t("overview.changesAll", { count: page.changesTotal }) : null}
              flush
            >
              {page.changes.length > 0 ? (
                <div className="relative max-h-96 overflow-y-auto">
                  <EventList events={page.changes} showSite={page.sites.length > 1} zone={zone} />
                </div>
              ) : (
                <p className="p-3 text-muted">{t("overview.noChanges")}</p>
              )}
            </Panel>
            {page.seesCollectors ? (
              <Panel title={t("overview.collectors")} flush>
                {page.collectors.length > 0 ? (
                  <CollectorList collectors={page.collectors} showSite={page.sites.length > 1} />
                ) : (
                  <EmptyState
                    title={t("overview.noCollectors")}
                    action={<ButtonLink to="/collectors">{t("overview.enroll")}</ButtonLink>}
                  />
                )}
              </Panel>
            ) : null}
          </div>
        </div>
      </div>
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function SiteTable({ sites }: Pick<Page, "sites">) {
  const t = useT()
  const unit = hashrateUnit(Math.max(...sites.map((site) => site.hashrateGhs ?? 0)))
  const Count = ({ slug, status, count }: { slug: string; status: string; count: number }) =>
    count === 0 ? (
      <span className="text-muted">0</span>
    ) : (
      <Link to={`/miners?site=${slug}&status=${status}`} className="link">
        {formatCount(count)}
      </Link>
    )
  return (
    <Table label={t("overview.sitesTitle")}>
      <thead>
        <tr>
          <Th>{t("overview.site")}</Th>
          <Th numeric>{t("overview.online")}</Th>
          <Th numeric>{t("overview.offline")}</Th>
          <Th numeric>{t("overview.unknown")}</Th>
          <Th numeric>{t("overview.hot")}</Th>
          <Th numeric>{t("overview.hashrate")}</Th>
          <Th numeric>{t("overview.shareOfExpected")}</Th>
          <Th numeric>{t("overview.power")}</Th>
          <Th numeric>{t("overview.efficiency")}</Th>
        </tr>
      </thead>
      <tbody>
        {sites.map((site) => (
          <Tr key={site.id}>
            <Td className="min-w-40">
              <Link to={`/sites/${site.slug}`} className="link font-medium">
                {site.name}
              </Link>
              {site.location ? <span className="ml-2 text-xs text-muted">{site.location}</span> : null}
              <div className="mt-1">
                <StateBar totals={site} />
              </div>
            </Td>
            <Td numeric>
              <Count slug={site.slug} status="online" count={site.online} />
            </Td>
            <Td numeric>
              <Count slug={site.slug} status="offline" count={site.offline} />
            </Td>
            <Td numeric>
              <Count slug={site.slug} status="unknown" count={site.unknown} />
            </Td>
            <Td numeric>
              <Count slug={site.slug} status="hot" count={site.hot} />
            </Td>
            <Td numeric>{formatHashrate(site.hashrateGhs, unit)}</Td>
            <Td numeric>{formatShare(site.ofExpected?.share)}</Td>
            <Td numeric>{formatPower(site.powerW)}</Td>
            <Td numeric>{formatEfficiency(site.efficiencyJTh)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function NothingYet({ isClient, canCreateSite }: Pick<Page, "isClient" | "canCreateSite">) {
  const t = useT()
  return (
    <>
      <PageHeader title={t("overview.title")} />
      <Panel>
        {isClient ? (
          <EmptyState title={t("overview.nothingOwned")}>{t("overview.nothingOwnedBody")}</EmptyState>
        ) : (
          <EmptyState
            title={t("overview.noSites")}
            action={
              canCreateSite ? (
                <ButtonLink look="primary" to="/sites/new">
                  {t("overview.createSite")}
                </ButtonLink>
              ) : null
            }
          >
            {t("overview.noSitesBody")}
          </EmptyState>
        )}
      </Panel>
    </>
  )
}
