import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { CollectorList } from "#app/components/collector-list.tsx"
import { CommandMenu } from "#app/components/command-menu.tsx"
import { PausedNote } from "#app/components/command-switch.tsx"
import { EventList } from "#app/components/event-list.tsx"
import { FLEET_COLUMNS, FleetChart } from "#app/components/fleet-chart.tsx"
import { FleetTotals } from "#app/components/fleet-totals.tsx"
import { MinerLines, minerLine } from "#app/components/miner-lines.tsx"
import { groupTotals, SiteGroups } from "#app/components/site-groups.tsx"
import { ThermalEventList } from "#app/components/thermal-events.tsx"
import { ThermalHoldList } from "#app/components/thermal-holds.tsx"
import { columnsOf } from "#app/lib/chart-data.ts"
import { formatShare, formatTemp } from "#app/lib/format.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { offeredFeatures } from "#server/commands/offered-features.ts"
import { readSiteDashboard } from "#server/fleet/read-site-dashboard.ts"
import { readSite } from "#server/sites/read-site.ts"
import { readSiteSeries } from "#server/telemetry/read-site-series.ts"
import { listThermal } from "#server/thermal/list-thermal.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle("sites.site", data?.site.name)

/** The biggest of each kind are shown. A list of machines in that order leads to the rest. */
const GROUPS_SHOWN = 20
const THERMAL_EVENTS_SHOWN = 8
const HOLDS_SHOWN = 8

/** One site as the reader may see it: a client his own machines there. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const slug = params.slug ?? ""
    const site = await readSite(ctx, { slug })
    const { id: siteId, can } = site
    const [page, series, thermal, offered] = await Promise.all([
      readSiteDashboard(ctx, { slug }),
      readSiteSeries(ctx, { siteId, hours: 24 }),
      listThermal(ctx, { siteId, events: THERMAL_EVENTS_SHOWN, holds: HOLDS_SHOWN }),
      ctx.actor.kind === "user" ? offeredFeatures(ctx, { siteId }) : [],
    ])
    return {
      ...page,
      hottest: page.hottest.map(minerLine),
      unhealthy: page.unhealthy.map(minerLine),
      byModel: page.byModel
        .slice(0, GROUPS_SHOWN)
        .map(({ make, model, ...totals }) => ({ make, model, ...groupTotals(totals) })),
      models: page.byModel.length,
      byPlace: page.byPlace
        .slice(0, GROUPS_SHOWN)
        .map(({ place, ...totals }) => ({ place, ...groupTotals(totals) })),
      places: page.byPlace.length,
      series: columnsOf(series, FLEET_COLUMNS),
      pause: site.commandsPausedAt
        ? { at: site.commandsPausedAt, by: site.commandsPausedByName, reason: site.commandsPauseReason }
        : null,
      thermal,
      can,
      offered,
      isClient: ctx.actor.kind === "user" && ctx.actor.account === "client",
    }
  })
}

export default function SiteDashboard() {
  const page = useLoaderData<typeof loader>()
  const { site, totals, can } = page
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[{ to: "/sites", label: t("sites.title") }]}
        title={site.name}
        note={[site.location, t("sites.dashboard.zone", { zone: site.timezone })].filter(Boolean).join(" · ")}
        actions={
          <>
            <ButtonLink to={`/miners?site=${site.slug}`}>{t("sites.dashboard.miners")}</ButtonLink>
            <ButtonLink to={`/commands?site=${site.slug}`}>{t("sites.dashboard.commands")}</ButtonLink>
            {totals.active > 0 ? (
              <CommandMenu offered={page.offered} to={{ filter: `site=${site.slug}&status=active` }} />
            ) : null}
            {site.statusPageEnabled ? (
              <ButtonLink to={`/status/${site.slug}`} reloadDocument>
                {t("sites.dashboard.statusPage")}
              </ButtonLink>
            ) : null}
            {can.viewCollectors ? (
              <ButtonLink to={`/discovery?site=${site.slug}`}>{t("discovery.title")}</ButtonLink>
            ) : null}
            {can.viewThermal ? (
              <ButtonLink to={`/sites/${site.slug}/thermal`}>{t("thermal.link")}</ButtonLink>
            ) : null}
            {can.viewSettings ? (
              <ButtonLink to={`/sites/${site.slug}/settings`}>{t("sites.dashboard.settings")}</ButtonLink>
            ) : null}
          </>
        }
      />
      {page.pause ? (
        <div className="mb-4">
          <PausedNote pause={page.pause} zone={site.timezone} />
        </div>
      ) : null}
      {totals.active === 0 ? (
        <Panel>
          <EmptyState
            title={t("sites.dashboard.empty")}
            action={
              can.manageCollectors ? (
                <ButtonLink to={`/collectors/new?site=${site.slug}`} look="primary">
                  {t("sites.dashboard.enroll")}
                </ButtonLink>
              ) : null
            }
          >
            {page.isClient ? t("sites.dashboard.emptyClient") : t("sites.dashboard.emptyBody")}
          </EmptyState>
        </Panel>
      ) : (
        <Populated {...page} />
      )}
      {totals.active === 0 && page.collectors.length > 0 ? (
        <div className="mt-4 max-w-xl">
          <Collectors {...page} />
        </div>
      ) : null}
    </>
  )
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>

function Populated(page: Page) {
  const { site, totals } = page
  const t = useT()
  return (
    <div className="space-y-4">
      <section aria-label={t("sites.dashboard.now")}>
        <FleetTotals totals={totals} within={`site=${site.slug}`} />
      </section>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="min-w-0 space-y-4">
          <Panel title={t("overview.lastDay")} aside={site.timezone}>
            <FleetChart series={page.series} zone={site.timezone} />
          </Panel>
          <div className="grid items-start gap-4 md:grid-cols-2">
            <Hottest {...page} />
            <NotWell {...page} />
          </div>
          <div className="grid items-start gap-4 2xl:grid-cols-2">
            <SiteGroups
              title={t("sites.dashboard.byModel")}
              column={t("sites.dashboard.model")}
              rows={page.byModel.map((row) => ({
                name: row.model ?? t("sites.dashboard.noModel"),
                note: row.make,
                filter: `model=${encodeURIComponent(row.model ?? "none")}&make=${encodeURIComponent(row.make ?? "none")}`,
                totals: row,
              }))}
              count={page.models}
              sort="model"
              mayCommand={page.offered.length > 0}
              slug={site.slug}
            />
            <SiteGroups
              title={t("sites.dashboard.byPlace")}
              column={t("sites.dashboard.place")}
              rows={page.byPlace.map((row) => ({
                name: row.place ?? t("sites.dashboard.noPlace"),
                note: null,
                filter: `place=${encodeURIComponent(row.place ?? "none")}`,
                totals: row,
              }))}
              count={page.places}
              sort="place"
              mayCommand={page.offered.length > 0}
              slug={site.slug}
            />
          </div>
        </div>
        <div className="min-w-0 space-y-4">
          <Panel
            title={t("overview.changes")}
            aside={page.changesTotal > 0 ? t("overview.changesAll", { count: page.changesTotal }) : null}
            flush
          >
            {page.changes.length > 0 ? (
              <div className="relative max-h-96 overflow-y-auto">
                <EventList events={page.changes} zone={site.timezone} />
              </div>
            ) : (
              <p className="p-3 text-muted">{t("overview.noChanges")}</p>
            )}
          </Panel>
          <Thermal {...page} />
          <Collectors {...page} />
        </div>
      </div>
    </div>
  )
}

/** What the guard holds and did last; nothing at all where it never had to. */
function Thermal({ thermal, site, can }: Page) {
  const t = useT()
  if (thermal.holdsTotal + thermal.eventsTotal === 0) return null
  return (
    <>
      {thermal.holds.length > 0 ? (
        <Panel
          title={t("thermal.holds.title")}
          aside={
            thermal.holdsTotal > thermal.holds.length
              ? t("thermal.holds.all", { count: thermal.holdsTotal })
              : null
          }
          flush
        >
          <ThermalHoldList holds={thermal.holds} zone={site.timezone} />
        </Panel>
      ) : null}
      <Panel
        title={t("thermal.events.title")}
        aside={
          can.viewThermal ? (
            <Link to={`/sites/${site.slug}/thermal`} className="link">
              {t("thermal.events.all", { count: thermal.eventsTotal })}
            </Link>
          ) : null
        }
        flush
      >
        {thermal.events.length > 0 ? (
          <ThermalEventList events={thermal.events} zone={site.timezone} />
        ) : (
          <p className="p-3 text-muted">{t("thermal.events.none")}</p>
        )}
      </Panel>
    </>
  )
}

function Collectors({ collectors, can, site }: Page) {
  const t = useT()
  if (!can.viewCollectors) return null
  return (
    <Panel title={t("overview.collectors")} flush>
      {collectors.length > 0 ? (
        <CollectorList collectors={collectors} />
      ) : (
        <EmptyState
          title={t("sites.dashboard.noCollectors")}
          action={
            can.manageCollectors ? (
              <ButtonLink to={`/collectors/new?site=${site.slug}`}>{t("sites.dashboard.enroll")}</ButtonLink>
            ) : null
          }
        />
      )}
    </Panel>
  )
}

function Hottest({ hottest, site }: Page) {
  const t = useT()
  return (
    <Panel
      title={t("sites.dashboard.hottest")}
      aside={
        <>
          {t("sites.dashboard.limit", { limit: formatTemp(site.chipWarningC) })}
          {" · "}
          <Link to={`/miners?site=${site.slug}&status=online&sort=temp&dir=desc`} className="link">
            {t("sites.dashboard.hottestAll")}
          </Link>
        </>
      }
      flush
    >
      {hottest.length === 0 ? (
        <p className="p-3 text-muted">{t("sites.dashboard.noTemps")}</p>
      ) : (
        <MinerLines miners={hottest} value={(miner) => formatTemp(miner.tempMaxC)} />
      )}
    </Panel>
  )
}

function NotWell({ unhealthy, unhealthyTotal, site }: Page) {
  const t = useT()
  return (
    <Panel
      title={t("sites.dashboard.needsEye")}
      aside={
        unhealthyTotal > unhealthy.length ? (
          <Link to={`/miners?site=${site.slug}&status=unhealthy`} className="link">
            {t("sites.dashboard.needsEyeAll")}
          </Link>
        ) : null
      }
      flush
    >
      {unhealthy.length === 0 ? (
        <p className="p-3 text-muted">{t("sites.dashboard.allWell")}</p>
      ) : (
        <MinerLines miners={unhealthy} value={(miner) => formatShare(miner.shareOfExpected)} />
      )}
    </Panel>
  )
}
