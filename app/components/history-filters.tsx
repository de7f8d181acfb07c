import { Form, useSearchParams } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import type { CommandSource, CommandType } from "#server/contract/commands.ts"

const MORE = ["by", "source", "last", "from", "to"] as const

/** Narrows the history; every field stands in the address. */
export function HistoryFilters({
  sites,
  types,
  sources,
  people,
  zone,
  lastDay,
  filtered,
}: {
  sites: { slug: string; name: string }[]
  types: readonly CommandType[]
  sources: readonly CommandSource[]
  /** Who can be chosen, the reader first. */
  people: { userId: number; name: string }[]
  /** Of the dates. */
  zone: string
  lastDay: boolean
  filtered: boolean
}) {
  const t = useT()
  const [search] = useSearchParams()
  const given = (name: string) => search.get(name) ?? ""
  return (
    // A new address begins new fields.
    <Form
      method="get"
      role="search"
      key={search.toString()}
      className="grid grid-cols-2 items-end gap-2 border-b border-line p-2 md:grid-cols-4"
    >
      {["status", "miner"].map((name) =>
        search.has(name) ? <input key={name} type="hidden" name={name} value={given(name)} /> : null,
      )}
      <TextField
        label={t("commands.search")}
        name="q"
        type="search"
        placeholder={t("commands.searchHint")}
        defaultValue={given("q")}
      />
      <SelectField label={t("commands.type")} name="type" defaultValue={given("type")}>
        <option value="">{t("commands.anyType")}</option>
        {types.map((type) => (
          <option key={type} value={type}>
            {t(`command.type.${type}`)}
          </option>
        ))}
      </SelectField>
      {sites.length > 1 ? (
        <SelectField label={t("commands.site")} name="site" defaultValue={given("site")}>
          <option value="">{t("commands.anySite")}</option>
          {sites.map((site) => (
            <option key={site.slug} value={site.slug}>
              {site.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      <div className="flex gap-2">
        <Button type="submit">{t("commands.filter")}</Button>
        {filtered ? (
          <ButtonLink to="/commands" look="quiet">
            {t("commands.clear")}
          </ButtonLink>
        ) : null}
      </div>
      <details className="col-span-full" open={MORE.some((name) => search.get(name)) || undefined}>
        <summary className="inline-block cursor-pointer text-xs text-accent hover:underline">
          {t("commands.moreFilters")}
        </summary>
        <div className="mt-1 grid grid-cols-2 gap-2 md:grid-cols-5">
          <SelectField label={t("commands.person")} name="by" defaultValue={given("by")}>
            <option value="">{t("commands.anybody")}</option>
            {people.map((person) => (
              <option key={person.userId} value={person.userId}>
                {person.name}
              </option>
            ))}
          </SelectField>
          <SelectField label={t("commands.source")} name="source" defaultValue={given("source")}>
            <option value="">{t("commands.anySource")}</option>
            {sources.map((source) => (
              <option key={source} value={source}>
                {t(`commands.page.sources.${source}`)}
              </option>
            ))}
          </SelectField>
          <SelectField label={t("commands.time")} name="last" defaultValue={lastDay ? "day" : ""}>
            <option value="">{t("commands.anyTime")}</option>
            <option value="day">{t("commands.lastDay")}</option>
          </SelectField>
          <TextField
            label={t("commands.from", { zone })}
            name="from"
            type="datetime-local"
            defaultValue={lastDay ? "" : given("from")}
          />
          <TextField
            label={t("commands.to", { zone })}
            name="to"
            type="datetime-local"
            defaultValue={lastDay ? "" : given("to")}
          />
        </div>
      </details>
    </Form>
  )
}
