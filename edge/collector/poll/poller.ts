// path: telemetry 1/8

import type { Identity, Reading, TempLimits } from "#edge/drivers/driver.ts"
import { type Fault, fault, type Outcome } from "#server/contract/driver-faults.ts"
import type { EdgeConfig } from "#server/contract/edge.ts"
import { currentHashrateGhs, type TelemetrySample } from "#server/contract/telemetry.ts"
import type { Log } from "#server/log.ts"
import { minerPollErrorsTotal, minerPollLatencyMs } from "#server/metrics.ts"
import type { EdgeClock } from "../clock.ts"
import type { Drivers } from "../ports.ts"
import { createDiscovery } from "./discovery.ts"
import type { IdentityMap, KnownMiner } from "./identity-map.ts"
import { afterDial, BACK_OFF_AFTER, freshPollState, type PollState, planTurn } from "./poll-plan.ts"
import { emptyCycle, type PollCycle } from "./poll-stats.ts"
import { readMiner } from "./read-miner.ts"
import { faultSample, sampleOf } from "./sample.ts"
import { createSchedule } from "./schedule.ts"
import { addressKey, expandTargets, type TargetAddress } from "./targets.ts"
import { createWorkQueue } from "./work-queue.ts"

const TICK_MS = 100
const LOOK_AGAIN_MS = 10 * 60_000
const LOOK_CONCURRENCY_MAX = 256
/** A driver whose signal fired has this long to notice. */
const ABORT_GRACE_MS = 1_000
/** After a start the known miners are asked within this time, not all at once. */
const START_SPREAD_MS = 10_000

export type Poller = {
  /** New targets, interval or limits; a changed target list is looked at at once. */
  configure: (config: EdgeConfig) => void
  counts: () => { known: number; online: number; lastCycleMs: number | null }
  limits: () => TempLimits
  intervalMs: () => number
  /** The rate of the machine's last sample, GH/s; null when it has none. */
  lastHashrateGhs: (minerId: string) => number | null
  /**
   * One more reading out of the rhythm, after asking who is there. A success is a sample like any other; a failure leaves
   * no trace, so that a machine that is told to restart is not called dead sooner. Null: it failed, or the miner is
   * being asked just now, or must not be.
   */
  readNow: (minerId: string) => Promise<TelemetrySample | null>
  /** Asks a machine who it is and reads it, whatever it refused before; false: it is being asked just now. */
  tryLogin: (minerId: string) => boolean
  /** Machines that are not where they were: out of reach for some turns, or somebody else answers at their address. */
  missing: () => KnownMiner[]
  /** Where the machines are that were read well last. */
  onlineHosts: () => Set<string>
  /** Files who answered at an address, and reads it there from now on whether or not a target says so. */
  adopt: (target: TargetAddress, identity: Identity) => Promise<KnownMiner>
  /** Dials nothing any more; what is being read is waited for until `withinMs`, then dropped. */
  stop: (withinMs: number) => Promise<void>
}

/**
 * Asks every known miner once an interval and looks at the other addresses of the targets every ten minutes. Each
 * turn of a known miner ends in one sample: its reading, or the fault that stood in the way.
 */
export function startPoller(options: {
  drivers: Drivers
  identities: IdentityMap
  clock: EdgeClock
  log: Log
  concurrency: number
  random: () => number
  record: (sample: TelemetrySample) => void
  /** The limits that one machine's health is judged by, where the site's are `site`. */
  limitsOf: (minerId: string, site: TempLimits) => TempLimits
  /** Where machines that moved are read besides the targets, and who hears that a target has them now. */
  moved?: { targets: () => TargetAddress[]; covered: (targets: TargetAddress[]) => void }
  /** Told with every sample of a machine that was identified. */
  onSample: (identity: Identity, sample: TelemetrySample) => void
}): Poller {
  const { drivers, identities, clock, log } = options
  const stop = new AbortController()
  const onError = (error: unknown) => log.error({ err: error }, "a poll failed in the collector itself")
  const polls = createWorkQueue(options.concurrency, onError)
  const looks = createWorkQueue(Math.min(options.concurrency, LOOK_CONCURRENCY_MAX), onError)
  const states = new Map<string, PollState>()
  const online = new Map<string, boolean>()
  const rates = new Map<string, number | null>()
  let targets = new Map<string, TargetAddress>()
  let targetsText = ""
  let intervalMs = 60_000
  let limits: TempLimits = { chipWarningC: 85, chipCriticalC: 95, boardWarningC: 70, boardCriticalC: 80 }
  let cycle = emptyCycle()
  let lastCycle: PollCycle | null = null
  let cycleEndsAt = performance.now() + intervalMs
  let lookAgainAt = Number.POSITIVE_INFINITY
  const schedule = createSchedule(intervalMs)

  const keyOf = (miner: KnownMiner) => miner.minerId.toLowerCase()
  const targetOf = (miner: KnownMiner) =>
    miner.address === null ? undefined : targets.get(addressKey(miner.address))
  /** Polled: met at least once, and at an address of the targets. */
  const pollable = (miner: KnownMiner) => miner.identity !== null && targetOf(miner) !== undefined

  const enlist = (soonMs: number) => {
    for (const miner of identities.all()) {
      if (pollable(miner)) schedule.add(keyOf(miner), performance.now(), soonMs)
      else forget(keyOf(miner))
    }
  }
  const forget = (key: string) => {
    schedule.remove(key)
    states.delete(key)
    online.delete(key)
    rates.delete(key)
  }
  const note = (miner: KnownMiner, sample: TelemetrySample) => {
    online.set(keyOf(miner), sample.online)
    rates.set(keyOf(miner), currentHashrateGhs(sample))
    if (miner.identity !== null) options.onSample(miner.identity, sample)
    options.record(sample)
  }

  const discovery = createDiscovery({
    drivers,
    identities,
    log,
    limits: () => limits,
    stop: stop.signal,
    targetOf,
    onFiled: (miner, before) => {
      if (before !== null && before !== miner) forget(keyOf(before))
      schedule.add(keyOf(miner), performance.now(), 0)
    },
  })
  const lookAround = () => {
    lookAgainAt = performance.now() + LOOK_AGAIN_MS
    for (const target of targets.values()) {
      const here = identities.at(target)
      const answers = here !== null && pollable(here) && online.get(keyOf(here)) !== false
      if (!answers) looks.add(() => discovery.lookAt(target))
    }
  }

  /** A reading or a fault; null when another machine turned out to be there, which is filed and asked by itself. */
  const ask = async (
    miner: KnownMiner,
    target: TargetAddress,
    retry: boolean,
    returning: boolean,
  ): Promise<Outcome<Reading> | null> => {
    let identity = miner.identity as Identity
    const driver = drivers.driverOf(identity.family)
    if (driver === null) return fault("unsupported", `no driver for ${identity.family}`)
    if (returning) {
      const who = await discovery.whoIs(target)
      if (!who.ok) return who
      const filed = await discovery.fileAnswer(target, who.value)
      if (filed !== miner || who.value.family !== identity.family) return null
      // It may have come back with another firmware.
      identity = who.value
    }
    return readMiner({
      driver,
      identity,
      address: target,
      limits: options.limitsOf(miner.minerId, limits),
      retry,
      random: options.random,
      stop: stop.signal,
    })
  }
  const extraTurn = async (key: string): Promise<TelemetrySample | null> => {
    const miner = identities.byId(key)
    const target = miner === null ? undefined : targetOf(miner)
    if (miner === null || target === undefined || miner.identity === null || stop.signal.aborted) return null
    if ((states.get(key)?.noLoginUntil ?? 0) > performance.now()) return null
    const answer = await ask(miner, target, false, true)
    const movedAway = miner.address === null || addressKey(miner.address) !== addressKey(target)
    if (answer === null || !answer.ok || movedAway) return null
    states.set(key, freshPollState())
    const sample = sampleOf(miner, answer.value, clock.iso())
    note(miner, sample)
    return sample
  }
  /** Null: it is being asked just now, or must not be. */
  const readNow = (key: string): Promise<TelemetrySample | null> | null => {
    if (stop.signal.aborted || !schedule.begin(key)) return null
    return new Promise((resolve) => {
      polls.add(async () => {
        try {
          resolve(await extraTurn(key))
        } finally {
          schedule.done(key)
          resolve(null)
        }
      })
    })
  }
  const turn = async (key: string): Promise<void> => {
    const miner = identities.byId(key)
    const target = miner === null ? undefined : targetOf(miner)
    if (miner === null || target === undefined || miner.identity === null || stop.signal.aborted) return
    const state = states.get(key) ?? freshPollState()
    const plan = planTurn(state, performance.now())
    if (plan.act === "repeat") {
      state.turnsSinceDial += 1
      cycle.repeated += 1
      const last = state.lastFault as Fault
      note(
        miner,
        faultSample(
          miner,
          { ...last, message: `${last.message} (not dialled this turn)` },
          clock.iso(),
          null,
        ),
      )
      return
    }
    const at = addressKey(target)
    const began = performance.now()
    if (plan.act === "look") {
      const seen = await lookOnly(target, state.lastFault as Fault)
      if (!stop.signal.aborted) note(miner, faultSample(miner, seen, clock.iso(), null))
      return
    }
    const answer = await ask(miner, target, plan.retry, state.failures > 0)
    const tookMs = performance.now() - began
    const movedAway = miner.address === null || addressKey(miner.address) !== at
    if (answer === null || movedAway || (!answer.ok && stop.signal.aborted)) return
    cycle.slowest_ms = Math.max(cycle.slowest_ms, Math.round(tookMs))
    states.set(key, afterDial(state, answer.ok ? null : answer.fault, performance.now()))
    if (answer.ok) {
      cycle.read += 1
      minerPollLatencyMs.observe({ family: miner.identity.family }, tookMs)
      note(miner, sampleOf(miner, answer.value, clock.iso()))
    } else {
      cycle.failed += 1
      cycle.faults[answer.fault.kind] = (cycle.faults[answer.fault.kind] ?? 0) + 1
      minerPollErrorsTotal.inc({ type: answer.fault.kind })
      note(miner, faultSample(miner, answer.fault, clock.iso(), Math.round(tookMs)))
    }
  }
  /** A miner that refused the login is only asked who it is: nothing tries a password again within the hour. */
  const lookOnly = async (target: TargetAddress, refused: Fault): Promise<Fault> => {
    const answer = await discovery.whoIs(target)
    return answer.ok ? refused : answer.fault
  }

  const isMissing = (miner: KnownMiner): boolean => {
    if (miner.address === null) return true
    const state = states.get(keyOf(miner))
    const kind = state?.lastFault?.kind
    return (state?.failures ?? 0) >= BACK_OFF_AFTER && (kind === "refused" || kind === "timeout")
  }
  const onlineHosts = () => {
    const hosts = new Set<string>()
    for (const miner of identities.all())
      if (miner.address !== null && online.get(keyOf(miner)) === true) hosts.add(miner.address.host)
    return hosts
  }

  const tick = () => {
    const now = performance.now()
    for (const key of schedule.takeDue(now)) polls.add(() => turn(key).finally(() => schedule.done(key)))
    if (now >= lookAgainAt) lookAround()
    if (now >= cycleEndsAt) endCycle(now)
  }
  const endCycle = (now: number) => {
    cycleEndsAt = now + intervalMs
    if (schedule.size() > 0)
      log.info(
        {
          ...cycle,
          miners: schedule.size(),
          interval_ms: intervalMs,
          skipped_turns: schedule.skippedTurns(),
        },
        "poll cycle",
      )
    lastCycle = cycle
    cycle = emptyCycle()
  }
  const ticker = setInterval(tick, TICK_MS)

  return {
    configure: (config) => {
      limits = {
        chipWarningC: config.limits.chip_warning_c,
        chipCriticalC: config.limits.chip_critical_c,
        boardWarningC: config.limits.board_warning_c,
        boardCriticalC: config.limits.board_critical_c,
      }
      if (intervalMs !== config.poll_interval_s * 1000) {
        intervalMs = config.poll_interval_s * 1000
        schedule.setInterval(intervalMs, performance.now())
        cycleEndsAt = performance.now() + intervalMs
      }
      const restored = identities.restore(config.miners)
      if (restored > 0) log.info({ restored }, "identities taken from the server")
      const text = JSON.stringify(config.targets)
      if (text !== targetsText) {
        targetsText = text
        const { addresses, problems } = expandTargets(config.targets)
        for (const problem of problems) log.warn({ problem }, "a target cannot be used")
        targets = new Map(addresses.map((address) => [addressKey(address), address]))
        const moved = options.moved?.targets() ?? []
        options.moved?.covered(moved.filter((target) => targets.has(addressKey(target))))
        for (const target of moved)
          if (!targets.has(addressKey(target))) targets.set(addressKey(target), target)
        looks.clear()
        lookAround()
      }
      enlist(Math.min(intervalMs, START_SPREAD_MS))
    },
    counts: () => {
      let up = 0
      for (const isOnline of online.values()) if (isOnline) up += 1
      return { known: identities.size(), online: up, lastCycleMs: lastCycle?.slowest_ms ?? null }
    },
    limits: () => limits,
    intervalMs: () => intervalMs,
    missing: () => [...identities.all()].filter((miner) => miner.identity !== null && isMissing(miner)),
    onlineHosts,
    adopt: (target, identity) => {
      if (!targets.has(addressKey(target))) targets.set(addressKey(target), target)
      return discovery.fileAnswer(target, identity)
    },
    lastHashrateGhs: (minerId) => rates.get(minerId.toLowerCase()) ?? null,
    readNow: (minerId) => readNow(minerId.toLowerCase()) ?? Promise.resolve(null),
    tryLogin: (minerId) => {
      const key = minerId.toLowerCase()
      const state = states.get(key)
      if (state !== undefined) states.set(key, { ...state, noLoginUntil: 0 })
      return readNow(key) !== null
    },
    stop: async (withinMs) => {
      clearInterval(ticker)
      polls.clear()
      looks.clear()
      const timer = setTimeout(() => stop.abort(), withinMs)
      let lastTimer: NodeJS.Timeout | undefined
      const atLast = new Promise<void>((resolve) => {
        lastTimer = setTimeout(resolve, withinMs + ABORT_GRACE_MS)
      })
      await Promise.race([Promise.all([polls.idle(), looks.idle()]), atLast])
      clearTimeout(timer)
      clearTimeout(lastTimer)
      stop.abort()
    },
  }
}
