import { Link } from "@remix-run/react"
import { familyName } from "#app/lib/family-name.ts"
import type { FormProblem } from "#app/lib/respond.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { SelectField, TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, SubmitButton } from "#app/ui/form.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { DRIVER_FAMILIES } from "#server/contract/families.ts"
import { MinerPassword } from "./login-fields.tsx"

/** A login that machines have: whose, and what. The password is in the form's body alone. */
export function LoginForm({
  slug,
  wanted,
  username,
  miner,
  problem,
}: {
  slug: string
  /** Whose, as the address says it; "" for none in particular. */
  wanted: string
  /** Of the login that is to be replaced; "": a new one. */
  username: string
  /** The machine that the address names. */
  miner: { id: number; name: string } | null
  problem: FormProblem | null
}) {
  const t = useT()
  const own = problem?.values.intent === "set" ? problem : null
  return (
    <div id="give" className="scroll-mt-16">
      <Panel title={username ? t("logins.form.titleReplace") : t("logins.form.title")}>
        <p className="mb-3 text-muted">
          {t("logins.form.body")} {t("logins.form.change")}{" "}
          <Link
            to={`/commands/new?${new URLSearchParams({ action: "SET_LOGIN", ...(miner ? { ids: String(miner.id) } : { filter: `site=${slug}` }) })}`}
            className="link"
          >
            {t("logins.form.changeLink")}
          </Link>
          .
        </p>
        <ActionForm problem={own} preventScrollReset className="space-y-3">
          <input type="hidden" name="intent" value="set" />
          <div className="grid gap-3 sm:grid-cols-2">
            <SelectField
              label={t("logins.form.whose")}
              name="for"
              defaultValue={own?.values.for ?? (wanted || "site")}
              error={errorAt(own, "subject") ?? errorAt(own, "subject.family")}
              className="sm:col-span-2 sm:max-w-md"
            >
              {miner ? (
                <option value={`miner:${miner.id}`}>{t("logins.form.ofMiner", { name: miner.name })}</option>
              ) : null}
              <option value="site">{t("logins.ofSite")}</option>
              {DRIVER_FAMILIES.map((family) => (
                <option key={family} value={`family:${family}`}>
                  {t("logins.ofFamily", { family: familyName(family) })}
                </option>
              ))}
            </SelectField>
            <TextField
              label={t("logins.form.username")}
              hint={t("logins.form.usernameHint")}
              name="username"
              required
              maxLength={64}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              defaultValue={own?.values.username ?? username}
              error={errorAt(own, "username")}
            />
            <MinerPassword
              name="password"
              label={t("logins.form.password")}
              hint={t("logins.form.passwordHint")}
              error={errorAt(own, "password")}
            />
          </div>
          <SubmitButton>{t("logins.form.submit")}</SubmitButton>
        </ActionForm>
      </Panel>
    </div>
  )
}
