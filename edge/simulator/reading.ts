import { modeLoad } from "./load.ts"
import type { SimulatedMiner } from "./miner.ts"
import { centred, unit } from "./random.ts"

/** What the machine's sensors and counters say at one instant, in the units named; the families render it. */
export type BoardReading = {
  slot: number
  alive: boolean
  ths: number
  thsAvg: number
  idealThs: number
  chips: number
  chipsOk: number
  frequencyMhz: number
  /** Four sensors each, as on Antminers: chips, board, controller. */
  chipC: number[]
  boardC: number[]
  picC: number[]
  chipMinC: number
  chipAvgC: number
  chipMaxC: number
  hwErrors: number
  accepted: number
  rejected: number
  serial: string
}
export type PoolReading = {
  index: number
  url: string
  user: string
  alive: boolean
  active: boolean
  accepted: number
  rejected: number
  stale: number
}
export type Reading = {
  atS: number
  hashing: boolean
  elapsedS: number
  uptimeS: number
  ths5s: number
  ths1m: number
  ths5m: number
  ths15m: number
  ths30m: number
  thsAvg: number
  idealThs: number
  workThs: number
  accepted: number
  rejected: number
  stale: number
  hwErrors: number
  bestShare: number
  difficulty: number
  sharesPerMinute: number
  /** Seconds since the last accepted share; null before the first. */
  lastShareAgoS: number | null
  powerW: number
  inletC: number
  fanRpm: number[]
  fanDuty: number
  frequencyMhz: number
  boards: BoardReading[]
  pools: PoolReading[]
}

const HASHES_PER_SHARE_OF_DIFFICULTY_1 = 2 ** 32
const WRONG_POOL = { url: "stratum+tcp://pool.elsewhere.example:3333", user: "someone.else" }

/** Events that come at a mean rate: the k-th falls somewhere within the k-th unit of `expected`. Never falls. */
function countEvents(expected: number, seed: number): number {
  const whole = Math.floor(expected)
  return whole + (unit(seed, whole) <= expected - whole && expected > whole ? 1 : 0)
}

export function readMiner(miner: SimulatedMiner): Reading {
  const { profile, session } = miner
  const atS = miner.nowS()
  const seed = (miner.seed ^ Math.imul(miner.sessionNumber + 1, 0x27d4eb2f)) >>> 0
  const elapsedS = Math.floor(session.elapsedS(atS))
  const workThs = session.workThs(atS)
  const rate = session.rateThs(atS)
  const shares = sharesOf(miner, workThs, seed)
  const expectedShares = shares.expected
  const sharesPerS = (rate / Math.max(1e-9, workThs)) * expectedShares
  const whole = Math.floor(expectedShares)
  const lastShareAt = shares.accepted > whole ? whole + unit(seed, whole) : whole - 1 + unit(seed, whole - 1)
  const inletC = inletAt(miner, atS)
  const chipMaxC = inletC + session.riseC(atS) + centred(seed, Math.floor(atS / 5) + 77) * 0.8
  const fanDuty = dutyOf(miner, chipMaxC)
  const ramp = session.ramp(atS)
  const noisy = (ths: number, windowS: number, spread: number) =>
    Math.max(0, ths * (1 + centred(seed, Math.floor(atS / windowS) ^ (windowS * 7919)) * spread))
  const thsAvg = elapsedS === 0 ? 0 : workThs / session.elapsedS(atS)
  const frequencyMhz = Math.round((profile.frequencyMhz * miner.settings.frequencyPercent) / 100)
  const loadNow = rate / profile.ths
  return {
    atS,
    hashing: rate > 0,
    elapsedS,
    uptimeS: Math.max(0, Math.floor(atS - miner.bootedS)),
    ths5s: noisy(rate, 5, 0.03),
    ths1m: noisy(session.meanThs(atS, 60), 15, 0.012),
    ths5m: noisy(session.meanThs(atS, 300), 30, 0.006),
    ths15m: noisy(session.meanThs(atS, 900), 60, 0.004),
    ths30m: noisy(session.meanThs(atS, 1800), 60, 0.003),
    thsAvg,
    idealThs: (profile.ths * modeLoad(miner) * miner.settings.frequencyPercent) / 100,
    workThs,
    accepted: shares.accepted,
    rejected: shares.rejected,
    stale: shares.stale,
    hwErrors: countEvents(workThs * 1e-4 * (0.5 + unit(miner.seed, 15)), seed ^ 3),
    bestShare: Math.floor(profile.shareDifficulty * (1 + shares.accepted * (0.4 + unit(miner.seed, 16)))),
    difficulty: profile.shareDifficulty,
    sharesPerMinute: elapsedS === 0 ? 0 : (expectedShares / session.elapsedS(atS)) * 60,
    lastShareAgoS:
      shares.accepted === 0 || sharesPerS <= 0
        ? null
        : Math.min(elapsedS, Math.max(0, Math.floor((expectedShares - lastShareAt) / sharesPerS))),
    powerW: Math.round(
      profile.powerW *
        (0.03 + 0.97 * loadNow * (0.6 + 0.4 * ramp)) *
        (1 + centred(seed, Math.floor(atS / 3)) * 0.008),
    ),
    inletC,
    fanRpm: Array.from({ length: profile.fans }, (_, i) => {
      if (i === 0 && miner.hasFault("fan-failure")) return 0
      const wobble =
        1 + (unit(miner.seed, 60 + i) - 0.5) * 0.06 + centred(seed, Math.floor(atS / 4) * 8 + i) * 0.01
      return Math.round((profile.maxFanRpm * fanDuty * wobble) / 30) * 30
    }),
    fanDuty,
    frequencyMhz,
    boards: Array.from({ length: profile.boards }, (_, slot) =>
      boardReading(miner, { slot, seed, atS, rate, thsAvg, chipMaxC, inletC, frequencyMhz, workThs }),
    ),
    pools: poolReadings(miner, seed, shares),
  }
}

type Shares = { expected: number; accepted: number; rejected: number; stale: number }
function sharesOf(miner: SimulatedMiner, workThs: number, seed: number): Shares {
  const expected = (workThs * 1e12) / (HASHES_PER_SHARE_OF_DIFFICULTY_1 * miner.profile.shareDifficulty)
  return {
    expected,
    accepted: countEvents(expected, seed),
    rejected: countEvents(expected * (0.0008 + unit(miner.seed, 17) * 0.002), seed ^ 1),
    stale: countEvents(expected * 0.0004, seed ^ 2),
  }
}

function inletAt(miner: SimulatedMiner, atS: number): number {
  const day = (2 * Math.PI * atS) / 86_400
  const place = (unit(miner.seed, 18) - 0.5) * 3
  return 23 + place + 3 * Math.sin(day - 2) + centred(miner.seed, Math.floor(atS / 20)) * 0.3
}

function dutyOf(miner: SimulatedMiner, chipMaxC: number): number {
  if (miner.sleeping || miner.settings.immersion) return 0
  if (miner.settings.fanManual) return miner.settings.fanPwm / 100
  return Math.min(1, Math.max(0.2, 0.35 + (chipMaxC - 50) * 0.017))
}

function boardReading(
  miner: SimulatedMiner,
  at: {
    slot: number
    seed: number
    atS: number
    rate: number
    thsAvg: number
    chipMaxC: number
    inletC: number
    frequencyMhz: number
    workThs: number
  },
): BoardReading {
  const { slot, seed } = at
  const { profile } = miner
  const dead = miner.deadBoard()
  const alive = slot !== dead && !miner.sleeping
  const deadWeight = dead === null ? 0 : miner.boardWeight(dead)
  const share = alive ? miner.boardWeight(slot) / (1 - deadWeight) : 0
  const noise = 1 + centred(seed, Math.floor(at.atS / 5) * 4 + slot) * 0.02
  const maxC = alive ? at.chipMaxC - slot * 1.7 * unit(miner.seed, 40 + slot) : at.inletC + 1
  const spreadC = (maxC - at.inletC) * 0.32
  const four = (offsetC: number) =>
    [1, 0.35, 0.72, 0.86].map((part, i) => {
      const tempC = maxC - offsetC - spreadC * (1 - part) + (unit(miner.seed, 50 + slot * 4 + i) - 0.5)
      return Math.round(Math.max(at.inletC, tempC))
    })
  const chipC = four(0)
  // Counters follow the board's own weight and not its present share, so that they never fall.
  const ownWork = alive ? at.workThs * miner.boardWeight(slot) : 0
  const shares = sharesOf(miner, ownWork, seed ^ (slot + 5))
  return {
    slot,
    alive,
    ths: at.rate * share * noise,
    thsAvg: at.thsAvg * share,
    idealThs: (profile.ths * modeLoad(miner) * miner.settings.frequencyPercent) / 100 / profile.boards,
    chips: profile.chipsPerBoard,
    chipsOk: alive ? profile.chipsPerBoard : 0,
    frequencyMhz: alive ? at.frequencyMhz : 0,
    chipC,
    boardC: four(5),
    picC: four(15),
    chipMinC: maxC - spreadC * 0.8,
    chipAvgC: maxC - spreadC * 0.38,
    chipMaxC: maxC,
    hwErrors: countEvents(ownWork * 1e-4 * (0.5 + unit(miner.seed, 15)), seed ^ (slot + 9)),
    accepted: shares.accepted,
    rejected: shares.rejected,
    serial: `${profile.boardSerialPrefix ?? "SMTT"}${String(miner.seed % 1_000_000).padStart(6, "0")}${slot + 1}`,
  }
}

function poolReadings(miner: SimulatedMiner, seed: number, total: Shares): PoolReading[] {
  const active = miner.activePool()
  const stretches = [{ index: 0, atWorkThs: 0 }, ...(miner.poolSwitches ?? [])]
  const poolDead = miner.hasFault("pool-dead")
  const idle = miner.sleeping
  const slots = miner.settings.pools.map((pool, index) => {
    const own = { accepted: 0, rejected: 0, stale: 0 }
    for (const [i, stretch] of stretches.entries()) {
      if (stretch.index !== index) continue
      const next = stretches[i + 1]
      const to = next ? sharesOf(miner, next.atWorkThs, seed) : total
      const from = sharesOf(miner, stretch.atWorkThs, seed)
      own.accepted += to.accepted - from.accepted
      own.rejected += to.rejected - from.rejected
      own.stale += to.stale - from.stale
    }
    const wrong = index === active && miner.hasFault("wrong-pool")
    return {
      index,
      url: wrong ? WRONG_POOL.url : pool.url,
      user: wrong ? WRONG_POOL.user : pool.user,
      alive: !(poolDead && index === 0),
      active: index === active && !idle,
      ...own,
    }
  })
  return slots.filter((pool) => pool.url !== "")
}
