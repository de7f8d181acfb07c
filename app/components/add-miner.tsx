import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"

/** A machine that is expected but has not reported yet. */
export function AddMinerForm({
  sites,
  problem,
}: {
  sites: { id: number; name: string }[]
  problem: FormProblem | null
}) {
  const t = useT()
  const typed = problem?.values
  return (
    <>
      <p className="mb-3 text-muted">{t("miners.addBody")}</p>
      <ActionForm problem={problem} className="grid gap-3 sm:grid-cols-2">
        <input type="hidden" name="intent" value="add" />
        <SelectField
          label={t("miners.site")}
          name="siteId"
          defaultValue={typed?.siteId}
          error={errorAt(problem, "siteId")}
        >
          {sites.map((site) => (
            <option key={site.id} value={site.id}>
              {site.name}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("miners.minerId")}
          hint={t("miners.minerIdHint")}
          name="minerId"
          required
          defaultValue={typed?.minerId}
          error={errorAt(problem, "minerId")}
        />
        <TextField
          label={t("miners.label")}
          name="label"
          defaultValue={typed?.label}
          error={errorAt(problem, "label")}
        />
        <TextField
          label={t("miners.ipAddress")}
          name="ipAddress"
          inputMode="decimal"
          defaultValue={typed?.ipAddress}
          error={errorAt(problem, "ipAddress")}
        />
        <TextField
          label={t("miners.place")}
          name="place"
          defaultValue={typed?.place}
          error={errorAt(problem, "place")}
        />
        <TextField
          label={t("miners.tags")}
          hint={t("miners.tagsHint")}
          name="tags"
          defaultValue={typed?.tags}
          error={errorAt(problem, "tags")}
        />
        <div className="flex justify-end sm:col-span-2">
          <SubmitButton>{t("miners.add")}</SubmitButton>
        </div>
      </ActionForm>
    </>
  )
}
