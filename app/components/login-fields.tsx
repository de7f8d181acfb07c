import { useState } from "react"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { TextField } from "#app/ui/field.tsx"
import { errorAt } from "#app/ui/form.tsx"
import { isFactoryPassword } from "#server/contract/factory-passwords.ts"
import type { FieldsProps } from "./command-fields.tsx"

/** SET_LOGIN, as far as an address may hold it: its password is typed where it is confirmed. */
export function LoginFields({ values, wrong }: Pick<FieldsProps, "values" | "wrong">) {
  const t = useT()
  return (
    <>
      <TextField
        className="max-w-md"
        label={`${t("request.field.username")} (${t("common.optional")})`}
        hint={t("request.field.usernameHint")}
        name="username"
        maxLength={64}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        defaultValue={values.username}
        error={wrong.username}
      />
      <p className="text-muted">{t("request.field.passwordNext")}</p>
    </>
  )
}

/** The new password of a SET_LOGIN, twice: in a form that is posted. */
export function NewPassword({ problem }: { problem: FormProblem | null }) {
  const t = useT()
  return (
    <div className="grid max-w-2xl gap-3 sm:grid-cols-2">
      <MinerPassword
        name="password1"
        label={t("request.field.newPassword")}
        hint={t("request.field.newPasswordHint")}
        error={errorAt(problem, "password1") ?? errorAt(problem, "action.parameters.password")}
      />
      <TextField
        type="password"
        name="password2"
        label={t("request.field.newPasswordAgain")}
        autoComplete="new-password"
        maxLength={64}
        required
        error={errorAt(problem, "password2")}
      />
    </div>
  )
}

/** A machine's password; says so while one is typed that every machine leaves the factory with. */
export function MinerPassword({
  name,
  label,
  hint,
  error,
}: {
  name: string
  label: string
  hint: string
  error: string | null
}) {
  const t = useT()
  const [isFactory, setFactory] = useState(false)
  return (
    <div>
      <TextField
        type="password"
        name={name}
        label={label}
        hint={hint}
        autoComplete="new-password"
        maxLength={64}
        required
        error={error}
        onChange={(event) => setFactory(isFactoryPassword(event.currentTarget.value))}
      />
      <p role="status" className="mt-1 text-xs font-medium text-warn">
        {isFactory ? t("request.field.factoryPassword") : null}
      </p>
    </div>
  )
}
