import { type ActFault, ActFaults } from "./act-faults.ts"
import type { ActKind, ActLog, SummaryRead } from "./acts.ts"
import type { Clock } from "./clock.ts"
import type { FarmSpec, MinerSpec } from "./farm-spec.ts"
import type { FaultKind } from "./faults.ts"
import { loadOf, targetRiseC } from "./load.ts"
import { firstSettings, type MinerSettings } from "./miner-settings.ts"
import { MiningSession } from "./physics.ts"
import type { Profile } from "./profile.ts"
import { profiles } from "./profiles.ts"
import { hash32, seedOf, unit } from "./random.ts"

export type MinerContext = {
  clock: Clock
  /** Divides boot, reload, warm-up and heating times. */
  speed: number
  acts: ActLog
  /** Opens or closes the machine's listeners to match its state. */
  gate(miner: SimulatedMiner): void
}

type PoolSwitch = { index: number; atWorkThs: number }

const KEPT_SUMMARIES = 32
const ACT_DELAY_MS = 3_000

/** One machine: what it is, what was done to it, and how far it is with booting. Sockets stand elsewhere. */
export class SimulatedMiner {
  readonly spec: MinerSpec
  readonly profile: Profile
  readonly seed: number
  /** What a target says: the port of its commands, and the web's where it has one. */
  rpcPort = 0
  webPort: number | null = null
  /** Where each door really is, by the number that it has on a real machine. */
  ports: Record<number, number> = {}
  blinking = false
  privileged: boolean
  /** Told to answer joined commands or not; null: as its family does. */
  joins: boolean | null
  /** Of its web interface or API; null: the family's first one. */
  password: string | null
  /** What a reboot forgets: sessions, tokens. A family keys it by its own name. */
  memory = new Map<string, unknown>()
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
  /** Of the image that an upgrade brought; null: the profile's. */
  firmwareVersion: string | null
  /** How long `act-slow` waits. */
  actDelayMs: number
  readonly #context: MinerContext
  #faults: Set<FaultKind> | null = null
  #actFaults: ActFaults | null = null
  /** Restarted under `no-hash`. */
  stuck = false

  constructor(spec: MinerSpec, farm: Pick<FarmSpec, "seed">, context: MinerContext) {
    this.spec = spec
    this.profile = profiles[spec.profile]
    this.seed = hash32(spec.seed ?? seedOf(spec.address), farm.seed)
    this.#context = context
    this.privileged = spec.privileged ?? false
    this.joins = spec.joins ?? null
    this.password = spec.password ?? null
    this.settings = firstSettings(spec)
    this.firmwareVersion = spec.firmware ?? null
    this.actDelayMs = spec.actDelayMs ?? ACT_DELAY_MS
    const faults = spec.faults?.filter((kind) => kind !== "asleep") ?? []
    if (faults.length > 0) {
      this.#faults = new Set(faults)
      this.#actFaults = new ActFaults()
    }
    const nowS = context.clock.nowMs() / 1000
    const uptimeS = spec.uptimeS ?? Math.floor(7_200 + unit(this.seed, 11) * 1_700_000)
    this.bootedS = nowS - uptimeS - Math.floor(60 + unit(this.seed, 12) * 400)
    this.session = this.#newSession(nowS - uptimeS, targetRiseC(this))
  }

  get address(): string {
    return this.spec.address
  }

  /** The password that a login needs now, where `first` is the family's own. */
  passwordOr(first: string): string {
    return this.hasFault("other-password") ? `not-${this.seed}` : (this.password ?? first)
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

  get held(): number {
    return this.#actFaults?.held ?? 0
  }

  state(
    nowS = this.nowS(),
  ): "offline" | "booting" | "reloading" | "sleeping" | "not-hashing" | "warming" | "mining" {
    if (this.hasFault("offline")) return "offline"
    if (nowS < this.downUntilS) return "booting"
    if (nowS < this.reloadUntilS) return "reloading"
    if (this.sleeping) return "sleeping"
    if (this.stuck) return "not-hashing"
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
    if (last !== 0 || !this.hasFault("pool-dead")) return last
    return Math.max(
      0,
      this.settings.pools.findIndex((pool, index) => index > 0 && pool.url !== ""),
    )
  }

  /** The fault that the act which just arrived meets. */
  nextActFault(): ActFault | null {
    const met = this.#actFaults?.next((kind) => this.hasFault(kind)) ?? null
    if (met?.spent) this.#faults?.delete(met.kind)
    return met?.kind ?? null
  }

  /** The act goes on when it is released. */
  hold(goOn: () => void): void {
    this.#actFaults?.hold(goOn)
  }

  release(): number {
    return this.#actFaults?.release() ?? 0
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
    this.downUntilS = this.hasFault("dead-after-reboot") ? Number.POSITIVE_INFINITY : nowS + bootS
    this.reloadUntilS = this.downUntilS
    this.rpcRefusedUntilS = this.downUntilS
    this.bootedS = this.downUntilS
    this.blinking = false
    this.memory.clear()
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

  /** The new image is there after the reboot that it asks for. */
  install(version: string): void {
    this.firmwareVersion = version
    this.rebootHard()
  }

  /** Settings that a running process takes over: its doors stay open, and only waking up warms up anew. */
  adjust(settings: MinerSettings): void {
    const wakes = this.sleeping && settings.mode !== 1
    const before = this.activePool()
    this.settings = settings
    if (wakes) this.#startSession(this.nowS())
    this.#afterFault(before)
  }

  applySettings(settings: MinerSettings): void {
    this.settings = settings
    this.restartMining()
  }

  switchPool(index: number): void {
    const atWorkThs = this.session.workThs(this.nowS())
    this.poolSwitches = [...(this.poolSwitches ?? []), { index, atWorkThs }]
  }

  /** `times`: for so many acts; only of the faults of acts. */
  setFault(kind: FaultKind, times?: number): void {
    this.#actFaults ??= new ActFaults()
    this.#actFaults.set(kind, times)
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
    this.stuck = false
    this.#actFaults?.clear()
    if (this.downUntilS === Number.POSITIVE_INFINITY) this.rebootHard()
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
    this.session.change(this.nowS(), loadOf(this), targetRiseC(this))
    this.#context.gate(this)
  }

  #startSession(startedS: number): void {
    this.stuck = this.hasFault("no-hash")
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
      load: loadOf(this),
      riseC,
      targetRiseC: targetRiseC(this),
    })
  }

  #tauS(): number {
    return 80 / this.#context.speed
  }
}
