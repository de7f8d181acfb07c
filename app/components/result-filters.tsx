import { Form, useSearchParams } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button, ButtonLink } from "#app/ui/button.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { NavTabs } from "#app/ui/nav-tabs.tsx"
import type { ResultFilter } from "#server/contract/command-list.ts"

type Counts = {
  targets: number
  succeeded: number
  failed: number
  unknown: number
  skipped: number
  open: number
}
const TABS = [
  { result: "OPEN", count: "open" },
  { result: "FAILED", count: "failed" },
  { result: "UNKNOWN", count: "unknown" },
  { result: "SUCCEEDED", count: "succeeded" },
  { result: "SKIPPED", count: "skipped" },
] as const

/** Narrows the machines of a command: by outcome with how many there are, by wave, by words. */
export function ResultFilters({
  path,
  counts,
  filter,
  waves,
}: {
  path: string
  /** Of the chosen wave, else of the whole command; null while words narrow it too. */
  counts: Counts | null
  filter: { status: ResultFilter | null; wave: number | null; q: string | null }
  /** How many there are; 0: none to choose from. */
  waves: number
}) {
  const t = useT()
  const [search] = useSearchParams()
  const to = (result: ResultFilter | null) => {
    const next = new URLSearchParams(search)
    next.delete("page")
    if (result) next.set("result", result)
    else next.delete("result")
    return `${path}?${next}`
  }
  return (
    <div className="flex flex-wrap items-end justify-between gap-2 border-b border-line p-2">
      <NavTabs
        label={t("commands.page.result")}
        items={[
          {
            to: to(null),
            label: t("commands.page.anyResult"),
            count: counts?.targets ?? null,
            current: filter.status === null,
          },
          ...TABS.filter(({ result, count }) => result === filter.status || !counts || counts[count] > 0).map(
            ({ result, count }) => ({
              to: to(result),
              label:
                result === "OPEN"
                  ? t("commands.open")
                  : result === "UNKNOWN"
                    ? t("command.outcomeUnknown")
                    : t(`command.result.${result}`),
              count: counts?.[count] ?? null,
              current: filter.status === result,
            }),
          ),
        ]}
      />
      <Form
        method="get"
        role="search"
        key={search.toString()}
        preventScrollReset
        className="flex w-full flex-wrap items-end gap-2 sm:w-auto"
      >
        {["result", "sort", "dir"].map((name) =>
          search.has(name) ? (
            <input key={name} type="hidden" name={name} value={search.get(name) ?? ""} />
          ) : null,
        )}
        <TextField
          label={t("commands.page.search")}
          labelHidden
          name="q"
          type="search"
          placeholder={t("commands.page.searchHint")}
          defaultValue={filter.q ?? ""}
          className="min-w-0 flex-1 sm:w-52"
        />
        {waves > 1 ? (
          <SelectField
            label={t("commands.page.wave")}
            labelHidden
            name="wave"
            defaultValue={filter.wave ?? ""}
            className="w-32"
          >
            <option value="">{t("commands.page.anyWave")}</option>
            {Array.from({ length: waves }, (_, index) => index + 1).map((wave) => (
              <option key={wave} value={wave}>
                {t("commands.page.waveNumber", { wave })}
              </option>
            ))}
          </SelectField>
        ) : null}
        <Button type="submit">{t("commands.page.show")}</Button>
        {filter.q || filter.wave !== null ? (
          <ButtonLink to={path} look="quiet" preventScrollReset>
            {t("common.clear")}
          </ButtonLink>
        ) : null}
      </Form>
    </div>
  )
}
