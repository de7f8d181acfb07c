import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { StateBar } from "#app/components/fleet-totals.tsx"
import {
  formatCount,
  formatDuration,
  formatHashrate,
  formatPower,
  formatShare,
  hashrateUnit,
} from "#app/lib/format.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { readOverview } from "#server/fleet/read-overview.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("sites.title")

/** The sites by name, each with what its machines do now. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx }) => {
    const [overview, sites] = await Promise.all([readOverview(ctx), listSites(ctx)])
    const totals = new Map(overview.sites.map((site) => [site.id, site]))
    return {
      sites: sites.flatMap((site) => {
        const now = totals.get(site.id)
        return now ? [{ ...site, now }] : []
      }),
      canCreate: ctx.actor.kind === "user" && ctx.actor.globalRole === "admin",
    }
  })
}

export default function Sites() {
  const { sites, canCreate } = useLoaderData<typeof loader>()
  const t = useT()
  const create = (
    <ButtonLink to="/sites/new" look="primary">
      {t("sites.new")}
    </ButtonLink>
  )
  const unit = hashrateUnit(Math.max(0, ...sites.map((site) => site.now.hashrateGhs ?? 0)))
  return (
    <>
      <PageHeader title={t("sites.title")} actions={canCreate && sites.length > 0 ? create : null} />
      <Panel flush>
        {sites.length === 0 ? (
          <EmptyState title={t("sites.none")} action={canCreate ? create : null}>
            {canCreate ? t("sites.noneBody") : t("sites.noneForYou")}
          </EmptyState>
        ) : (
          <Table label={t("sites.title")}>
            <thead>
              <tr>
                <Th>{t("sites.site")}</Th>
                <Th numeric>{t("sites.machines")}</Th>
                <Th numeric>{t("overview.online")}</Th>
                <Th numeric>{t("overview.offline")}</Th>
                <Th numeric>{t("overview.unknown")}</Th>
                <Th numeric>{t("overview.hashrate")}</Th>
                <Th numeric>{t("overview.shareOfExpected")}</Th>
                <Th numeric>{t("overview.power")}</Th>
                <Th numeric>{t("sites.polled")}</Th>
                <Th>{t("sites.zone")}</Th>
                <Th>{t("sites.statusPage")}</Th>
              </tr>
            </thead>
            <tbody>
              {sites.map((site) => (
                <Tr key={site.id}>
                  <Td className="min-w-44">
                    <Link to={`/sites/${site.slug}`} className="link font-medium">
                      {site.name}
                    </Link>
                    {site.location ? <span className="ml-2 text-xs text-muted">{site.location}</span> : null}
                    <div className="mt-1">
                      <StateBar totals={site.now} />
                    </div>
                  </Td>
                  <Count slug={site.slug} status="active" count={site.now.active} />
                  <Count slug={site.slug} status="online" count={site.now.online} />
                  <Count slug={site.slug} status="offline" count={site.now.offline} />
                  <Count slug={site.slug} status="unknown" count={site.now.unknown} />
                  <Td numeric>{formatHashrate(site.now.hashrateGhs, unit)}</Td>
                  <Td numeric>{formatShare(site.now.ofExpected?.share)}</Td>
                  <Td numeric>{formatPower(site.now.powerW)}</Td>
                  <Td numeric>{t("sites.every", { time: formatDuration(site.pollIntervalS * 1000) })}</Td>
                  <Td className="whitespace-nowrap">{site.timezone}</Td>
                  <Td>
                    {site.statusPageEnabled ? (
                      <Link to={`/status/${site.slug}`} className="link" reloadDocument>
                        {t("sites.public")}
                      </Link>
                    ) : (
                      <span className="text-muted">{t("sites.off")}</span>
                    )}
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
    </>
  )
}

function Count({ slug, status, count }: { slug: string; status: string; count: number }) {
  return (
    <Td numeric>
      {count === 0 ? (
        <span className="text-muted">0</span>
      ) : (
        <Link to={`/miners?site=${slug}&status=${status}`} className="link">
          {formatCount(count)}
        </Link>
      )}
    </Td>
  )
}
