import type { ReactNode } from "react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Checkbox, TextField } from "#app/ui/field.tsx"
import { errorAt } from "#app/ui/form.tsx"

type TextSetting = "name" | "slug" | "location" | "timezone" | "contact"
type NumberSetting =
  | "pollIntervalS"
  | "chipWarningC"
  | "chipCriticalC"
  | "boardWarningC"
  | "boardCriticalC"
  | "approvalBatchThreshold"
  | "wavePercent"
  | "wavePauseS"
  | "waveFailPercent"
  | "waveHashPercent"
  | "commandTtlMinutes"
  | "commandCap"
  | "historyDays"
type SwitchSetting =
  | "twoPersonRule"
  | "clientCommandsAllowed"
  | "backupBeforeChange"
  | "statusPageEnabled"
  | "statusShowHashrate"
type Known = Partial<Record<TextSetting, string | null> & Record<NumberSetting, number>>

const HINTED = [
  "slug",
  "location",
  "timezone",
  "contact",
  "pollIntervalS",
  "approvalBatchThreshold",
  "wavePercent",
  "wavePauseS",
  "waveFailPercent",
  "waveHashPercent",
  "commandTtlMinutes",
  "commandCap",
  "historyDays",
] as const
type Hinted = (typeof HINTED)[number]
const isHinted = (name: string): name is Hinted => (HINTED as readonly string[]).includes(name)

/** A text of a site's settings: what was typed before a refusal, else what it is. */
export function SiteText({
  name,
  site,
  problem,
  ...input
}: {
  name: TextSetting
  site?: Known
  problem: FormProblem | null
  required?: boolean
  maxLength?: number
  className?: string
  list?: string
}) {
  const hint = useHint(name)
  return (
    <TextField
      label={useT()(`sites.field.${name}`)}
      hint={hint}
      name={name}
      defaultValue={problem?.values[name] ?? site?.[name] ?? ""}
      error={errorAt(problem, name)}
      autoComplete="off"
      {...input}
    />
  )
}

/** A number of a site's settings; its label names the unit. */
export function SiteNumber({
  name,
  site,
  problem,
  ...input
}: {
  name: NumberSetting
  site: Known
  problem: FormProblem | null
  min: number
  max: number
  step?: number | "any"
}) {
  const hint = useHint(name)
  return (
    <TextField
      label={useT()(`sites.field.${name}`)}
      hint={hint}
      name={name}
      type="number"
      inputMode="numeric"
      required
      defaultValue={problem?.values[name] ?? site[name]}
      error={errorAt(problem, name)}
      {...input}
    />
  )
}

/** Something of a site that is on or off. */
export function SiteSwitch({
  name,
  on,
  problem,
}: {
  name: SwitchSetting
  on: boolean
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <Checkbox
      label={t(`sites.field.${name}`)}
      hint={t(`sites.field.${name}Hint`)}
      name={name}
      defaultChecked={problem ? name in problem.values : on}
    />
  )
}

/** Every time zone that the server knows, for a field to suggest. */
export function TimeZoneList({ id, zones }: { id: string; zones: string[] }) {
  return (
    <datalist id={id}>
      {zones.map((zone) => (
        <option key={zone} value={zone} />
      ))}
    </datalist>
  )
}

function useHint(name: TextSetting | NumberSetting): ReactNode {
  const t = useT()
  return isHinted(name) ? t(`sites.field.${name}Hint`) : undefined
}
