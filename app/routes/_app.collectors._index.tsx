import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { Link, useLoaderData } from "@remix-run/react"
import { ClockOffset, CollectorState, KnownMachines, SpoolDepth } from "#app/components/collector-state.tsx"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { requireAnywhere } from "#app/lib/require-anywhere.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { EmptyState } from "#app/ui/empty-state.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import { listCollectors } from "#server/collectors/list-collectors.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction = () => pageTitle("collectors.title")

/** Every collector the reader may look at, with its pulse; `?site=` narrows to one site. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    requireAnywhere(ctx, "COLLECTOR_MANAGE", "READ")
    const [collectors, sites] = await Promise.all([listCollectors(ctx), listSites(ctx)])
    const zones = new Map(sites.map((site) => [site.id, site.timezone]))
    const slug = url.searchParams.get("site")
    const withCollectors = sites.filter((site) => collectors.some((one) => one.siteId === site.id))
    return {
      collectors: collectors
        .filter((one) => !slug || one.siteSlug === slug)
        .map((one) => ({ ...one, zone: zones.get(one.siteId) ?? "UTC" })),
      sites: withCollectors.map(({ slug, name, id }) => ({
        slug,
        name,
        count: collectors.filter((one) => one.siteId === id).length,
      })),
      slug,
      total: collectors.length,
      canEnroll: mayAnywhere(ctx.actor, "COLLECTOR_MANAGE", "FULL"),
    }
  })
}

export default function Collectors() {
  const { collectors, sites, slug, total, canEnroll } = useLoaderData<typeof loader>()
  const t = useT()
  const enroll = (
    <ButtonLink to={slug ? `/collectors/new?site=${slug}` : "/collectors/new"} look="primary">
      {t("collectors.enroll")}
    </ButtonLink>
  )
  return (
    <>
      <PageHeader
        title={t("collectors.title")}
        actions={
          <>
            <ButtonLink to={slug ? `/discovery?site=${slug}` : "/discovery"}>
              {t("discovery.title")}
            </ButtonLink>
            {canEnroll && collectors.length > 0 ? enroll : null}
          </>
        }
      />
      {sites.length > 1 ? (
        <div className="mb-3">
          <NavTabs
            label={t("collectors.site")}
            items={[
              { to: "/collectors", label: t("collectors.allSites"), count: total, current: !slug },
              ...sites.map((site) => ({
                to: `/collectors?site=${site.slug}`,
                label: site.name,
                count: site.count,
                current: site.slug === slug,
              })),
            ]}
          />
        </div>
      ) : null}
      <Panel flush>
        {collectors.length === 0 ? (
          <EmptyState title={t("collectors.none")} action={canEnroll ? enroll : null}>
            {t("collectors.noneBody")} {canEnroll ? null : t("collectors.noneManaged")}
          </EmptyState>
        ) : (
          <Table label={t("collectors.title")}>
            <thead>
              <tr>
                <Th>{t("collectors.name")}</Th>
                <Th>{t("collectors.site")}</Th>
                <Th>{t("collectors.state")}</Th>
                <Th>{t("collectors.lastSeen")}</Th>
                <Th>{t("collectors.machines")}</Th>
                <Th>{t("collectors.spool")}</Th>
                <Th>{t("collectors.clock")}</Th>
                <Th>{t("collectors.config")}</Th>
                <Th>{t("collectors.version")}</Th>
              </tr>
            </thead>
            <tbody>
              {collectors.map((one) => (
                <Tr key={one.id} className={one.state === "revoked" ? "text-muted" : undefined}>
                  <Td className="whitespace-nowrap">
                    <Link to={`/collectors/${one.id}`} className="link font-medium">
                      {one.name}
                    </Link>
                  </Td>
                  <Td className="whitespace-nowrap">
                    <Link to={`/sites/${one.siteSlug}`} className="link">
                      {one.siteName}
                    </Link>
                  </Td>
                  <Td>
                    <CollectorState state={one.state} />
                  </Td>
                  <Td>
                    {one.lastSeenAt ? <Ago at={one.lastSeenAt} zone={one.zone} /> : t("collectors.neverSeen")}
                  </Td>
                  <Td className="whitespace-nowrap">
                    <Link to={`/miners?collector=${one.id}`} className="link">
                      <KnownMachines known={one.minersKnown} online={one.minersOnline} />
                    </Link>
                  </Td>
                  <Td className="whitespace-nowrap">
                    <SpoolDepth spool={one.spool} />
                  </Td>
                  <Td>
                    <ClockOffset ms={one.clockOffsetMs} />
                  </Td>
                  <Td className="whitespace-nowrap">
                    {one.state === "revoked"
                      ? t("common.unknown")
                      : one.configCurrent
                        ? t("collectors.configCurrent")
                        : t("collectors.configBehind")}
                  </Td>
                  <Td className="whitespace-nowrap">{one.edgeVersion ?? t("common.unknown")}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
    </>
  )
}
