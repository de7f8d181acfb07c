import {
  markRecoveredTargets,
  refreshWaves,
  selectUnsettledWaves,
  type WaveLook,
  type WaveRow,
} from "#db/queries/commands-waves.ts"
import { storedActionSchema } from "#server/contract/command-parameters.ts"
import { featureOf, waveGate } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import type { WaveRule } from "./wave-gate.ts"

const HOUR_MS = 3_600_000
export type LookBack = { answeredMs: number; requestedMs: number }
/**
 * A machine that hashes again later than a day after was mended by something else; a command may wait for its approval
 * and stand halted for a day each before it acts.
 */
const LOOK_BACK: LookBack = { answeredMs: 24 * HOUR_MS, requestedMs: 96 * HOUR_MS }

export type LookedAt = WaveRow & { rule: WaveRule }

/**
 * Notes which machines showed what their command's gate asks since they answered (`decisions.md` 19), and draws the
 * picture of each wave anew. Looks at waves answered within 24 hours unless told; a job's work instead of every
 * upload's, so that ingest pays nothing for it. Returns the waves it looked at.
 */
export async function markRecovered(
  ctx: Context,
  lookBack = LOOK_BACK,
): Promise<{ recovered: number; waves: LookedAt[] }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker notes recoveries.")
  const at = ctx.now()
  const unsettled = await selectUnsettledWaves(ctx.db, {
    answeredSince: new Date(at.getTime() - lookBack.answeredMs),
    requestedSince: new Date(at.getTime() - lookBack.requestedMs),
  })
  if (unsettled.length === 0) return { recovered: 0, waves: [] }
  const rules = new Map<string, WaveRule>()
  const looks = unsettled.map((wave): WaveLook => {
    const { sign, graceS } = waveGate(featureOf(storedActionSchema.parse(wave)))
    rules.set(nameOf(wave), { sign, graceS, failPercent: wave.failPercent })
    const { siteId, commandId, wave: number, hashPercent } = wave
    return { siteId, commandId, wave: number, sign, hashPercent, restarts: wave.type === "REBOOT" }
  })

  return ctx.db.transaction(async (tx) => {
    const recovered = await markRecoveredTargets(tx, looks)
    const waves = await refreshWaves(tx, looks, at)
    const changed = new Map<string, { siteId: number; minerIds: number[] }>()
    for (const wave of waves)
      if (wave.changed) changed.set(wave.commandId, { siteId: wave.siteId, minerIds: [] })
    for (const { commandId, siteId, minerId } of recovered) {
      const known = changed.get(commandId) ?? { siteId, minerIds: [] }
      known.minerIds.push(minerId)
      changed.set(commandId, known)
    }
    for (const [commandId, { siteId, minerIds }] of changed)
      await notifyLive(tx, { kind: "command", siteId, commandId, minerIds, at: at.toISOString() })
    return {
      recovered: recovered.length,
      waves: waves.flatMap((wave) => {
        const rule = rules.get(nameOf(wave))
        return rule ? [{ ...wave, rule }] : []
      }),
    }
  })
}

const nameOf = (wave: { commandId: string; wave: number }) => `${wave.commandId} ${wave.wave}`
