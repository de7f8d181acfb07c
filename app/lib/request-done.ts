import { redirect } from "@remix-run/node"
import { commandName } from "#app/components/command-words.tsx"
import type { RequestedCommand } from "#server/commands/request-command.ts"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import { redirectWithNotice } from "./notice.ts"
import { translator } from "./strings/translate.ts"

/** To the command, or back to where the person came from, saying what was sent and what waits. */
export function requestDone(
  commands: RequestedCommand[],
  action: StoredAction,
  back: string | null,
): Response {
  const t = translator("en")
  const [first] = commands
  if (!first) return redirect("/commands")
  const name = commandName(t, action.type, action.parameters)
  const waits = commands.some((command) => command.status === "PENDING_APPROVAL")
  const text = waits
    ? t("request.done.waits", { action: name })
    : t("request.done.sent", { action: name, count: commands.length })
  const show = commands.length > 1 ? "/commands" : `/commands/${first.id}`
  if (!back) return redirectWithNotice(show, { text })
  const linkText = commands.length > 1 ? t("request.done.showAll") : t("request.done.show")
  return redirectWithNotice(back, { text, href: show, linkText })
}
