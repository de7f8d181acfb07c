import { type ActionFunctionArgs, redirect } from "@remix-run/node"
import { ownPath } from "#app/lib/own-path.ts"
import { acts } from "#app/lib/page.ts"
import { THEMES, themeCookie } from "#app/lib/theme.ts"

export async function loader() {
  return redirect("/account")
}

/** Keeps the chosen appearance in this browser. */
export async function action(args: ActionFunctionArgs) {
  return acts(args, async ({ form }) => {
    const theme = THEMES.find((one) => one === form.text("theme")) ?? "system"
    return redirect(ownPath(form.text("to"), "/account"), { headers: { "Set-Cookie": themeCookie(theme) } })
  })
}
