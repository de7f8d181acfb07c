import { setCommandsPaused } from "#server/commands/set-commands-paused.ts"
import type { Context } from "#server/context.ts"
import type { FormFields } from "./form-fields.ts"
import { translator } from "./strings/translate.ts"

/** Turns the kill switch of a site or a collector as the form's `intent` says; returns what to tell. */
export async function turnCommandSwitch(
  ctx: Context,
  form: FormFields,
  { name, ...subject }: ({ siteId: number } | { deviceId: number }) & { name: string },
): Promise<string> {
  const t = translator("en")
  if (form.text("intent") === "resume-commands") {
    await setCommandsPaused(ctx, { ...subject, paused: false })
    return t("pause.resume.done", { name })
  }
  await setCommandsPaused(ctx, { ...subject, paused: true, reason: form.text("reason") })
  return t("pause.stop.done", { name })
}
