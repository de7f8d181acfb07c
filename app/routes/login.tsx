import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node"
import { redirect } from "@remix-run/node"
import { useActionData, useLoaderData } from "@remix-run/react"
import { Gate } from "#app/components/gate.tsx"
import { ownPath } from "#app/lib/own-path.ts"
import { acts, reads } from "#app/lib/page.ts"
import { pageTitle } from "#app/lib/page-title.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { TextField } from "#app/ui/field.tsx"
import { ActionForm, problemOf, SubmitButton } from "#app/ui/form.tsx"
import { logIn } from "#server/auth/log-in.ts"
import { serializeSessionCookie } from "#server/auth/session-cookie.ts"

export const meta: MetaFunction = () => pageTitle("account.logInTitle")

export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const to = ownPath(url.searchParams.get("to"), "/")
    if (ctx.actor.kind === "user") throw redirect(to)
    return { to }
  })
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, form, load, request }) => {
    const session = await logIn(ctx, {
      email: form.text("email"),
      password: form.secret("password"),
      userAgent: request.headers.get("User-Agent"),
    })
    const cookie = serializeSessionCookie(session.token, { secure: load.secureCookies })
    return redirect(ownPath(form.text("to"), "/"), { headers: { "Set-Cookie": cookie } })
  })
}

export default function LogIn() {
  const { to } = useLoaderData<typeof loader>()
  const problem = problemOf(useActionData<typeof action>())
  const t = useT()
  return (
    <Gate title={t("account.logInTitle")}>
      <ActionForm problem={problem} className="space-y-3">
        <input type="hidden" name="to" value={to} />
        <TextField
          label={t("account.email")}
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          defaultValue={problem?.values.email}
        />
        <TextField
          label={t("account.password")}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        <SubmitButton className="w-full">{t("account.logIn")}</SubmitButton>
      </ActionForm>
      <p className="mt-4 text-xs text-muted">{t("account.forgotten")}</p>
    </Gate>
  )
}
