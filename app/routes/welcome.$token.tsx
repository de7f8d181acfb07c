import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { useActionData, useLoaderData } from "@remix-run/react"
import { Gate } from "#app/components/gate.tsx"
import { ProblemPage } from "#app/components/problem-page.tsx"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, errorAt, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { logIn } from "#server/auth/log-in.ts"
import { readAccountLink } from "#server/auth/read-account-link.ts"
import { serializeSessionCookie } from "#server/auth/session-cookie.ts"
import { setPasswordByLink } from "#server/auth/set-password-by-link.ts"
import { DomainError } from "#server/contract/errors.ts"

export const meta: MetaFunction = () => pageTitle("account.setPassword")

/** The one-time link of an invitation or a reset. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const account = await readAccountLink(ctx, { token: params.token ?? "" })
    if (!account) throw new DomainError("NOT_FOUND", translator("en")("account.linkDead"))
    return account
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, load, params, request }) => {
    const t = translator("en")
    const password = form.secret("newPassword")
    if (password !== form.secret("repeatPassword"))
      throw new DomainError("INVALID", t("common.fixFields"), {
        details: [{ path: "repeatPassword", message: t("account.passwordsDiffer") }],
      })
    const { email } = await setPasswordByLink(ctx, { token: params.token ?? "", newPassword: password })
    const session = await logIn(ctx, { email, password, userAgent: request.headers.get("User-Agent") })
    const cookie = serializeSessionCookie(session.token, { secure: load.secureCookies })
    return redirectWithNotice("/", { text: t("account.passwordSet") }, new Headers({ "Set-Cookie": cookie }))
  })
}

export default function Welcome() {
  const { name, email } = useLoaderData<typeof loader>()
  const problem = problemOf(useActionData<typeof action>())
  const t = useT()
  return (
    <Gate title={t("account.welcomeTitle", { name })}>
      <p className="mb-3 text-muted">{t("account.welcomeBody", { email })}</p>
      <ActionForm problem={problem} className="space-y-3">
        <input type="hidden" name="username" autoComplete="username" value={email} />
        <TextField
          label={t("account.newPassword")}
          hint={t("account.newPasswordHint")}
          name="newPassword"
          type="password"
          autoComplete="new-password"
          required
          error={errorAt(problem, "newPassword")}
        />
        <TextField
          label={t("account.repeatPassword")}
          name="repeatPassword"
          type="password"
          autoComplete="new-password"
          required
          error={errorAt(problem, "repeatPassword")}
        />
        <SubmitButton className="w-full">{t("account.setPassword")}</SubmitButton>
      </ActionForm>
    </Gate>
  )
}

export function ErrorBoundary() {
  return (
    <main id="content" className="mx-auto max-w-xl px-4 py-16">
      <ProblemPage />
    </main>
  )
}
