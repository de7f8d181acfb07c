import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Checkbox, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { THERMAL_ACTIONS, type ThermalAction } from "#server/contract/thermal.ts"
import type { ThermalConfig } from "#server/thermal/thermal-config.ts"

const TEMPERATURES = ["warning_c", "critical_c", "resume_c"] as const

/** The policy as a form; greyed out for who may only look. */
export function ThermalPolicyForm({
  config,
  canManage,
  problem,
}: {
  config: ThermalConfig
  canManage: boolean
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <ActionForm problem={problem} preventScrollReset>
      <input type="hidden" name="intent" value="save" />
      <input type="hidden" name="version" value={config.version} />
      <fieldset disabled={!canManage} className="min-w-0 space-y-4">
        <Panel title={t("thermal.policy.temperatures")}>
          <div className="grid gap-4 sm:grid-cols-3">
            {TEMPERATURES.map((name) => (
              <TextField
                key={name}
                label={t(`thermal.policy.${name}`)}
                hint={t(`thermal.policy.${name}Hint`)}
                name={name}
                type="number"
                inputMode="decimal"
                step="any"
                min={30}
                max={150}
                required
                defaultValue={problem?.values[name] ?? config[name]}
                error={errorAt(problem, name)}
              />
            ))}
          </div>
          <p className="mt-2 text-xs text-muted">{t("thermal.policy.temperaturesHint")}</p>
        </Panel>
        <Panel title={t("thermal.policy.steps")}>
          <div className="space-y-3">
            {THERMAL_ACTIONS.map((action) => (
              <Step key={action} action={action} config={config} problem={problem} />
            ))}
          </div>
          {errorAt(problem, "actions") ? (
            <p className="mt-2 text-xs font-medium text-bad">{errorAt(problem, "actions")}</p>
          ) : null}
          <p className="mt-2 text-xs text-muted">{t("thermal.policy.stepsHint")}</p>
        </Panel>
        <Panel title={t("thermal.policy.pace")}>
          <TextField
            label={t("thermal.policy.max_actions_per_minute")}
            hint={t("thermal.policy.paceHint")}
            name="max_actions_per_minute"
            type="number"
            inputMode="numeric"
            min={1}
            max={500}
            required
            className="max-w-60"
            defaultValue={problem?.values.max_actions_per_minute ?? config.max_actions_per_minute}
            error={errorAt(problem, "max_actions_per_minute")}
          />
        </Panel>
        {canManage ? <SubmitButton>{t("thermal.policy.save")}</SubmitButton> : null}
      </fieldset>
    </ActionForm>
  )
}

/** One step: whether it is used, its place among the others, and how long it cools down. */
function Step({
  action,
  config,
  problem,
}: {
  action: ThermalAction
  config: ThermalConfig
  problem: FormProblem | null
}) {
  const t = useT()
  const step = t(`thermal.action.${action}`)
  const used = config.actions.indexOf(action)
  const isUsed = problem ? `use.${action}` in problem.values : used !== -1
  const place = used === -1 ? THERMAL_ACTIONS.indexOf(action) + 1 : used + 1
  return (
    <div className="grid grid-cols-2 items-end gap-x-3 gap-y-2 border-b border-line pb-3 last:border-0 last:pb-0 sm:grid-cols-[minmax(0,1fr)_6rem_10rem]">
      <Checkbox
        className="col-span-2 self-center sm:col-span-1"
        label={step}
        name={`use.${action}`}
        aria-label={t("thermal.policy.useStep", { step })}
        defaultChecked={isUsed}
      />
      <TextField
        label={t("thermal.policy.place")}
        aria-label={t("thermal.policy.placeOf", { step })}
        name={`place.${action}`}
        type="number"
        inputMode="numeric"
        min={1}
        max={4}
        required
        defaultValue={problem?.values[`place.${action}`] ?? place}
        error={errorAt(problem, `place.${action}`)}
      />
      <TextField
        label={t("thermal.policy.coolDown")}
        aria-label={t("thermal.policy.coolDownOf", { step })}
        name={`cool_down_s.${action}`}
        type="number"
        inputMode="numeric"
        min={5}
        max={86_400}
        required
        defaultValue={problem?.values[`cool_down_s.${action}`] ?? config.cool_down_s[action]}
        error={errorAt(problem, `cool_down_s.${action}`)}
      />
    </div>
  )
}
