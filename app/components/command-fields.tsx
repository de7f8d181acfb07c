import { Link } from "@remix-run/react"
import type { CommandField, FieldValues } from "#app/lib/command-fields.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Choice } from "#app/ui/choice.tsx"
import { SelectField, TextField } from "#app/ui/field.tsx"
import type { CommandFeature, CommandType } from "#server/contract/commands.ts"
import { LoginFields } from "./login-fields.tsx"
import { PoolFields } from "./pool-fields.tsx"

type Option = { value: string; label: string }
export type FieldsProps = {
  type: CommandType
  values: FieldValues
  wrong: Partial<Record<CommandField | "", string>>
  /** What the reader may ask for. */
  offered: readonly CommandFeature[]
  /** Backups to restore; null: the machines are not one, so there is nothing to choose from. */
  backups?: Option[] | null
  artifacts?: Option[]
  /** Asks for pool passwords too, with this hint: in forms that are posted alone. */
  passwords?: string
}

/** The settings of a command as fields, each with its range. Fields that do not count with what is chosen are hidden. */
export function CommandFields(props: FieldsProps) {
  switch (props.type) {
    case "REBOOT":
      return <Modes {...props} of={["soft", "hard"]} />
    case "ENABLE":
    case "DISABLE":
      return null
    case "LED":
      return <LedFields {...props} />
    case "POWER_MODE":
      return <PowerFields {...props} />
    case "CHANGE_POOL":
      return <PoolFields {...props} />
    case "SET_FREQ":
      return <FrequencyFields {...props} />
    case "THERMAL_POLICY":
      return <ThermalFields {...props} />
    case "BACKUP_CONFIG":
      return <BackupFields {...props} />
    case "RESTORE_CONFIG":
      return <RestoreFields {...props} />
    case "UPDATE_FIRMWARE":
      return <FirmwareFields {...props} />
    case "SET_LOGIN":
      return <LoginFields {...props} />
  }
}

type Mode = "soft" | "hard" | "high" | "normal" | "eco" | "sleep" | "limit"

function Modes({ type, values, wrong, offered, of }: FieldsProps & { of: Mode[] }) {
  const t = useT()
  const options = of.filter((mode) => offered.some((feature) => feature === `${type}.${mode}`))
  return (
    <Choice
      label={t("request.field.mode")}
      name="mode"
      options={options.map((mode) => ({ value: mode, label: t(`command.mode.${mode}`) }))}
      defaultValue={values.mode}
      error={wrong.mode}
    />
  )
}

function LedFields({ values, wrong }: FieldsProps) {
  const t = useT()
  return (
    <Choice
      label={t("request.field.state")}
      name="state"
      options={(["on", "off"] as const).map((state) => ({ value: state, label: t(`command.mode.${state}`) }))}
      defaultValue={values.state}
      error={wrong.state}
    />
  )
}

function PowerFields(props: FieldsProps) {
  const { values, wrong } = props
  const t = useT()
  return (
    <div className="group/mode space-y-3">
      <Modes {...props} of={["high", "normal", "eco", "sleep", "limit"]} />
      <TextField
        className="hidden max-w-60 group-has-[[value=limit]:checked]/mode:block"
        label={t("request.field.power_limit_w")}
        hint={t("request.field.power_limit_hint")}
        name="power_limit_w"
        type="number"
        inputMode="numeric"
        min={100}
        max={20_000}
        defaultValue={values.power_limit_w}
        error={wrong.power_limit_w}
      />
    </div>
  )
}

function FrequencyFields({ values, wrong }: FieldsProps) {
  const t = useT()
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField
        label={t("request.field.frequency_mhz")}
        hint={t("request.field.frequency_hint")}
        name="frequency_mhz"
        type="number"
        inputMode="decimal"
        step="any"
        min={50}
        max={1_500}
        defaultValue={values.frequency_mhz}
        error={wrong.frequency_mhz}
      />
      <TextField
        label={`${t("request.field.profile")} (${t("common.optional")})`}
        hint={t("request.field.profileHint")}
        name="profile"
        maxLength={64}
        defaultValue={values.profile}
        error={wrong.profile}
      />
    </div>
  )
}

function ThermalFields({ values, wrong }: FieldsProps) {
  const t = useT()
  const temperature = { type: "number", inputMode: "decimal", step: "any", min: 30, max: 110 } as const
  return (
    <div className="group/fans space-y-3">
      <Choice
        label={t("request.field.fan_mode")}
        name="fan_mode"
        options={(["auto", "manual", "immersion"] as const).map((mode) => ({
          value: mode,
          label: t(`command.mode.${mode}`),
        }))}
        defaultValue={values.fan_mode}
        error={wrong.fan_mode}
      />
      <TextField
        className="hidden max-w-60 group-has-[[value=manual]:checked]/fans:block"
        label={t("request.field.fan_speed_pct")}
        hint={t("request.field.fan_speed_hint")}
        name="fan_speed_pct"
        type="number"
        inputMode="numeric"
        min={0}
        max={100}
        defaultValue={values.fan_speed_pct}
        error={wrong.fan_speed_pct}
      />
      <div className="grid max-w-lg grid-cols-2 gap-3">
        <TextField
          label={`${t("request.field.temp_warning_c")} (${t("common.optional")})`}
          hint={t("request.field.temp_hint")}
          name="temp_warning_c"
          {...temperature}
          defaultValue={values.temp_warning_c}
          error={wrong.temp_warning_c}
        />
        <TextField
          label={`${t("request.field.temp_critical_c")} (${t("common.optional")})`}
          name="temp_critical_c"
          {...temperature}
          defaultValue={values.temp_critical_c}
          error={wrong.temp_critical_c}
        />
      </div>
    </div>
  )
}

function BackupFields({ values, wrong }: FieldsProps) {
  const t = useT()
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField
        label={t("request.field.name")}
        hint={t("request.field.nameHint")}
        name="name"
        maxLength={80}
        defaultValue={values.name}
        error={wrong.name}
      />
      <TextField
        label={`${t("request.field.description")} (${t("common.optional")})`}
        name="description"
        maxLength={500}
        defaultValue={values.description}
        error={wrong.description}
      />
    </div>
  )
}

function RestoreFields({ values, wrong, backups }: FieldsProps) {
  const t = useT()
  // A page that already knows the backup keeps it although it has no list to choose from.
  if (!backups?.length)
    return (
      <>
        {values.backup_id ? <input type="hidden" name="backup_id" value={values.backup_id} /> : null}
        <p className={wrong.backup_id ? "text-bad" : "text-muted"}>
          {backups ? t("request.field.backupNone") : t("request.field.backupOne")}{" "}
          <Link to="/backups" className="link">
            {t("request.field.backupsList")}
          </Link>
        </p>
      </>
    )
  return (
    <OneOf
      label={t("request.field.backup_id")}
      name="backup_id"
      options={backups}
      value={values.backup_id}
      error={wrong.backup_id}
    />
  )
}

function FirmwareFields({ values, wrong, artifacts = [] }: FieldsProps) {
  const t = useT()
  if (artifacts.length === 0)
    return <p className={wrong.artifact_id ? "text-bad" : "text-muted"}>{t("request.field.artifactNone")}</p>
  return (
    <OneOf
      label={t("request.field.artifact_id")}
      name="artifact_id"
      options={artifacts}
      value={values.artifact_id}
      error={wrong.artifact_id}
    />
  )
}

function OneOf({
  label,
  name,
  options,
  value,
  error,
}: {
  label: string
  name: string
  options: Option[]
  value: string | undefined
  error: string | undefined
}) {
  const t = useT()
  return (
    <SelectField label={label} name={name} defaultValue={value ?? ""} error={error} className="max-w-lg">
      <option value="">{t("request.field.pickOne")}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </SelectField>
  )
}
