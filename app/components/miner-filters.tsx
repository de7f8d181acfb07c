import { Form, Link, useSearchParams, useSubmit } from "@remix-run/react"
import { useRef } from "react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button } from "#app/ui/button.tsx"
import { Icon } from "#app/ui/icon.tsx"
import { MINER_STATUS_FILTERS } from "#server/contract/miner-list.ts"
import type { MinerFacets } from "#server/fleet/list-miners.ts"

const NAMES = [
  "q",
  "site",
  "status",
  "model",
  "place",
  "tag",
  "owner",
  "make",
  "health",
  "collector",
] as const

/** The filters of the list: a GET form, so the address is the state; with JavaScript each change looks at once. */
export function MinerFilters({
  facets,
  sites,
  owners,
  collectorName,
}: {
  facets: MinerFacets
  sites: { slug: string; name: string }[]
  /** null: the reader may not choose by owner. */
  owners: { userId: number; name: string }[] | null
  collectorName: string | null
}) {
  const t = useT()
  const submit = useSubmit()
  const [search] = useSearchParams()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const value = (name: (typeof NAMES)[number]) => search.get(name) ?? ""
  const send = (form: HTMLFormElement) =>
    submit(withoutEmpty(form), { replace: true, preventScrollReset: true })

  const choices = (list: { value: string; miners: number }[], name: "model" | "place" | "tag") => (
    <>
      {value(name) && value(name) !== "none" && !list.some((one) => one.value === value(name)) ? (
        <option value={value(name)}>{value(name)}</option>
      ) : null}
      {list.map((one) => (
        <option key={one.value} value={one.value}>
          {`${one.value} (${one.miners})`}
        </option>
      ))}
    </>
  )
  const select = "control w-auto max-w-44 shrink-0"
  return (
    // A new address from elsewhere resets the fields.
    <Form
      key={NAMES.filter((name) => name !== "q")
        .map((name) => value(name))
        .join("|")}
      method="get"
      className="flex flex-wrap items-center gap-2"
      onChange={(event) => {
        const form = event.currentTarget
        clearTimeout(timer.current)
        const typing = (event.target as HTMLElement).getAttribute("name") === "q"
        timer.current = setTimeout(() => send(form), typing ? 300 : 0)
      }}
      onSubmit={(event) => {
        event.preventDefault()
        clearTimeout(timer.current)
        send(event.currentTarget)
      }}
    >
      {["sort", "dir", "make", "health", "collector"].map((name) =>
        search.has(name) ? (
          <input key={name} type="hidden" name={name} value={search.get(name) ?? ""} />
        ) : null,
      )}
      <label className="relative w-full md:w-80">
        <span className="sr-only">{t("miners.find")}</span>
        <Icon name="search" className="pointer-events-none absolute left-2 top-2 text-muted" />
        <input
          type="search"
          name="q"
          defaultValue={value("q")}
          placeholder={t("miners.findHint")}
          className="control pl-7"
          autoComplete="off"
        />
      </label>
      <div className="-mx-2 flex w-screen gap-2 overflow-x-auto px-2 py-1 md:mx-0 md:w-auto md:flex-wrap md:p-0">
        <select
          name="status"
          defaultValue={value("status")}
          aria-label={t("miners.statusLabel")}
          className={select}
        >
          <option value="">{`${t("miners.statusLabel")}: ${t("common.all")}`}</option>
          {MINER_STATUS_FILTERS.map((status) => (
            <option key={status} value={status}>
              {t(`miners.status.${status}`)}
            </option>
          ))}
        </select>
        {sites.length > 1 ? (
          <select name="site" defaultValue={value("site")} aria-label={t("miners.site")} className={select}>
            <option value="">{t("miners.anySite")}</option>
            {sites.map((site) => (
              <option key={site.slug} value={site.slug}>
                {site.name}
              </option>
            ))}
          </select>
        ) : null}
        <select name="model" defaultValue={value("model")} aria-label={t("miners.model")} className={select}>
          <option value="">{t("miners.anyModel")}</option>
          {choices(facets.models, "model")}
        </select>
        {facets.places.length > 0 || value("place") ? (
          <select
            name="place"
            defaultValue={value("place")}
            aria-label={t("miners.place")}
            className={select}
          >
            <option value="">{t("miners.anyPlace")}</option>
            <option value="none">{t("miners.noPlace")}</option>
            {choices(facets.places, "place")}
          </select>
        ) : null}
        {facets.tags.length > 0 || value("tag") ? (
          <select name="tag" defaultValue={value("tag")} aria-label={t("miners.tag")} className={select}>
            <option value="">{t("miners.anyTag")}</option>
            {choices(facets.tags, "tag")}
          </select>
        ) : null}
        {owners ? (
          <select
            name="owner"
            defaultValue={value("owner")}
            aria-label={t("miners.owner")}
            className={select}
          >
            <option value="">{t("miners.anyOwner")}</option>
            <option value="none">{t("miners.noOwner")}</option>
            {owners.map((owner) => (
              <option key={owner.userId} value={owner.userId}>
                {owner.name}
              </option>
            ))}
          </select>
        ) : null}
      </div>
      <noscript>
        <Button type="submit">{t("common.apply")}</Button>
      </noscript>
      <HiddenFilters collectorName={collectorName} />
    </Form>
  )
}

/** Filters that have no field of their own, and the way back to everything. */
function HiddenFilters({ collectorName }: { collectorName: string | null }) {
  const t = useT()
  const [search] = useSearchParams()
  const without = (name: string) => {
    const next = new URLSearchParams(search)
    next.delete(name)
    next.delete("page")
    return `?${next}`
  }
  const shown = [
    { name: "make", label: search.get("make") },
    { name: "health", label: search.get("health") },
    { name: "collector", label: search.has("collector") ? (collectorName ?? search.get("collector")) : null },
  ].filter((one) => one.label)
  const any = NAMES.some((name) => search.get(name))
  return (
    <>
      {shown.map((one) => (
        <Link
          key={one.name}
          to={without(one.name)}
          aria-label={t("miners.removeFilter", { name: one.label ?? "" })}
          className="inline-flex h-8 items-center gap-1 rounded bg-accent/10 px-2 text-accent hover:bg-accent/20"
        >
          {one.label}
          <Icon name="close" className="h-3 w-3" />
        </Link>
      ))}
      {any ? (
        <Link to="/miners" className="link px-1">
          {t("common.clear")}
        </Link>
      ) : null}
    </>
  )
}

function withoutEmpty(form: HTMLFormElement): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of new FormData(form))
    if (typeof value === "string" && value.trim() !== "") search.append(name, value)
  return search
}
