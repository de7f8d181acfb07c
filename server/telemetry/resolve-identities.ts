import type { SqlTransaction } from "#db/client.ts"
import {
  findMiners,
  findOrCreateLabels,
  insertUnknownMiners,
  type KnownIdentity,
  type Label,
  type UploadedIdentity,
  updateIdentities,
} from "#db/queries/telemetry-identity.ts"
import { storableText } from "#db/queries/telemetry-rows.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { IdentityCache } from "./identity-cache.ts"
import type { ValidSample } from "./validate-samples.ts"

export type Resolved = {
  minerIdOf: (sample: TelemetrySample) => number
  labelIdOf: (sample: TelemetrySample) => number | null
  added: number[]
  /** Puts what was learnt into the cache; called after the commit. */
  keep: () => void
}

type Place = { siteId: number; deviceId: number; at: Date }

/**
 * Finds the machine and the label of every sample, making those that are new and writing what uploads own where it
 * changed. One statement each for all of them, none when the cache knows them all.
 */
export async function resolveIdentities(
  tx: SqlTransaction,
  cache: IdentityCache,
  place: Place,
  samples: readonly ValidSample[],
): Promise<Resolved> {
  const miners = await resolveMiners(tx, cache, place, samples)
  const labels = await resolveLabels(tx, cache, place, samples)
  return {
    minerIdOf: miners.idOf,
    labelIdOf: labels.idOf,
    added: miners.added,
    keep() {
      miners.keep()
      labels.keep()
    },
  }
}

async function resolveMiners(
  tx: SqlTransaction,
  cache: IdentityCache,
  { siteId, deviceId, at }: Place,
  samples: readonly ValidSample[],
) {
  const nowMs = at.getTime()
  const newest = new Map<string, ValidSample>()
  for (const valid of samples) {
    const wireId = wireIdOf(valid.sample)
    const other = newest.get(wireId)
    if (!other || other.collectedAtMs <= valid.collectedAtMs) newest.set(wireId, valid)
  }
  const known = new Map<string, KnownIdentity>()
  for (const wireId of newest.keys()) {
    const identity = cache.miner(siteId, wireId, nowMs)
    if (identity) known.set(wireId, identity)
  }
  const fresh = new Map<string, KnownIdentity>()
  let added: number[] = []
  const asked = [...newest.keys()].filter((wireId) => !known.has(wireId))
  if (asked.length > 0) {
    let found = await findMiners(tx, siteId, asked)
    if (found.length < asked.length) {
      added = await insertUnknownMiners(tx, siteId, deviceId, asked, at)
      found = await findMiners(tx, siteId, asked)
    }
    for (const { wireId, ...identity } of found) {
      known.set(wireId, identity)
      fresh.set(wireId, identity)
    }
  }
  const changed: (UploadedIdentity & { id: number })[] = []
  for (const [wireId, { sample }] of newest) {
    const before = known.get(wireId)
    if (!before) throw new Error("a machine that was just provisioned is not there")
    const after = merged(before, sample, deviceId)
    if (after === before) continue
    changed.push(after)
    known.set(wireId, after)
    fresh.set(wireId, after)
  }
  if (changed.length > 0) await updateIdentities(tx, siteId, deviceId, changed)
  return {
    added,
    idOf: (sample: TelemetrySample) => known.get(wireIdOf(sample))?.id as number,
    keep() {
      for (const [wireId, identity] of fresh) cache.keepMiner(siteId, wireId, identity, nowMs)
    },
  }
}

/** The same object when the sample tells nothing new. */
function merged(before: KnownIdentity, sample: TelemetrySample, deviceId: number): KnownIdentity {
  const same =
    before.deviceId === deviceId &&
    tellsNothing(sample.ip_address, before.ipAddress) &&
    tellsNothing(sample.make, before.make) &&
    tellsNothing(sample.model, before.model) &&
    tellsNothing(sample.firmware, before.firmware) &&
    tellsNothing(sample.firmware_version, before.firmwareVersion) &&
    tellsNothing(sample.mac, before.mac) &&
    tellsNothing(sample.serial, before.serial)
  if (same) return before
  return {
    ...before,
    deviceId,
    ipAddress: storableText(sample.ip_address) ?? before.ipAddress,
    make: storableText(sample.make) ?? before.make,
    model: storableText(sample.model) ?? before.model,
    firmware: storableText(sample.firmware) ?? before.firmware,
    firmwareVersion: storableText(sample.firmware_version) ?? before.firmwareVersion,
    mac: storableText(sample.mac) ?? before.mac,
    serial: storableText(sample.serial) ?? before.serial,
  }
}

function tellsNothing(told: string | null | undefined, known: string | null): boolean {
  return told == null || told === known
}

async function resolveLabels(
  tx: SqlTransaction,
  cache: IdentityCache,
  { siteId }: Place,
  samples: readonly ValidSample[],
) {
  const ids = new Map<TelemetrySample, number>()
  const missing = new Map<string, { label: Label; samples: TelemetrySample[] }>()
  for (const { sample } of samples) {
    const label = labelOf(sample)
    if (!label) continue
    const id = cache.label(siteId, label)
    if (id !== null) {
      ids.set(sample, id)
      continue
    }
    const asked = missing.get(keyOf(label))
    if (asked) asked.samples.push(sample)
    else missing.set(keyOf(label), { label, samples: [sample] })
  }
  const asked = [...missing.values()].map((one) => one.label)
  const made = asked.length > 0 ? await findOrCreateLabels(tx, siteId, asked) : []
  for (const { id, ...label } of made)
    for (const sample of missing.get(keyOf(label))?.samples ?? []) ids.set(sample, id)
  return {
    idOf: (sample: TelemetrySample) => ids.get(sample) ?? null,
    keep() {
      for (const { id, ...label } of made) cache.keepLabel(siteId, label, id)
    },
  }
}

function wireIdOf(sample: TelemetrySample): string {
  return storableText(sample.miner_id) as string
}
/** A pool without a worker, or the reverse, has the other one empty. */
function labelOf(sample: TelemetrySample): Label | null {
  if (sample.pool_url == null && sample.worker_name == null) return null
  return {
    poolUrl: storableText(sample.pool_url) ?? "",
    workerName: storableText(sample.worker_name) ?? "",
  }
}
function keyOf(label: Label): string {
  return `${label.poolUrl}\n${label.workerName}`
}
