import { useState } from "react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button } from "#app/ui/button.tsx"
import { Dialog } from "#app/ui/dialog.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import type { CommandFeature } from "#server/contract/commands.ts"
import { CommandMenuForm } from "./command-menu.tsx"
import type { Selection } from "./use-selection.ts"

/** What can be done with the chosen machines. Commands lead to a page that says exactly what would happen to which. */
export function MinerBulkBar({
  selection,
  total,
  filter,
  can,
  owners,
  problem,
}: {
  selection: Selection
  total: number
  /** The list's filters as a query string: what "all that match" means. */
  filter: string
  can: { edit: "none" | "place" | "all"; request: CommandFeature[] }
  owners: { userId: number; name: string }[] | null
  problem: FormProblem | null
}) {
  const t = useT()
  const [editing, setEditing] = useState(false)
  const chosen = <SelectionFields selection={selection} filter={filter} />
  return (
    <div className="sticky bottom-2 z-10 mx-2 mb-2 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-accent/50 bg-surface px-3 py-2 shadow-float">
      <span className="font-medium" role="status">
        {selection.everything
          ? t("miners.selectedAllFound", { total })
          : t("miners.selected", { count: selection.count })}
      </span>
      {!selection.everything && selection.pageState === "all" && total > selection.count ? (
        <button type="button" className="link" onClick={selection.selectEverything}>
          {t("miners.selectAllFound", { total })}
        </button>
      ) : null}
      <button type="button" className="link" onClick={selection.clear}>
        {t("miners.clearSelection")}
      </button>
      <div className="ml-auto flex flex-wrap gap-2">
        {can.edit === "none" ? null : (
          <Button onClick={() => setEditing(true)}>{t("miners.editSelected")}</Button>
        )}
        <CommandMenuForm offered={can.request}>{chosen}</CommandMenuForm>
      </div>
      <Dialog
        open={editing}
        onClose={() => setEditing(false)}
        title={t("miners.bulkTitle", { count: selection.count })}
      >
        <p className="mb-3 text-muted">{t("miners.bulkBody")}</p>
        <ActionForm problem={problem} preventScrollReset className="space-y-3">
          <input type="hidden" name="intent" value="edit" />
          {chosen}
          <TextField label={t("miners.bulkPlace")} name="place" error={errorAt(problem, "place")} />
          {can.edit === "all" ? (
            <div className="grid gap-3 sm:grid-cols-2">
              <TextField
                label={t("miners.bulkAddTags")}
                hint={t("miners.tagsHint")}
                name="addTags"
                error={errorAt(problem, "addTags")}
              />
              <TextField
                label={t("miners.bulkRemoveTags")}
                name="removeTags"
                error={errorAt(problem, "removeTags")}
              />
              <SelectField label={t("miners.bulkState")} name="state" defaultValue="">
                <option value="">{t("miners.keep")}</option>
                {(["active", "spare", "retired"] as const).map((state) => (
                  <option key={state} value={state}>
                    {t(`miners.state.${state}`)}
                  </option>
                ))}
              </SelectField>
              {owners ? (
                <SelectField
                  label={t("miners.owner")}
                  name="owner"
                  defaultValue=""
                  error={errorAt(problem, "userId")}
                >
                  <option value="">{t("miners.keep")}</option>
                  <option value="none">{t("miners.bulkOwnerEnd")}</option>
                  {owners.map((owner) => (
                    <option key={owner.userId} value={owner.userId}>
                      {owner.name}
                    </option>
                  ))}
                </SelectField>
              ) : null}
            </div>
          ) : null}
          <div className="flex justify-end gap-2 pt-1">
            <Button onClick={() => setEditing(false)}>{t("common.cancel")}</Button>
            <SubmitButton>{t("miners.bulkSave", { count: selection.count })}</SubmitButton>
          </div>
        </ActionForm>
      </Dialog>
    </div>
  )
}

function SelectionFields({ selection, filter }: { selection: Selection; filter: string }) {
  return selection.everything ? (
    <input type="hidden" name="filter" value={filter} />
  ) : (
    <input type="hidden" name="ids" value={[...selection.ids].join(",")} />
  )
}
