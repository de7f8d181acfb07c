import { type ActionFunctionArgs, redirect } from "@remix-run/node"
import { redirectWithNotice } from "#app/lib/notice.ts"
import { acts } from "#app/lib/page.ts"
import { translator } from "#app/lib/strings/translate.ts"
import { logOut } from "#server/auth/log-out.ts"
import { serializeSessionCookie } from "#server/auth/session-cookie.ts"

export async function loader() {
  return redirect("/")
}

export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ ctx, load }) => {
    if (load.session) await logOut(ctx, { token: load.session.token })
    const headers = new Headers({
      "Set-Cookie": serializeSessionCookie(null, { secure: load.secureCookies }),
    })
    return redirectWithNotice("/login", { text: translator("en")("account.loggedOut") }, headers)
  })
}
