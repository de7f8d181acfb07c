import { Form, Link } from "@remix-run/react"
import type { AskedTargets } from "#app/lib/command-request.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button } from "#app/ui/button.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { MINER_STATUS_FILTERS } from "#server/contract/miner-list.ts"
import type { MinerFacets } from "#server/fleet/list-miners.ts"

type Sites = { id: number; slug: string; name: string }[]

/** Which machines a request goes to, and the way to others. */
export function RequestTargets({
  targets,
  count,
  sites,
  facets,
  kept,
}: {
  targets: AskedTargets
  count: number
  sites: Sites
  facets: MinerFacets
  /** What the address says besides the machines: goes on with other ones. */
  kept: [name: string, value: string][]
}) {
  const t = useT()
  const chosen = targets.kind !== "none"
  const filter = new URLSearchParams(targets.kind === "filter" ? targets.filter : "")
  return (
    <Panel title={t("request.targets.title")}>
      {chosen ? <Chosen targets={targets} count={count} sites={sites} /> : null}
      {chosen ? null : <p className="mb-3 text-muted">{t("request.targets.nothingBody")}</p>}
      {chosen ? (
        <details className="mt-2" open={count === 0 || undefined}>
          <summary className="inline-block cursor-pointer font-medium text-accent hover:underline">
            {t("request.targets.change")}
          </summary>
          <div className="mt-3">
            <Pick filter={filter} sites={sites} facets={facets} kept={kept} />
          </div>
        </details>
      ) : (
        <Pick filter={filter} sites={sites} facets={facets} kept={kept} />
      )}
    </Panel>
  )
}

function Chosen({ targets, count, sites }: { targets: AskedTargets; count: number; sites: Sites }) {
  const t = useT()
  if (count === 0)
    return (
      <p>
        <span className="font-medium">{t("request.targets.none")}</span>{" "}
        <span className="text-muted">{t("request.targets.noneBody")}</span>
      </p>
    )
  if (targets.kind === "filter") {
    const parts = filterWords(targets.filter, sites, t)
    return (
      <p>
        <span className="font-medium">{t("request.targets.filter", { count })}</span>
        {": "}
        {parts.length > 0 ? parts.join(", ") : t("request.targets.everywhere")}{" "}
        <Link to={`/miners?${targets.filter}`} className="link">
          {t("request.targets.list")}
        </Link>
      </p>
    )
  }
  if (targets.kind === "retry")
    return (
      <p>
        <span className="font-medium">{t("request.targets.retry", { count })}</span>{" "}
        <Link to={`/commands/${targets.commandId}`} className="link">
          {t("request.targets.show")}
        </Link>
      </p>
    )
  return <p className="font-medium">{t("request.targets.ids", { count })}</p>
}

/** A filter of the list of machines in words. */
export function filterWords(
  query: string,
  sites: { slug: string; name: string }[],
  t: ReturnType<typeof useT>,
): string[] {
  return [...new URLSearchParams(query)].flatMap(([name, value]) => {
    switch (name) {
      case "site":
        return [sites.find((site) => site.slug === value)?.name ?? value]
      case "status":
        return [t(`miners.status.${value as "online"}`)]
      case "q":
        return [`“${value}”`]
      case "model":
      case "place":
      case "tag":
        return [t("miners.filteredBy", { name: t(`miners.${name}`), value: noneOr(value, t) })]
      case "owner":
      case "collector":
        return [t("miners.filteredBy", { name: t(`miners.${name}`), value: noneOr(value, t) })]
      case "make":
      case "health":
        return [value]
      default:
        return []
    }
  })
}

function noneOr(value: string, t: ReturnType<typeof useT>): string {
  return value === "none" ? t("common.none") : value
}

/** All machines that match: by site, state, model, place, tag or a word (D13). */
function Pick({
  filter,
  sites,
  facets,
  kept,
}: {
  filter: URLSearchParams
  sites: Sites
  facets: MinerFacets
  kept: [string, string][]
}) {
  const t = useT()
  const value = (name: string) => filter.get(name) ?? ""
  const rest = ["make", "owner", "health", "collector"].filter((name) => filter.has(name))
  return (
    <Form method="get" action="/commands/new" className="space-y-3">
      {kept.map(([name, one]) => (
        <input key={name} type="hidden" name={name} value={one} />
      ))}
      {rest.map((name) => (
        <input key={name} type="hidden" name={`pick.${name}`} value={value(name)} />
      ))}
      <div className="grid gap-3 sm:grid-cols-2 md:grid-cols-3">
        <SelectField label={t("miners.site")} name="pick.site" defaultValue={value("site")}>
          <option value="">{t("miners.anySite")}</option>
          {sites.map((site) => (
            <option key={site.slug} value={site.slug}>
              {site.name}
            </option>
          ))}
        </SelectField>
        <SelectField label={t("miners.statusLabel")} name="pick.status" defaultValue={value("status")}>
          <option value="">{t("common.all")}</option>
          {MINER_STATUS_FILTERS.filter((status) => status !== "retired" && status !== "all").map((status) => (
            <option key={status} value={status}>
              {t(`miners.status.${status}`)}
            </option>
          ))}
        </SelectField>
        <Facet
          label={t("miners.model")}
          any={t("miners.anyModel")}
          name="model"
          value={value("model")}
          list={facets.models}
        />
        <Facet
          label={t("miners.place")}
          any={t("miners.anyPlace")}
          none={t("miners.noPlace")}
          name="place"
          value={value("place")}
          list={facets.places}
        />
        <Facet
          label={t("miners.tag")}
          any={t("miners.anyTag")}
          name="tag"
          value={value("tag")}
          list={facets.tags}
        />
        <TextField
          label={t("miners.find")}
          name="pick.q"
          type="search"
          placeholder={t("miners.findHint")}
          defaultValue={value("q")}
        />
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit">{t("request.targets.take")}</Button>
        <Link to="/miners" className="link">
          {t("request.targets.toList")}
        </Link>
      </div>
    </Form>
  )
}

function Facet({
  label,
  any,
  none,
  name,
  value,
  list,
}: {
  label: string
  any: string
  none?: string
  name: string
  value: string
  list: { value: string; miners: number }[]
}) {
  return (
    <SelectField label={label} name={`pick.${name}`} defaultValue={value}>
      <option value="">{any}</option>
      {none ? <option value="none">{none}</option> : null}
      {value && !(none && value === "none") && !list.some((one) => one.value === value) ? (
        <option value={value}>{value}</option>
      ) : null}
      {list.map((one) => (
        <option key={one.value} value={one.value}>
          {`${one.value} (${one.miners})`}
        </option>
      ))}
    </SelectField>
  )
}
