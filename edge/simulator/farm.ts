import { createServer, type Server, type Socket } from "node:net"
import { TLSSocket } from "node:tls"
import type { Log } from "#server/log.ts"
import { silentLog } from "#server/log.ts"
import { type Act, ActLog } from "./acts.ts"
import { type Clock, ManualClock, systemClock } from "./clock.ts"
import type { Door } from "./door.ts"
import { doorsOf } from "./families.ts"
import type { FarmSpec } from "./farm-spec.ts"
import type { FaultKind } from "./faults.ts"
import { SimulatedMiner } from "./miner.ts"
import { serveRpc } from "./rpc-server.ts"
import { selfSigned } from "./self-signed.ts"
import { createWebServer, type WebServer } from "./web-server.ts"

export type FarmOptions = {
  clock?: Clock
  /** Divides boot, reload, warm-up and heating times. */
  speed?: number
  /** 0 gives each machine a port of its own. */
  rpcPort?: number
  /** Left out: 80, or 8080 for the whole farm where 80 is not permitted. */
  webPort?: number
  /** Acts are appended here before they take effect. */
  journal?: string
  /** Whole summaries are appended to the journal too. */
  journalReads?: boolean
  log?: Log
}
/** Added to the numbers of low ports where the farm may not have these. */
const UNPRIVILEGED_SHIFT = 8_000

type Listener = {
  door: Door
  server: Server
  host: string
  port: number
  sockets: Set<Socket> | null
  wanted: boolean
  moving: Promise<void> | null
}

/** A farm of miners that answer on loopback sockets. */
export class Farm {
  readonly miners: SimulatedMiner[]
  readonly clock: Clock
  /** The farm's common web port; null where each machine has its own. */
  webPort: number | null = null
  /** False where the system has only 127.0.0.1: addresses are then names, and ports tell machines apart. */
  ownAddresses = true
  readonly #byAddress: Map<string, SimulatedMiner>
  readonly #acts: ActLog
  readonly #listeners = new Map<SimulatedMiner, Listener[]>()
  readonly #webServer: WebServer = createWebServer()
  readonly #pending = new Set<Promise<void>>()
  readonly #log: Log
  #closed = false
  /** Each machine has ports of its own, whatever its doors' numbers. */
  #randomPorts = false

  constructor(spec: FarmSpec, options: FarmOptions) {
    this.clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
    this.#acts = new ActLog(() => this.clock.nowMs(), options.journal, options.journalReads)
    const context = {
      clock: this.clock,
      speed: options.speed ?? 1,
      acts: this.#acts,
      gate: (miner: SimulatedMiner) => this.#gate(miner),
    }
    this.miners = spec.miners.map((miner) => new SimulatedMiner(miner, spec, context))
    this.#byAddress = new Map(this.miners.map((miner) => [miner.address, miner]))
  }

  /** Throws when the farm has no such machine. */
  miner(address: string): SimulatedMiner {
    const miner = this.#byAddress.get(address)
    if (!miner) throw new Error(`No miner at ${address}`)
    return miner
  }

  /** Host and port of the machine's API: what a collector's target says. */
  target(address: string): {
    host: string
    rpcPort: number
    webPort: number | null
    ports: Record<number, number>
  } {
    const miner = this.miner(address)
    const { rpcPort, webPort, ports } = miner
    return { host: this.#host(miner), rpcPort, webPort, ports }
  }

  /** `times`: for so many acts, of the faults that meet acts. */
  fault(address: string, kind: FaultKind | "clear", times?: number): void {
    const miner = this.miner(address)
    this.#acts.record(address, "fault", { fault: kind, ...(times === undefined ? {} : { times }) })
    this.#log.info({ event: "fault", address, fault: kind })
    if (kind === "clear") miner.clearFaults()
    else miner.setFault(kind, times)
  }

  /** Lets the acts go on that `act-hold` holds at a machine; how many there were. */
  release(address: string): number {
    return this.miner(address).release()
  }

  /** Oldest first; faults set through this object stand among them. */
  acts(address?: string, since = 0): Act[] {
    return this.#acts.list(address === undefined ? { since } : { address, since })
  }

  /** With a `ManualClock` only: lets time pass, and waits for the sockets that open or close because of it. */
  async advance(ms: number): Promise<void> {
    if (!(this.clock instanceof ManualClock)) throw new Error("This farm runs on the system's clock")
    this.clock.advance(ms)
    await this.settled()
  }

  /** Resolves when every listener is as its machine's state wants it. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  async open(ports: { rpcPort: number; webPort: number | undefined }): Promise<void> {
    const first = this.miners[0]!
    const trial = await tryListen(first.address, ports.rpcPort)
    this.ownAddresses = trial !== "EADDRNOTAVAIL"
    if (trial !== null && this.ownAddresses)
      throw new Error(`Cannot listen on ${first.address}:${ports.rpcPort} (${trial})`)
    const webPort = this.ownAddresses ? await chooseWebPort(first.address, ports.webPort) : 0
    this.webPort = webPort === 0 ? null : webPort
    const rpcPort = this.ownAddresses ? ports.rpcPort : 0
    this.#randomPorts = rpcPort === 0
    for (const miner of this.miners) this.#listeners.set(miner, this.#listenersOf(miner, rpcPort, webPort))
    // Every machine listens once, so that its port is known even if it is offline at first.
    await Promise.all(this.miners.map((miner) => this.#openFirst(miner)))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.settled()
    const all = [...this.#listeners.values()].flat()
    await Promise.all(all.map((listener) => shut(listener)))
    this.#webServer.close()
    this.#acts.close()
  }

  #host(miner: SimulatedMiner): string {
    return this.ownAddresses ? miner.address : "127.0.0.1"
  }

  /** The common ports are the farm's to choose; a door that the web took the number of on this farm stays shut. */
  #listenersOf(miner: SimulatedMiner, rpcPort: number, webPort: number): Listener[] {
    const taken = new Set<number>()
    const listeners: Listener[] = []
    for (const door of doorsOf(miner.profile)) {
      // Where 80 was not permitted, other low ports are not either.
      const above = webPort === 80 || door.port >= 1024 ? 0 : UNPRIVILEGED_SHIFT
      const own = this.ownAddresses ? door.port + above : 0
      const port = rpcPort === 0 ? 0 : door.port === 4028 ? rpcPort : door.port === 80 ? webPort : own
      if (port !== 0 && taken.has(port)) continue
      taken.add(port)
      listeners.push(
        this.#listener(door, this.#host(miner), port, (socket) => this.#serve(socket, miner, door)),
      )
    }
    return listeners
  }

  #serve(socket: Socket, miner: SimulatedMiner, door: Door): void {
    if (door.kind === "rpc") serveRpc(socket, miner, door)
    else if (door.kind === "web")
      this.#webServer.accept(door.tls === true ? overTls(socket) : socket, miner, door)
    else door.serve(socket, miner)
  }

  #listener(door: Door, host: string, port: number, serve: (socket: Socket) => void): Listener {
    const server = createServer({ allowHalfOpen: true })
    const listener: Listener = { door, server, host, port, sockets: null, wanted: false, moving: null }
    server.on("connection", (socket) => {
      listener.sockets ??= new Set()
      listener.sockets.add(socket)
      socket.once("close", () => {
        listener.sockets?.delete(socket)
        if (listener.sockets?.size === 0) listener.sockets = null
      })
      serve(socket)
    })
    return listener
  }

  async #openFirst(miner: SimulatedMiner): Promise<void> {
    const listeners = this.#listeners.get(miner)!
    const offline = miner.hasFault("offline")
    for (const listener of listeners) {
      listener.wanted = !offline
      if (!offline || listener.port === 0) await listen(listener)
      if (offline) await shut(listener)
      miner.ports[listener.door.port] = listener.port
    }
    const web = listeners.find(({ door }) => door.kind === "web")
    const commands =
      listeners.find(({ door }) => door.port === 4028) ?? listeners.find(({ door }) => door.kind !== "web")
    miner.webPort = miner.ports[80] ?? web?.port ?? null
    miner.rpcPort = commands?.port ?? (this.#randomPorts ? miner.webPort! : 4028)
  }

  #gate(miner: SimulatedMiner): void {
    if (this.#closed) return
    const nowS = this.clock.nowMs() / 1000
    for (const listener of this.#listeners.get(miner) ?? []) {
      const { door } = listener
      const down = door.kind === "rpc" || door.closesWithMining === true
      this.#want(listener, down ? miner.rpcOpen(nowS) : miner.webOpen(nowS))
    }
    const next = [miner.downUntilS, miner.rpcRefusedUntilS].filter(
      (atS) => atS > nowS && Number.isFinite(atS),
    )
    if (next.length > 0) this.clock.after((Math.min(...next) - nowS) * 1000 + 1, () => this.#gate(miner))
  }

  #want(listener: Listener | undefined, open: boolean): void {
    if (!listener || listener.wanted === open) return
    listener.wanted = open
    // One move after the other: a listener told to close while it still opens would stay open.
    const turn = (listener.moving ?? Promise.resolve()).then(() => (open ? listen(listener) : shut(listener)))
    const move = turn.catch((error: Error) => {
      // The port of a machine that was away can be taken for a moment: try again.
      this.#log.warn({ event: "listen-failed", host: listener.host, port: listener.port, err: error })
      listener.wanted = !open
      this.clock.after(200, () => this.#want(listener, open))
    })
    listener.moving = move
    this.#pending.add(move)
    void move.then(() => {
      this.#pending.delete(move)
      if (listener.moving === move) listener.moving = null
    })
  }
}

/** Opens all sockets. Throws with the address and the reason when one cannot be had. */
export async function startFarm(spec: FarmSpec, options: FarmOptions = {}): Promise<Farm> {
  const farm = new Farm(spec, options)
  try {
    await farm.open({ rpcPort: options.rpcPort ?? 4028, webPort: options.webPort })
  } catch (error) {
    await farm.close()
    throw error
  }
  return farm
}

function overTls(socket: Socket): Socket {
  socket.on("error", () => socket.destroy())
  return new TLSSocket(socket, { isServer: true, ...selfSigned() })
}

async function chooseWebPort(host: string, wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) return wanted
  const trial = await tryListen(host, 80)
  if (trial === null) return 80
  if (trial === "EACCES" || trial === "EPERM") return 8080
  throw new Error(`Cannot listen on ${host}:80 (${trial})`)
}

/** The system's error code, or null when the port can be had. */
function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port }, () => server.close(() => resolve(null)))
  })
}

function listen(listener: Listener): Promise<void> {
  const { server, host } = listener
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(new Error(`Cannot listen on ${host}:${listener.port} (${error.code})`))
    server.once("error", failed)
    server.listen({ host, port: listener.port }, () => {
      server.off("error", failed)
      const address = server.address()
      if (address !== null && typeof address === "object") listener.port = address.port
      resolve()
    })
  })
}

/** From here on connections are refused; open ones are cut. */
function shut(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    for (const socket of listener.sockets ?? []) socket.destroy()
    if (!listener.server.listening) return resolve()
    listener.server.close(() => resolve())
  })
}
