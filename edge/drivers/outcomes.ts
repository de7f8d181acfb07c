import type { FaultKind } from "#server/contract/driver-faults.ts"
import type { ActionReport, ActOutcome } from "./driver.ts"
import type { HttpAnswer } from "./transport/http-client.ts"

/** The ways in which an act ends, for every family. */

/** Nothing was done. */
export function notDone(kind: FaultKind, message: string): ActOutcome {
  return { ok: false, fault: { kind, message }, sent: false }
}

export function done(report: ActionReport): ActOutcome {
  return { ok: true, value: report }
}

export function alreadySo(ran: string, message: string, state: Record<string, unknown>): ActOutcome {
  return done({ ran, message, verified: true, already: true, before: state, after: state })
}

/**
 * A write that ended without an answer. Once it had left, nobody knows what became of it, whatever the socket said:
 * that is a `timeout` with `sent`.
 */
export function lost(answer: HttpAnswer & { ok: false }): ActOutcome {
  const { fault, sent, dropped } = answer
  return sent || dropped
    ? { ok: false, fault: { kind: "timeout", message: fault.message }, sent: true }
    : { ok: false, fault, sent: false }
}
