import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { AssignMachines } from "#app/components/assign-machines.tsx"
import { OwnershipTable } from "#app/components/ownership-table.tsx"
import { type FormFields, idOf } from "#app/lib/form-fields.ts"
import { mayAnywhere } from "#app/lib/navigation.ts"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { useAnswer } from "#app/lib/use-answer.ts"
import { instantOf } from "#app/lib/zoned-time.ts"
import { Alert } from "#app/ui/alert.tsx"
import { ButtonLink } from "#app/ui/button.tsx"
import { problemOf } from "#app/ui/form.tsx"
import { PageHeader } from "#app/ui/page-header.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { levelAt } from "#server/access/permission.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listMiners } from "#server/fleet/list-miners.ts"
import { assignOwner } from "#server/people/assign-owner.ts"
import { endOwnership } from "#server/people/end-ownership.ts"
import { readClient } from "#server/people/read-client.ts"
import { listSites } from "#server/sites/list-sites.ts"

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle("people.clients.title", data?.client.name)

const FOUND = 100

/** A client's machines; `?find=machines&q=&site=&unowned=` looks for more to give him. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params, url }) => {
    const [client, allSites] = await Promise.all([
      readClient(ctx, { userId: idOf(params.id) }),
      listSites(ctx),
    ])
    const sites = allSites.filter((site) => levelAt(ctx.actor, "MINER_EDIT", site.id) === "FULL")
    const finding = url.searchParams.has("find")
    const search = {
      q: (url.searchParams.get("q") ?? "").trim().slice(0, 200),
      site: sites.find((site) => site.slug === url.searchParams.get("site"))?.slug ?? "",
      unowned: !finding || url.searchParams.has("unowned"),
    }
    const found = finding
      ? await listMiners(ctx, {
          ...(search.q ? { q: search.q } : {}),
          ...(search.site ? { siteSlug: search.site } : {}),
          ...(search.unowned ? { owner: "none" as const } : {}),
          pageSize: FOUND,
        })
      : null
    const only =
      sites.find((site) => site.slug === search.site) ?? (sites.length === 1 ? sites[0] : undefined)
    return {
      client,
      sites: sites.map(({ slug, name, timezone }) => ({ slug, name, timezone })),
      zones: Object.fromEntries(allSites.map((site) => [site.id, site.timezone])),
      search,
      found,
      zone: only?.timezone ?? "UTC",
      canSeeAccount: mayAnywhere(ctx.actor, "USER_MANAGE", "FULL"),
    }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, params, url }) => {
    const t = translator("en")
    const userId = idOf(params.id)
    const here = url.pathname + url.search
    switch (form.text("intent")) {
      case "assign": {
        const { name } = await readClient(ctx, { userId })
        const zone = form.text("zone")
        const { changed } = await assignOwner(ctx, {
          minerIds: form.integers("ids"),
          userId,
          fromAt: timeOf(form, "fromAt", zone),
          toAt: timeOf(form, "toAt", zone),
        })
        return redirectWithNotice(here, {
          text: changed > 0 ? t("people.assign.done", { count: changed, name }) : t("people.assign.nothing"),
        })
      }
      case "end": {
        const siteId = form.number("siteId")
        const site = (await listSites(ctx)).find((one) => one.id === siteId)
        await endOwnership(ctx, {
          siteId,
          id: form.number("ownershipId"),
          toAt: timeOf(form, "toAt", site?.timezone ?? "UTC"),
        })
        return redirectWithNotice(here, {
          text: t("people.clients.ended", { machine: form.text("machine") }),
        })
      }
      default:
        throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
    }
  })
}

/** A `datetime-local` field in a zone; undefined when empty. */
function timeOf(form: FormFields, name: string, zone: string): Date | undefined {
  const text = form.text(name)
  if (!text) return undefined
  const at = instantOf(text, zone)
  if (at) return at
  const message = translator("en")("people.clients.badTime")
  throw new DomainError("INVALID", message, { details: [{ path: name, message }] })
}

export default function Client() {
  const page = useLoaderData<typeof loader>()
  const { client } = page
  const problem = problemOf(useAnswer<typeof action>())
  const t = useT()
  return (
    <>
      <PageHeader
        trail={[{ to: "/settings/clients", label: t("people.clients.title") }]}
        title={client.name}
        note={client.email}
        actions={
          <>
            <ButtonLink to={`/miners?owner=${client.userId}&status=all`}>
              {t("people.clients.toMiners")}
            </ButtonLink>
            {page.canSeeAccount ? (
              <ButtonLink to={`/settings/users/${client.userId}`}>{t("people.clients.userPage")}</ButtonLink>
            ) : null}
          </>
        }
      />
      <div className="space-y-4">
        {client.disabled ? <Alert tone="info">{t("people.disable.note")}</Alert> : null}
        <Panel
          title={t("people.clients.machinesTitle")}
          aside={
            client.ownershipCount > client.ownerships.length
              ? t("people.clients.shown", { shown: client.ownerships.length, all: client.ownershipCount })
              : null
          }
          flush
        >
          {client.ownerships.length === 0 ? (
            <p className="p-3 text-muted">{t("people.clients.noMachines")}</p>
          ) : (
            <div className="relative max-h-[32rem] overflow-y-auto">
              <OwnershipTable
                ownerships={client.ownerships}
                clientName={client.name}
                zones={page.zones}
                problem={problem}
              />
            </div>
          )}
        </Panel>
        {client.disabled || page.sites.length === 0 ? null : (
          <AssignMachines
            clientName={client.name}
            sites={page.sites}
            search={page.search}
            found={page.found}
            zone={page.zone}
            problem={problem}
          />
        )}
      </div>
    </>
  )
}
