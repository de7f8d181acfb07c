import type { ActOutcome } from "./driver.ts"
import { done } from "./outcomes.ts"

/**
 * Several writes that are one command, one after the other, as a restore has them. It ends with the first that was not
 * done, and then says what was before it. Done and verified when all were; already so when all were. `before` is as it was before the first that says
 * it, `after` as after the last.
 */
export async function inTurn(
  ran: string,
  steps: readonly (() => Promise<ActOutcome>)[],
): Promise<ActOutcome> {
  const messages: string[] = []
  let [verified, already] = [true, true]
  let before: Record<string, unknown> = {}
  let after: Record<string, unknown> = {}
  for (const step of steps) {
    const outcome = await step()
    if (!outcome.ok) {
      const { kind, message } = outcome.fault
      const said = messages.length === 0 ? message : `${message} Before that: ${messages.join(" ")}`
      return { ok: false, fault: { kind, message: said }, sent: outcome.sent }
    }
    const report = outcome.value
    messages.push(report.message)
    verified &&= report.verified
    already &&= report.already === true
    before = { ...report.before, ...before }
    after = { ...after, ...report.after }
  }
  return done({
    ran,
    message: messages.join(" "),
    verified,
    ...(already ? { already } : {}),
    before,
    after: verified ? after : null,
  })
}
