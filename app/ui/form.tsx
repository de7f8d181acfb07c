import { type FormProps, Form as RemixForm, useNavigation } from "@remix-run/react"
import { type ComponentProps, useEffect, useRef } from "react"
import type { FormProblem } from "#app/lib/respond.ts"
import { Alert } from "./alert.tsx"
import { Button, type ButtonLook } from "./button.tsx"

/** What an action answered, if it was a refusal. */
export function problemOf(answer: unknown): FormProblem | null {
  return answer && typeof answer === "object" && "ok" in answer && answer.ok === false
    ? (answer as FormProblem)
    : null
}

/** What is wrong with one field (`path` of the verb's input), or null. */
export function errorAt(problem: FormProblem | null, path: string): string | null {
  return problem?.details.find((detail) => detail.path === path)?.message ?? null
}

/** A POST form that works without JavaScript; after a refusal it says so above and puts the focus there. */
export function ActionForm({ problem, children, ...form }: FormProps & { problem?: FormProblem | null }) {
  const top = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (problem) top.current?.focus()
  }, [problem])
  return (
    <RemixForm method="post" {...form}>
      {problem ? (
        <div ref={top} tabIndex={-1} className="mb-3 focus:outline-none">
          <Alert tone="bad">
            {problem.message}
            {problem.details.length > 0 && problem.details.every((detail) => detail.path === "") ? (
              <ul className="list-disc pl-4">
                {problem.details.map((detail) => (
                  <li key={detail.message}>{detail.message}</li>
                ))}
              </ul>
            ) : null}
          </Alert>
        </div>
      ) : null}
      {children}
    </RemixForm>
  )
}

/** Sends its form; while that is under way it says so and does not send twice. */
export function SubmitButton({
  look = "primary",
  pending,
  children,
  ...button
}: ComponentProps<"button"> & { look?: ButtonLook; size?: "sm" | "md"; pending?: boolean }) {
  const navigation = useNavigation()
  const busy = pending ?? navigation.state === "submitting"
  return (
    <Button
      type="submit"
      look={look}
      aria-disabled={busy || undefined}
      {...button}
      onClick={(event) => {
        if (busy) event.preventDefault()
        button.onClick?.(event)
      }}
    >
      {children}
    </Button>
  )
}
