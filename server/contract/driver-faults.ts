/** How a miner can fail to answer, as data. Faults are never thrown through a driver's interface. */
export const FAULT_KINDS = ["timeout", "refused", "auth", "unsupported", "garbled", "busy"] as const
export type FaultKind = (typeof FAULT_KINDS)[number]
export type Fault = { kind: FaultKind; message: string }

/** A value, or the reason why there is none. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; fault: Fault }

export function ok<T>(value: T): Outcome<T> {
  return { ok: true, value }
}
export function fault(kind: FaultKind, message: string): { ok: false; fault: Fault } {
  return { ok: false, fault: { kind, message } }
}
