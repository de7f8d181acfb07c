import type { Identity, TempLimits } from "#edge/drivers/driver.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { Log } from "#server/log.ts"
import type { Drivers } from "../ports.ts"
import type { IdentityMap, KnownMiner } from "./identity-map.ts"
import { compareIds, hardwareIds } from "./known-ids.ts"
import { identifyAt } from "./read-miner.ts"
import { addressKey, type TargetAddress } from "./targets.ts"

/** Finds out who is at an address and files the answer. */
export type Discovery = {
  whoIs: (target: TargetAddress) => Promise<Outcome<Identity>>
  /** Looks at an address; what does not answer as a miner leaves no trace. */
  lookAt: (target: TargetAddress) => Promise<void>
  /** Files who answered: a machine that moved takes its id along, one that has a twin elsewhere gets its own. */
  fileAnswer: (target: TargetAddress, identity: Identity) => Promise<KnownMiner>
}

export function createDiscovery(options: {
  drivers: Drivers
  identities: IdentityMap
  log: Log
  limits: () => TempLimits
  stop: AbortSignal
  targetOf: (miner: KnownMiner) => TargetAddress | undefined
  /** `before` was filed at the address until now. */
  onFiled: (miner: KnownMiner, before: KnownMiner | null) => void
}): Discovery {
  const { identities, log, stop } = options
  const looking = new Set<string>()

  const whoIs = (target: TargetAddress) =>
    identifyAt({
      drivers: options.drivers,
      address: target,
      family: target.family,
      limits: options.limits(),
      stop,
    })
  /** Whether the machine that is filed under another address answers there with the same ids. */
  const stillThere = async (miner: KnownMiner, identity: Identity): Promise<boolean> => {
    const target = options.targetOf(miner)
    if (target === undefined || miner.identity === null) return false
    const answer = await whoIs(target)
    return answer.ok && compareIds(hardwareIds(answer.value), hardwareIds(identity)) === "same"
  }
  const fileAnswer = async (target: TargetAddress, identity: Identity): Promise<KnownMiner> => {
    const elsewhere = identities.elsewhere(target, identity)
    const twin = elsewhere !== null && (await stillThere(elsewhere, identity)) ? elsewhere : null
    const before = identities.at(target)
    const miner = identities.file(target, identity, twin)
    const address = addressKey(target)
    if (twin !== null)
      log.warn(
        { miner_id: miner.minerId, twin: twin.minerId, address },
        "two machines claim the same serial or MAC; the second one has an id of its own",
      )
    if (before !== miner)
      log.info(
        { miner_id: miner.minerId, address, family: identity.family },
        elsewhere !== null && twin === null ? "miner moved here" : "miner found",
      )
    options.onFiled(miner, before)
    return miner
  }
  return {
    whoIs,
    fileAnswer,
    lookAt: async (target) => {
      const key = addressKey(target)
      if (looking.has(key) || stop.aborted) return
      looking.add(key)
      try {
        const answer = await whoIs(target)
        if (answer.ok && !stop.aborted) await fileAnswer(target, answer.value)
      } finally {
        looking.delete(key)
      }
    },
  }
}
