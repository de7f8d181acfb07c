import type { Transaction } from "#db/client.ts"
import { lockCommandState } from "#db/queries/commands-state.ts"
import {
  haltRows,
  markWavePassed,
  selectDueReleases,
  selectNextWave,
  selectWavePause,
  updateNextWaveAt,
} from "#db/queries/commands-waves.ts"
import { WAVE_GATES } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { type LookBack, type LookedAt, markRecovered } from "./mark-recovered.ts"
import { releaseWave, tellWave } from "./release-wave.ts"
import { waveVerdict } from "./wave-gate.ts"

/** Of commands that run no longer, those of the last hours; the minute's job looks at all of them. */
const LOOK_BACK_MS = 2 * 1000 * Math.max(...Object.values(WAVE_GATES).map((gate) => gate.graceS))
const LOOK_BACK: LookBack = { answeredMs: LOOK_BACK_MS, requestedMs: 2 * LOOK_BACK_MS }

/**
 * Moves every command in waves on (`decisions.md` 18, 19): looks what the machines of released waves show, passes or
 * halts each by its gate, and releases the next wave once the pause after a passed gate is over. The last wave gets its
 * picture, and halts nothing. One transaction a command; idempotent, safe with two workers.
 */
export async function advanceWaves(
  ctx: Context,
): Promise<{ released: number; halted: number; recovered: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker moves waves on.")
  const { recovered, waves } = await markRecovered(ctx, LOOK_BACK)
  const done = { released: 0, halted: 0 }
  for (const wave of waves) {
    if (wave.passedAt || wave.haltedAt) continue
    const verdict = waveVerdict(wave, wave.rule, ctx.now())
    if (verdict.verdict === "wait") continue
    const moved = await ctx.db.transaction((tx) =>
      verdict.verdict === "halt" ? halt(tx, ctx, wave, verdict.reason) : pass(tx, ctx, wave),
    )
    if (moved) done[moved] += 1
  }
  for (const command of await selectDueReleases(ctx.db, ctx.now()))
    if (await ctx.db.transaction((tx) => releaseDue(tx, ctx, command))) done.released += 1
  return { ...done, recovered }
}

/** The command, locked, when this wave is what it waits for. */
async function lockWaiting(tx: Transaction, wave: LookedAt) {
  const command = await lockCommandState(tx, wave.siteId, wave.commandId)
  return command?.status === "RUNNING" &&
    !command.haltedAt &&
    !command.nextWaveAt &&
    command.releasedWave === wave.wave
    ? command
    : null
}

async function pass(tx: Transaction, ctx: Context, wave: LookedAt): Promise<"released" | null> {
  const command = await lockWaiting(tx, wave)
  const at = ctx.now()
  await markWavePassed(tx, wave, at)
  const next = command ? await selectNextWave(tx, command) : null
  if (!command || next === null) {
    await tellWave(tx, { siteId: wave.siteId, id: wave.commandId }, at)
    return null
  }
  await auditWave(tx, ctx, wave, "command.wave-pass")
  const { pauseS, paused } = await selectWavePause(tx, command)
  if (pauseS === 0 && !paused) {
    await releaseWave(tx, ctx, command, next)
    return "released"
  }
  await updateNextWaveAt(tx, command, new Date(at.getTime() + pauseS * 1000))
  await tellWave(tx, command, at)
  return null
}

async function halt(tx: Transaction, ctx: Context, wave: LookedAt, reason: string): Promise<"halted" | null> {
  const command = await lockWaiting(tx, wave)
  // Nothing is left to hold back.
  if (!command || (await selectNextWave(tx, command)) === null) return null
  const at = ctx.now()
  await haltRows(tx, wave, reason, at)
  await auditWave(tx, ctx, wave, "command.halt", { reason })
  await tellWave(tx, command, at)
  return "halted"
}

function auditWave(
  tx: Transaction,
  ctx: Context,
  wave: LookedAt,
  action: "command.wave-pass" | "command.halt",
  more: { reason?: string } = {},
): Promise<void> {
  const { siteId, commandId, wave: number, waves, good, waiting, failed, skipped } = wave
  return writeAudit(tx, ctx, {
    action,
    siteId,
    subjectType: "command",
    subjectId: commandId,
    details: { wave: number, waves, ...more, good, waiting, failed, skipped },
  })
}

async function releaseDue(
  tx: Transaction,
  ctx: Context,
  key: { siteId: number; id: string },
): Promise<boolean> {
  const command = await lockCommandState(tx, key.siteId, key.id)
  if (command?.status !== "RUNNING" || command.haltedAt) return false
  if (!command.nextWaveAt || command.nextWaveAt > ctx.now()) return false
  const next = await selectNextWave(tx, command)
  if (next === null) {
    await updateNextWaveAt(tx, command, null)
    return false
  }
  await releaseWave(tx, ctx, command, next)
  return true
}
