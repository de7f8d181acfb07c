import type { DriverAction, TempLimits } from "#edge/drivers/driver.ts"
import { featureOfAction } from "#edge/drivers/feature-of-action.ts"
import { type CommandFeature, RESULT_CODES } from "#server/contract/commands.ts"
import { type LocateContext, type Located, locate } from "../execute/locate.ts"
import { driveAction } from "../execute/perform.ts"
import type { MoveEnd } from "./conclude.ts"
import type { Want } from "./decide.ts"
import type { MachineState } from "./machine-state.ts"
import { actionsOf, beforeOf } from "./moves.ts"

/** A move with everything that has to be known before its act. */
export type ReadyMove = Located & { action: DriverAction; feature: CommandFeature }

/**
 * Asks who is at the machine's address, as before a command, and which of the move's actions it can. A move that cannot
 * be made has ended.
 */
export async function prepareMove(
  context: LocateContext,
  state: MachineState,
  want: Want,
  signal: AbortSignal,
): Promise<ReadyMove | MoveEnd> {
  const meant = { miner_id: state.minerId, ip_address: null, serial: null, mac: null }
  const located = await locate(context, meant, signal)
  if ("result_code" in located)
    return located.result_code === RESULT_CODES.SKIPPED
      ? { end: "refused", message: located.message }
      : { end: "failed", message: located.message }
  const capabilities = located.driver.capabilities(located.identity)
  let why = "this machine cannot."
  for (const action of actionsOf(state, want)) {
    const feature = featureOfAction(action)
    const can = capabilities.can(feature)
    if (can.ok) return { ...located, action, feature }
    why = can.fault.message
  }
  return { end: "refused", message: why }
}

/** The act, once. Null: the request went out and nobody knows what became of it. */
export async function performMove(
  move: ReadyMove,
  input: { limits: TempLimits; powerMode: string | null },
  signal: AbortSignal,
): Promise<MoveEnd | null> {
  const found = await driveAction({ ...move, limits: input.limits }, signal)
  if (found.unclear) return null
  const { message, already } = found
  if (found.result_code === RESULT_CODES.OK)
    return { end: "done", message, already, before: beforeOf(input.powerMode, found.before) }
  return found.result_code === RESULT_CODES.SKIPPED ? { end: "refused", message } : { end: "failed", message }
}
