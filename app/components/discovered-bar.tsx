import { Form } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { SubmitButton } from "#app/ui/form.tsx"
import { DISCOVERED_FORM } from "./discovered-table.tsx"
import type { Selection } from "./use-selection.ts"

/** What can be decided about the ticked machines, or about everything that is found. Works without JavaScript. */
export function DiscoveredBar({
  selection,
  total,
  filter,
  ignoredOnly,
}: {
  selection: Selection
  total: number
  /** The list's filters as a query string: what "all found" means. */
  filter: string
  /** The list shows ignored machines: they can be brought back. */
  ignoredOnly: boolean
}) {
  const t = useT()
  return (
    <Form
      id={DISCOVERED_FORM}
      method="post"
      preventScrollReset
      className="sticky bottom-2 z-10 mx-2 my-2 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line bg-surface px-3 py-2 shadow-float"
    >
      {selection.everything ? <input type="hidden" name="filter" value={filter || "state=new"} /> : null}
      <span className="font-medium" role="status">
        {selection.everything
          ? t("discovery.selectedAll", { count: total })
          : t("discovery.selected", { count: selection.count })}
      </span>
      {!selection.everything && selection.pageState === "all" && total > selection.count ? (
        <button type="button" className="link" onClick={selection.selectEverything}>
          {t("discovery.selectAllFound", { total })}
        </button>
      ) : null}
      {selection.count > 0 ? (
        <button type="button" className="link" onClick={selection.clear}>
          {t("discovery.clearSelection")}
        </button>
      ) : null}
      <noscript>
        <label className="flex items-center gap-2">
          <input type="checkbox" name="filter" value={filter || "state=new"} />
          {t("discovery.selectAllFound", { total })}
        </label>
      </noscript>
      <div className="ml-auto flex flex-wrap gap-2">
        {ignoredOnly ? (
          <SubmitButton look="secondary" name="intent" value="unignore">
            {t("discovery.unignore")}
          </SubmitButton>
        ) : (
          <SubmitButton look="secondary" name="intent" value="ignore">
            {t("discovery.ignore")}
          </SubmitButton>
        )}
        <SubmitButton name="intent" value="accept">
          {t("discovery.accept")}
        </SubmitButton>
      </div>
    </Form>
  )
}
