import type { Transaction } from "#db/client.ts"
import { insertTarget, listTargets, type Target } from "#db/queries/collectors.ts"
import {
  addressIsShared,
  findMinerOfKey,
  insertMoveEvent,
  setTargetValue,
} from "#db/queries/discovery-moves.ts"
import { bumpConfigVersion } from "#db/queries/sites.ts"
import { parseIpv4 } from "#server/contract/address-ranges.ts"
import { SAMPLE_MAX_AGE_MS, SAMPLE_MAX_AHEAD_MS } from "#server/contract/budgets.ts"
import type { MovedMiner } from "#server/contract/discovery.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { MAX_TARGETS } from "../collectors/target-value.ts"
import type { Context } from "../context.ts"
import { covers, singleAddress, targetsFor } from "./cover-machines.ts"

/**
 * A collector found a machine of its own at another address: its single-address target follows it, or it gets one where
 * no target takes the new address in. The caller holds the site. What is told twice is recorded once.
 */
export async function recordMove(
  tx: Transaction,
  ctx: Context,
  device: { siteId: number; deviceId: number },
  move: MovedMiner,
): Promise<boolean> {
  const { siteId, deviceId } = device
  const miner = await findMinerOfKey(tx, siteId, move.miner_id)
  if (miner === null) return false
  const at = clamped(new Date(move.at), ctx.now())
  const name = miner.label ?? miner.minerId
  const message = `${name} moved from ${move.from ?? "an unknown address"} to ${move.to.address}.`
  if (!(await insertMoveEvent(tx, { siteId, deviceId, minerId: miner.id, message, at }))) return false
  const change = await followMachine(tx, { ...device, minerId: miner.id, at: ctx.now() }, move)
  if (change !== null) await bumpConfigVersion(tx, siteId)
  await writeAudit(tx, ctx, {
    action: "discovery.move",
    siteId,
    subjectType: "miner",
    subjectId: miner.id,
    before: { address: move.from, target: change?.before ?? null },
    after: { address: move.to.address, target: change?.after ?? null },
  })
  return true
}

async function followMachine(
  tx: Transaction,
  input: { siteId: number; deviceId: number; minerId: number; at: Date },
  move: MovedMiner,
): Promise<{ before: string | null; after: string } | null> {
  const { siteId, deviceId, minerId, at } = input
  const machine = {
    addressNumber: parseIpv4(move.to.address) ?? 0,
    rpcPort: move.to.rpc_port,
    webPort: move.to.web_port,
  }
  const targets = await listTargets(tx, deviceId)
  if (targets.some((target) => target.enabled && covers(target, machine))) return null
  const [wanted] = targetsFor([machine], new Set(), MAX_TARGETS)
  if (wanted === undefined || targets.some((target) => target.value === wanted.value)) return null
  const own = move.from === null ? undefined : targets.find((target) => target.enabled && isFor(target, move))
  const shared =
    move.from !== null &&
    (await addressIsShared(tx, { siteId, deviceId, address: move.from, otherThan: minerId }))
  if (own !== undefined && !shared) {
    await setTargetValue(tx, own.id, wanted.value, wanted.webPort)
    return { before: own.value, after: wanted.value }
  }
  // The collector reads it there by itself; a list that is full is no reason to lose the machine.
  if (targets.length >= MAX_TARGETS) return null
  const { value, webPort } = wanted
  await insertTarget(tx, { siteId, deviceId, value, webPort, family: null, createdAt: at })
  return { before: null, after: value }
}

function isFor(target: Target, move: MovedMiner): boolean {
  const single = singleAddress(target.value)
  const port = move.from_rpc_port ?? move.to.rpc_port
  return single !== null && single.address === parseIpv4(move.from ?? "") && single.port === port
}

/** A wild clock gets ours. */
function clamped(told: Date, now: Date): Date {
  const aheadMs = told.getTime() - now.getTime()
  return aheadMs > SAMPLE_MAX_AHEAD_MS || aheadMs < -SAMPLE_MAX_AGE_MS ? now : told
}
