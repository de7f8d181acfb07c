import type { ActKind, ActLog, SummaryRead } from "./acts.ts"
import type { Clock } from "./clock.ts"
import type { FarmSpec, MinerSpec } from "./farm-spec.ts"
import type { FaultKind } from "./faults.ts"
import { MiningSession } from "./physics.ts"
import { type Profile, profiles } from "./profiles.ts"
import { hash32, seedOf, unit } from "./random.ts"

export type MinerContext = {
  clock: Clock
  /** Divides boot, reload, warm-up and heating times. */
  speed: number
  acts: ActLog
  /** Opens or closes the machine's listeners to match its state. */
  gate(miner: SimulatedMiner): void
}

export type PoolSetting = { url: string; user: string; pass: string }
export type MinerSettings = {
  pools: PoolSetting[]
  /** Antminer's: 0 normal, 1 sleep, 3 low power. */
  mode: number
  fanManual: boolean
  fanPwm: number
  frequencyPercent: number
}
type PoolSwitch = { index: number; atWorkThs: number }

const KEPT_SUMMARIES = 32
const DEFAULT_POOLS = [
  "stratum+tcp://btc.meridianpool.example:3333",
  "stratum+tcp://eu.meridianpool.example:3333",
]
const DROPPED_LOAD = 0.55
const HOT_EXTRA_C = 31

/** One machine: what it is, what was done to it, and how far it is with booting. Sockets stand elsewhere. */
export class SimulatedMiner {
  readonly spec: MinerSpec
  readonly profile: Profile
  readonly seed: number
  rpcPort = 0
  webPort: number | null = null
  blinking = false
  privileged: boolean
  joins: boolean
  settings: MinerSettings
  session: MiningSession
  sessionNumber = 0
  poolSwitches: PoolSwitch[] | null = null
  bootedS: number
  /** Nothing answers before. */
  downUntilS = 0
  /** The mining process is not back before: empty reads. */
  reloadUntilS = 0
  /** 4028 is refused before. */
  rpcRefusedUntilS = 0
  reads = 0
  readsByCommand: Record<string, number> | null = null
  lastReadAtMs: number | null = null
  summaries: SummaryRead[] | null = null
  readonly #context: MinerContext
  #faults: Set<FaultKind> | null = null

  constructor(spec: MinerSpec, farm: Pick<FarmSpec, "seed">, context: MinerContext) {
    this.spec = spec
    this.profile = profiles[spec.profile]
    this.seed = hash32(spec.seed ?? seedOf(spec.address), farm.seed)
    this.#context = context
    this.privileged = spec.privileged ?? false
    this.joins = spec.joins ?? !(this.profile.family === "antminer" && this.profile.generation !== "legacy")
    const worker = spec.worker ?? `flatfarm.${spec.address.split(".").slice(1).join("x")}`
    const urls = spec.pools ?? DEFAULT_POOLS
    this.settings = {
      pools: urls.map((url) => ({ url, user: worker, pass: "x" })),
      mode: 0,
      fanManual: false,
      fanPwm: 100,
      frequencyPercent: 100,
    }
    if (spec.faults?.includes("asleep")) this.settings.mode = 1
    const faults = spec.faults?.filter((kind) => kind !== "asleep") ?? []
    if (faults.length > 0) this.#faults = new Set(faults)
    const nowS = context.clock.nowMs() / 1000
    const uptimeS = spec.uptimeS ?? Math.floor(7_200 + unit(this.seed, 11) * 1_700_000)
    this.bootedS = nowS - uptimeS - Math.floor(60 + unit(this.seed, 12) * 400)
    this.session = this.#newSession(nowS - uptimeS, this.#targetRiseC())
  }

  get address(): string {
    return this.spec.address
  }

  nowS(): number {
    return this.#context.clock.nowMs() / 1000
  }

  get clock(): Clock {
    return this.#context.clock
  }

  hasFault(kind: FaultKind): boolean {
    return kind === "asleep" ? this.sleeping : (this.#faults?.has(kind) ?? false)
  }

  get faults(): FaultKind[] {
    return [...(this.#faults ?? []), ...(this.sleeping ? (["asleep"] as const) : [])]
  }

  get sleeping(): boolean {
    return this.settings.mode === 1
  }

  state(nowS = this.nowS()): "offline" | "booting" | "reloading" | "sleeping" | "warming" | "mining" {
    if (this.hasFault("offline")) return "offline"
    if (nowS < this.downUntilS) return "booting"
    if (nowS < this.reloadUntilS) return "reloading"
    if (this.sleeping) return "sleeping"
    return this.session.ramp(nowS) < 1 ? "warming" : "mining"
  }

  rpcOpen(nowS = this.nowS()): boolean {
    return !this.hasFault("offline") && nowS >= this.downUntilS && nowS >= this.rpcRefusedUntilS
  }

  webOpen(nowS = this.nowS()): boolean {
    return !this.hasFault("offline") && nowS >= this.downUntilS
  }

  deadBoard(): number | null {
    return this.hasFault("dead-board") ? hash32(this.seed, 21) % this.profile.boards : null
  }

  /** The share of the machine's work a board does; the shares of all boards make 1. */
  boardWeight(slot: number): number {
    const raw = (i: number) => 1 + (unit(this.seed, 30 + i) - 0.5) * 0.05
    let sum = 0
    for (let i = 0; i < this.profile.boards; i++) sum += raw(i)
    return raw(slot) / sum
  }

  activePool(): number {
    const last = this.poolSwitches?.at(-1)?.index ?? 0
    return last === 0 && this.hasFault("pool-dead") && this.settings.pools.length > 1 ? 1 : last
  }

  act(kind: ActKind, detail: Record<string, unknown> = {}): void {
    this.#context.acts.record(this.address, kind, detail)
  }

  countRead(command: string): void {
    this.reads++
    this.readsByCommand ??= {}
    this.readsByCommand[command] = (this.readsByCommand[command] ?? 0) + 1
    this.lastReadAtMs = this.clock.nowMs()
  }

  countSummary(accepted: number, elapsed: number): void {
    const read = this.#context.acts.recordRead(this.address, accepted, elapsed)
    this.summaries ??= []
    if (this.summaries.length >= KEPT_SUMMARIES) this.summaries.shift()
    this.summaries.push(read)
  }

  /** Takes effect at once; the caller has recorded the act. */
  rebootHard(): void {
    const nowS = this.nowS()
    const bootS = (this.spec.bootHardS ?? this.profile.bootHardS) / this.#context.speed
    this.downUntilS = nowS + bootS
    this.reloadUntilS = this.downUntilS
    this.rpcRefusedUntilS = this.downUntilS
    this.bootedS = this.downUntilS
    this.blinking = false
    this.#startSession(this.downUntilS)
    this.#context.gate(this)
  }

  /** The mining process starts anew: 4028 is refused for the first part, then reads are empty. */
  restartMining(): void {
    const nowS = this.nowS()
    if (nowS < this.downUntilS) return
    const reloadS = (this.spec.restartSoftS ?? this.profile.restartSoftS) / this.#context.speed
    this.reloadUntilS = nowS + reloadS
    this.rpcRefusedUntilS = nowS + reloadS * 0.4
    this.#startSession(this.reloadUntilS)
    this.#context.gate(this)
  }

  applySettings(settings: MinerSettings): void {
    this.settings = settings
    this.restartMining()
  }

  switchPool(index: number): void {
    const atWorkThs = this.session.workThs(this.nowS())
    this.poolSwitches = [...(this.poolSwitches ?? []), { index, atWorkThs }]
  }

  setFault(kind: FaultKind): void {
    if (this.hasFault(kind)) return
    const before = this.activePool()
    if (kind === "asleep") this.#setMode(1)
    else {
      this.#faults ??= new Set()
      this.#faults.add(kind)
    }
    this.#afterFault(before)
  }

  clearFaults(): void {
    const before = this.activePool()
    this.#faults = null
    if (this.sleeping) this.#setMode(0)
    this.#afterFault(before)
  }

  #setMode(mode: number): void {
    this.settings = { ...this.settings, mode }
    this.reloadUntilS = Math.max(this.reloadUntilS, this.nowS())
    this.#startSession(this.reloadUntilS)
  }

  #afterFault(poolBefore: number): void {
    const poolNow = this.activePool()
    if (poolNow !== poolBefore) this.switchPool(poolNow)
    this.session.change(this.nowS(), this.#load(), this.#targetRiseC())
    this.#context.gate(this)
  }

  #startSession(startedS: number): void {
    const nowS = this.nowS()
    const tauS = this.#tauS()
    const riseC = this.session.riseC(nowS) * Math.exp(-(startedS - nowS) / tauS)
    this.sessionNumber++
    this.poolSwitches = null
    this.session = this.#newSession(startedS, riseC)
  }

  #newSession(startedS: number, riseC: number): MiningSession {
    return new MiningSession({
      startedS,
      nominalThs: this.profile.ths * (1 + (unit(this.seed, 13) - 0.4) * 0.02),
      warmUpS: this.profile.warmUpS / this.#context.speed,
      tauS: this.#tauS(),
      load: this.#load(),
      riseC,
      targetRiseC: this.#targetRiseC(),
    })
  }

  #tauS(): number {
    return 80 / this.#context.speed
  }

  #load(): number {
    if (this.sleeping) return 0
    const dead = this.deadBoard()
    let load = this.settings.frequencyPercent / 100
    if (this.settings.mode === 3) load *= 0.78
    if (this.hasFault("hashrate-drop")) load *= DROPPED_LOAD
    if (dead !== null) load *= 1 - this.boardWeight(dead)
    return load
  }

  #targetRiseC(): number {
    if (this.sleeping) return 2
    const load = this.#load()
    const boardLoad =
      this.deadBoard() === null ? load : load * (this.profile.boards / (this.profile.boards - 1))
    const draught = this.settings.fanManual ? 1 + (60 - this.settings.fanPwm) / 100 : 1
    const hot = this.hasFault("hot") ? HOT_EXTRA_C : 0
    return this.profile.riseC * boardLoad ** 0.9 * draught * (1 + (unit(this.seed, 14) - 0.5) * 0.08) + hot
  }
}
