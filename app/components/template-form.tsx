import type { ReactNode } from "react"
import type { CommandField, FieldValues } from "#app/lib/command-fields.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { ButtonLink } from "#app/ui/button.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import type { CommandFeature, CommandType } from "#server/contract/commands.ts"
import { CommandFields } from "./command-fields.tsx"

/** A template's name and settings. Posted, so it may hold passwords; a refusal brings them back empty. */
export function TemplateForm({
  type,
  values,
  named,
  sites,
  offered,
  artifacts,
  keptPassword,
  problem,
  cancelTo,
  aside,
}: {
  type: CommandType
  values: FieldValues
  named: { name: string; description: string | null }
  /** To choose from for a new one; null: it stays where it is. */
  sites: { id: number; name: string; chosen: boolean }[] | null
  offered: readonly CommandFeature[]
  artifacts: { value: string; label: string }[]
  keptPassword: boolean
  problem: FormProblem | null
  cancelTo: string
  aside?: ReactNode
}) {
  const t = useT()
  const typed = problem?.values ?? null
  const wrong = Object.fromEntries(
    (problem?.details ?? []).map(({ path, message }) => [path, message]),
  ) as Partial<Record<CommandField | "", string>>
  return (
    <ActionForm problem={problem} noValidate className="space-y-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label={t("templates.name")}
          hint={t("templates.nameHint")}
          name="templateName"
          maxLength={80}
          defaultValue={typed?.templateName ?? named.name}
          error={errorAt(problem, "templateName")}
        />
        {sites ? (
          <SelectField
            label={t("templates.site")}
            name="siteId"
            defaultValue={typed?.siteId ?? sites.find((site) => site.chosen)?.id}
            error={errorAt(problem, "siteId")}
          >
            {sites.map((site) => (
              <option key={site.id} value={site.id}>
                {site.name}
              </option>
            ))}
          </SelectField>
        ) : null}
        <TextField
          className="sm:col-span-2"
          label={`${t("templates.description")} (${t("common.optional")})`}
          name="templateDescription"
          maxLength={500}
          defaultValue={typed?.templateDescription ?? named.description ?? ""}
          error={errorAt(problem, "templateDescription")}
        />
      </div>
      <CommandFields
        type={type}
        values={typed ? (typed as FieldValues) : values}
        wrong={wrong}
        offered={offered}
        artifacts={artifacts}
        passwords={keptPassword ? t("templates.passwordKeep") : t("request.field.passwordHint")}
      />
      <div className="flex flex-wrap gap-2">
        <SubmitButton>{t("templates.save")}</SubmitButton>
        <ButtonLink to={cancelTo}>{t("common.cancel")}</ButtonLink>
        {aside}
      </div>
      <input type="hidden" name="intent" value="save" />
      <input type="hidden" name="type" value={type} />
    </ActionForm>
  )
}
