import { useNavigation } from "@remix-run/react"
import { type ReactNode, useEffect, useRef, useState } from "react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button, type ButtonLook } from "#app/ui/button.tsx"
import { Dialog } from "#app/ui/dialog.tsx"
import { ActionForm, SubmitButton } from "#app/ui/form.tsx"

/**
 * A button that asks before it acts: a dialog says what will happen, and its form posts `fields` to the page's action.
 * Closes when the page has answered without a refusal.
 */
export function ConfirmAction({
  button,
  look = "secondary",
  size,
  title,
  fields,
  problem,
  submit,
  submitLook = "danger",
  dismiss,
  action,
  children,
}: {
  button: ReactNode
  look?: ButtonLook
  size?: "sm" | "md"
  title: string
  /** Posted as they are; `intent` among them tells whose refusal `problem` is. */
  fields: Record<string, string | number>
  problem: FormProblem | null
  submit: string
  submitLook?: ButtonLook
  /** What the other button says; needed where the action itself is a cancelling. */
  dismiss?: string
  action?: string
  children: ReactNode
}) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const { state } = useNavigation()
  const sent = useRef(false)
  const own =
    problem && Object.entries(fields).every(([name, value]) => problem.values[name] === String(value))
  const refused = Boolean(own)
  useEffect(() => {
    if (state !== "idle") return
    if (sent.current && !refused) setOpen(false)
    sent.current = false
  }, [state, refused])
  return (
    <>
      <Button look={look} size={size} onClick={() => setOpen(true)} aria-haspopup="dialog">
        {button}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={title}>
        <ActionForm
          problem={own ? problem : null}
          action={action}
          preventScrollReset
          onSubmit={() => {
            sent.current = true
          }}
          className="space-y-4"
        >
          {Object.entries(fields).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {children}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{dismiss ?? t("common.cancel")}</Button>
            <SubmitButton look={submitLook}>{submit}</SubmitButton>
          </div>
        </ActionForm>
      </Dialog>
    </>
  )
}
