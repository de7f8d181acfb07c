import { type CommandFeature, waveGate } from "#server/contract/commands.ts"
import { currentHashrateGhs, type TelemetrySample } from "#server/contract/telemetry.ts"

/** After an act, seconds: dense while a restart of the mining process lasts, then as long as a gate's patience. */
const LOOKS_AFTER_S = [5, 15, 30, 60, 120, 240, 420, 600, 900] as const
const JITTER = 0.1
/** Uptimes are whole seconds, and a restart begins a moment after it was asked for. */
const UPTIME_MARGIN_S = 10
/** As good as before: a machine that warms up is looked at again. */
const BACK_SHARE = 0.9

/**
 * Reads a machine again soon after a command acted on it, so that the gate of a wave does not wait for a slow interval:
 * until it hashes as before (after its restart, where it has to restart; or answers, where that is all the gate asks), or
 * until the normal rhythm is the faster one.
 * One at a time a machine; a newer act begins anew.
 */
export type FollowUps = {
  follow: (minerId: string, feature: CommandFeature) => void
  size: () => number
  stop: () => void
}

export function createFollowUps(options: {
  read: (minerId: string) => Promise<TelemetrySample | null>
  hashrateBefore: (minerId: string) => number | null
  intervalMs: () => number
  random: () => number
}): FollowUps {
  const timers = new Map<string, NodeJS.Timeout>()
  const turns = new Map<string, symbol>()

  const end = (key: string) => {
    clearTimeout(timers.get(key))
    timers.delete(key)
    turns.delete(key)
  }
  const schedule = (
    key: string,
    step: number,
    mine: symbol,
    isBack: (sample: TelemetrySample) => boolean,
  ) => {
    const at = LOOKS_AFTER_S[step]
    const gapMs = at === undefined ? 0 : (at - (LOOKS_AFTER_S[step - 1] ?? 0)) * 1000
    if (at === undefined || gapMs >= options.intervalMs()) return end(key)
    const waitMs = gapMs * (1 - JITTER + 2 * JITTER * options.random())
    const look = async () => {
      const sample = await options.read(key).catch(() => null)
      if (turns.get(key) !== mine) return
      if (sample !== null && isBack(sample)) end(key)
      else schedule(key, step + 1, mine, isBack)
    }
    timers.set(key, setTimeout(look, waitMs))
  }
  return {
    follow: (minerId, feature) => {
      const key = minerId.toLowerCase()
      const { sign } = waveGate(feature)
      if (sign === "answered") return
      end(key)
      const restarts = feature.startsWith("REBOOT") || feature === "UPDATE_FIRMWARE"
      const sinceMs = performance.now()
      const before = options.hashrateBefore(key) ?? 0
      const isBack = (sample: TelemetrySample) => {
        if (!sample.online) return false
        if (sign === "reachable") return true
        const upS = sample.uptime_seconds ?? 0
        if (restarts && upS > (performance.now() - sinceMs) / 1000 + UPTIME_MARGIN_S) return false
        const rate = currentHashrateGhs(sample) ?? 0
        return sample.mining !== false && rate > 0 && rate >= before * BACK_SHARE
      }
      const mine = Symbol(key)
      turns.set(key, mine)
      schedule(key, 0, mine, isBack)
    },
    size: () => turns.size,
    stop: () => {
      for (const key of [...turns.keys()]) end(key)
    },
  }
}
