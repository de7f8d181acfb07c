import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { SelectField, TextArea, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import type { MinerDetail } from "#server/fleet/read-miner.ts"

/** What people write about a machine (`decisions.md` 8); a technician only its place. */
export function EditMinerForm({
  miner,
  can,
  owners,
  problem,
}: {
  miner: MinerDetail
  can: "place" | "all"
  owners: { userId: number; name: string }[] | null
  problem: FormProblem | null
}) {
  const t = useT()
  const typed = problem?.values
  return (
    <ActionForm problem={problem} preventScrollReset className="grid gap-3 sm:grid-cols-2">
      <input type="hidden" name="intent" value="edit" />
      <TextField
        label={t("miner.place")}
        name="place"
        defaultValue={typed?.place ?? miner.place ?? ""}
        error={errorAt(problem, "place")}
      />
      {can === "all" ? (
        <>
          <TextField
            label={t("miner.label")}
            name="label"
            defaultValue={typed?.label ?? miner.label ?? ""}
            error={errorAt(problem, "label")}
          />
          <TextField
            label={t("miner.tags")}
            hint={t("miners.tagsHint")}
            name="tags"
            defaultValue={typed?.tags ?? miner.tags.join(", ")}
            error={errorAt(problem, "tags")}
          />
          <SelectField
            label={t("miner.state")}
            hint={t("miner.stateHint")}
            name="state"
            defaultValue={typed?.state ?? miner.state}
          >
            {(["active", "spare", "retired"] as const).map((state) => (
              <option key={state} value={state}>
                {t(`miners.state.${state}`)}
              </option>
            ))}
          </SelectField>
          {owners ? (
            <SelectField
              label={t("miner.owner")}
              name="owner"
              defaultValue={typed?.owner ?? miner.owner?.userId ?? "none"}
              error={errorAt(problem, "userId")}
            >
              <option value="none">{t("miner.nobody")}</option>
              {miner.owner && !owners.some((owner) => owner.userId === miner.owner?.userId) ? (
                <option value={miner.owner.userId}>{miner.owner.name}</option>
              ) : null}
              {owners.map((owner) => (
                <option key={owner.userId} value={owner.userId}>
                  {owner.name}
                </option>
              ))}
            </SelectField>
          ) : null}
          <TextArea
            label={t("miner.notes")}
            name="notes"
            className="sm:col-span-2"
            defaultValue={typed?.notes ?? miner.notes ?? ""}
            error={errorAt(problem, "notes")}
          />
        </>
      ) : null}
      <div className="flex justify-end sm:col-span-2">
        <SubmitButton>{t("common.save")}</SubmitButton>
      </div>
    </ActionForm>
  )
}
