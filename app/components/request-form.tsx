import { Form, Link } from "@remix-run/react"
import type { RunSettings } from "#app/lib/command-request.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Alert } from "#app/ui/alert.tsx"
import { Checkbox, TextField } from "#app/ui/field.tsx"
import { SubmitButton } from "#app/ui/form.tsx"
import { Icon } from "#app/ui/icon.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { CommandFields, type FieldsProps } from "./command-fields.tsx"

/** The settings of a request: a GET form, so nothing happens by it but a preview. It has no password. */
export function RequestForm({
  fields,
  run,
  kept,
  settings,
  templateName,
  needsPassword,
  problem,
  toTypes,
}: {
  fields: FieldsProps
  run: RunSettings
  /** Machines, template and command to repeat, as the address has them. */
  kept: [name: string, value: string][]
  /** What the reader may say of how it runs: a client nothing, others of waves where it takes more than one. */
  settings: "none" | "few" | "waves"
  templateName: string | null
  /** Its passwords were wiped: it repeats a command that ended. */
  needsPassword: boolean
  problem: string | null
  toTypes: string
}) {
  const t = useT()
  const changes = fields.type === "CHANGE_POOL" || fields.type === "UPDATE_FIRMWARE"
  return (
    // The server says what is wrong, beside each field: a hidden field must not hold the form.
    <Form method="get" action="/commands/new" noValidate className="space-y-4">
      {kept.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <input type="hidden" name="type" value={fields.type} />
      <input type="hidden" name="sent" value="1" />
      {problem ? <Alert tone="bad">{problem}</Alert> : null}
      <Panel
        title={t("request.form.settings")}
        aside={
          <Link to={toTypes} className="link">
            {t("request.another")}
          </Link>
        }
      >
        <div className="space-y-3">
          {templateName ? (
            <p className="text-muted">{t("request.form.templateUsed", { name: templateName })}</p>
          ) : null}
          {needsPassword ? <p className="text-muted">{t("request.form.retryPassword")}</p> : null}
          <CommandFields {...fields} />
        </div>
      </Panel>
      {settings === "waves" ? (
        <Panel title={t("request.form.waves")}>
          <Waves run={run} />
        </Panel>
      ) : null}
      {settings === "none" ? null : <More run={run} changes={changes} />}
      <div className="flex flex-wrap items-center gap-3">
        <SubmitButton pending={false}>{t("request.form.preview")}</SubmitButton>
        <p className="text-xs text-muted">{t("request.form.previewHint")}</p>
      </div>
    </Form>
  )
}

function More({ run, changes }: { run: RunSettings; changes: boolean }) {
  const t = useT()
  return (
    <details
      className="rounded-lg border border-line bg-surface"
      open={run.priority !== undefined || run.ttlMinutes !== undefined || run.backupFirst || undefined}
    >
      <summary className="flex cursor-pointer items-center gap-2 px-3 py-2 font-semibold hover:bg-raised">
        {t("request.form.more")}
        <Icon name="down" className="h-3 w-3 text-muted" />
        <span className="truncate text-xs font-normal text-muted">{t("request.form.moreHint")}</span>
      </summary>
      <div className="space-y-3 border-t border-line p-3">
        {changes ? (
          <Checkbox
            name="backupFirst"
            defaultChecked={run.backupFirst}
            label={t("request.form.backupFirst")}
            hint={t("request.form.backupFirstHint")}
          />
        ) : null}
        <div className="grid max-w-xl gap-3 sm:grid-cols-2">
          <Whole
            name="priority"
            value={run.priority}
            min={1}
            max={10}
            hint={t("request.form.priorityHint")}
          />
          <Whole
            name="ttlMinutes"
            value={run.ttlMinutes}
            min={1}
            max={1_440}
            hint={t("request.form.ttlHint")}
          />
        </div>
      </div>
    </details>
  )
}

function Waves({ run }: { run: RunSettings }) {
  const t = useT()
  return (
    <>
      <p className="mb-2 text-xs text-muted">{t("request.form.wavesHint")}</p>
      <div className="grid gap-3 sm:grid-cols-2 md:grid-cols-4">
        <Whole name="waveSize" value={run.waveSize} min={1} max={50_000} />
        <Whole name="wavePauseS" value={run.wavePauseS} min={0} max={86_400} />
        <Whole
          name="waveFailPercent"
          value={run.waveFailPercent}
          min={0}
          max={100}
          hint={t("request.form.waveFailHint")}
        />
        <Whole
          name="waveHashPercent"
          value={run.waveHashPercent}
          min={1}
          max={100}
          hint={t("request.form.waveHashHint")}
        />
      </div>
    </>
  )
}

function Whole({
  name,
  value,
  min,
  max,
  hint,
}: {
  name: "priority" | "ttlMinutes" | "waveSize" | "wavePauseS" | "waveFailPercent" | "waveHashPercent"
  value: number | undefined
  min: number
  max: number
  hint?: string
}) {
  const t = useT()
  return (
    <TextField
      label={t(`request.form.${name}`)}
      hint={hint}
      name={name}
      type="number"
      inputMode="numeric"
      min={min}
      max={max}
      placeholder={t("request.form.bySite")}
      defaultValue={value}
    />
  )
}
