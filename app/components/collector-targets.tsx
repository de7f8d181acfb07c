import { Form } from "@remix-run/react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge } from "#app/ui/badge.tsx"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { ReadCollector } from "#server/collectors/read-collector.ts"
import { ConfirmAction } from "./confirm-action.tsx"

type Target = ReadCollector["targets"][number]

/** What a collector looks at; for those who may, with ways to add, switch and remove. */
export function CollectorTargets({
  targets,
  canManage,
  problem,
}: {
  targets: Target[]
  canManage: boolean
  problem: FormProblem | null
}) {
  const t = useT()
  return (
    <Panel title={t("collectors.targets.title")} flush>
      {targets.length === 0 ? (
        <p className="p-3 text-muted">
          {canManage ? t("collectors.targets.none") : t("collectors.targets.noneLook")}
        </p>
      ) : (
        <Table label={t("collectors.targets.title")}>
          <thead>
            <tr>
              <Th>{t("collectors.targets.value")}</Th>
              <Th numeric>{t("collectors.targets.webPort")}</Th>
              <Th>{t("collectors.targets.family")}</Th>
              <Th>{t("collectors.state")}</Th>
              {canManage ? (
                <Th>
                  <span className="sr-only">{t("collectors.targets.actions")}</span>
                </Th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {targets.map((target) => (
              <Tr key={target.id} className={target.enabled ? undefined : "text-muted"}>
                <Td className="whitespace-nowrap font-mono text-xs">{target.value}</Td>
                <Td numeric>{target.webPort ?? 80}</Td>
                <Td className="whitespace-nowrap">
                  {target.family ?? <span className="text-muted">{t("collectors.targets.anyFamily")}</span>}
                </Td>
                <Td>
                  <Badge tone={target.enabled ? "ok" : "idle"} icon={target.enabled ? "check" : "close"}>
                    {target.enabled ? t("collectors.targets.enabled") : t("collectors.targets.disabled")}
                  </Badge>
                </Td>
                {canManage ? (
                  <Td>
                    <TargetActions target={target} problem={problem} />
                  </Td>
                ) : null}
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {canManage ? <AddTarget key={targets.length} problem={problem} /> : null}
    </Panel>
  )
}

function TargetActions({ target, problem }: { target: Target; problem: FormProblem | null }) {
  const t = useT()
  return (
    <div className="flex justify-end gap-1">
      <Form method="post" preventScrollReset>
        <input type="hidden" name="intent" value="set-target" />
        <input type="hidden" name="targetId" value={target.id} />
        <input type="hidden" name="value" value={target.value} />
        <input type="hidden" name="enabled" value={target.enabled ? "no" : "yes"} />
        <SubmitButton look="quiet" size="sm">
          {target.enabled ? t("collectors.targets.turnOff") : t("collectors.targets.turnOn")}
        </SubmitButton>
      </Form>
      <ConfirmAction
        button={t("collectors.targets.remove")}
        look="quiet"
        size="sm"
        title={t("collectors.targets.removeTitle", { value: target.value })}
        fields={{ intent: "remove-target", targetId: target.id, value: target.value }}
        problem={problem}
        submit={t("collectors.targets.remove")}
      >
        <p>{t("collectors.targets.removeBody")}</p>
      </ConfirmAction>
    </div>
  )
}

function AddTarget({ problem }: { problem: FormProblem | null }) {
  const t = useT()
  const own = problem?.values.intent === "add-target" ? problem : null
  return (
    <ActionForm problem={own} preventScrollReset className="border-t border-line p-3">
      <input type="hidden" name="intent" value="add-target" />
      <div className="flex flex-wrap items-start gap-3">
        <TextField
          label={t("collectors.targets.value")}
          hint={t("collectors.targets.valueHint")}
          name="value"
          required
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          className="min-w-56 flex-1"
          defaultValue={own?.values.value}
          error={errorAt(own, "value")}
        />
        <TextField
          label={t("collectors.targets.webPort")}
          name="webPort"
          type="number"
          min={1}
          max={65_535}
          placeholder="80"
          className="w-24"
          defaultValue={own?.values.webPort}
          error={errorAt(own, "webPort")}
        />
        <SubmitButton className="mt-5">{t("collectors.targets.add")}</SubmitButton>
      </div>
    </ActionForm>
  )
}
