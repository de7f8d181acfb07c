import { useState } from "react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { TextArea } from "#app/ui/field.tsx"
import { errorAt } from "#app/ui/form.tsx"
import type { CommandListRow } from "#server/commands/list-commands.ts"
import { useCommandName } from "./command-status.tsx"
import { ConfirmAction } from "./confirm-action.tsx"

type Command = Pick<
  CommandListRow,
  "id" | "type" | "parameters" | "status" | "targets" | "siteName" | "requestedByName"
>

/** Approve and deny, each asking once with what it means. */
export function DecideButtons({
  command,
  problem,
}: {
  /** `fingerprint` stands for what the page shows of it. */
  command: Command & { fingerprint: string | null }
  problem: FormProblem | null
}) {
  const t = useT()
  const action = useCommandName()(command.type, command.parameters)
  const machines = t("commands.machines", { count: command.targets })
  const fields = { commandId: command.id, action }
  const denying =
    problem?.values.intent === "deny" && problem.values.commandId === command.id ? problem : null
  return (
    <>
      <ConfirmAction
        button={t("commands.approve.button")}
        look="primary"
        title={t("commands.approve.title", { action })}
        fields={{ ...fields, intent: "approve" }}
        problem={problem}
        submit={t("commands.approve.submit")}
        submitLook="primary"
      >
        <Seen fingerprint={command.fingerprint ?? ""} />
        <p>{t("commands.approve.body", { machines, site: command.siteName })}</p>
      </ConfirmAction>
      <ConfirmAction
        button={t("commands.deny.button")}
        title={t("commands.deny.title", { action })}
        fields={{ ...fields, intent: "deny" }}
        problem={problem}
        submit={t("commands.deny.submit")}
      >
        <p>{t("commands.deny.body", { who: command.requestedByName ?? t("commands.someone") })}</p>
        <TextArea
          label={t("commands.deny.reason")}
          name="reason"
          required
          maxLength={500}
          defaultValue={denying?.values.reason}
          error={errorAt(denying, "reason")}
        />
      </ConfirmAction>
    </>
  )
}

/** What the approver saw when he opened the dialog: a page that reads itself again does not change it under his hand. */
function Seen({ fingerprint }: { fingerprint: string }) {
  const [seen] = useState(fingerprint)
  return <input type="hidden" name="fingerprint" value={seen} />
}

/** Cancel, saying what is left alone. */
export function CancelButton({
  command,
  problem,
  rest,
}: {
  command: Command
  problem: FormProblem | null
  /** Of a halted command: machines that it has not been sent to. */
  rest?: number
}) {
  const t = useT()
  const action = useCommandName()(command.type, command.parameters)
  return (
    <ConfirmAction
      button={rest === undefined ? t("commands.cancel.button") : t("commands.halt.cancel")}
      title={t("commands.cancel.title", { action })}
      fields={{ commandId: command.id, action, intent: "cancel" }}
      problem={problem}
      submit={t("commands.cancel.submit")}
      dismiss={t("commands.cancel.keep")}
    >
      <p>
        {rest !== undefined
          ? t("commands.cancel.halted", { machines: t("commands.machines", { count: rest }) })
          : command.status === "RUNNING"
            ? t("commands.cancel.rest")
            : t("commands.cancel.whole", { machines: t("commands.machines", { count: command.targets }) })}
      </p>
    </ConfirmAction>
  )
}
