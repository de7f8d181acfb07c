import { type FaultKind, faultKinds } from "./faults.ts"
import type { SimulatedMiner } from "./miner.ts"

/**
 * What can become of a write. `silent` and `drop-before` apply nothing; `lost`, `slow`, `drop-after` and `hold` apply
 * it and never answer, answer later, cut the connection, or answer when told. They meet writes only.
 */
export type ActFault = Extract<FaultKind, `act-${string}`>
export const actFaults = faultKinds.filter((kind): kind is ActFault => kind.startsWith("act-"))

/** One machine's: for how many acts each is still meant (for all, when not told), and the acts that are held. */
export class ActFaults {
  readonly #left = new Map<ActFault, number>()
  #held: (() => void)[] = []

  get held(): number {
    return this.#held.length
  }

  set(kind: FaultKind, times: number | undefined): void {
    const act = actFaults.find((each) => each === kind)
    if (act === undefined) return
    if (times === undefined) this.#left.delete(act)
    else this.#left.set(act, times)
  }

  /** The fault that an act meets, out of those that the machine has; `spent` when it was meant for no more. */
  next(has: (kind: ActFault) => boolean): { kind: ActFault; spent: boolean } | null {
    const kind = actFaults.find(has)
    if (kind === undefined) return null
    const left = (this.#left.get(kind) ?? Number.POSITIVE_INFINITY) - 1
    if (left > 0 && Number.isFinite(left)) this.#left.set(kind, left)
    if (left <= 0) this.#left.delete(kind)
    return { kind, spent: left <= 0 }
  }

  hold(goOn: () => void): void {
    this.#held.push(goOn)
  }

  /** Lets every held act go on; how many there were. */
  release(): number {
    const held = this.#held.splice(0)
    for (const goOn of held) goOn()
    return held.length
  }

  clear(): void {
    this.#left.clear()
    this.release()
  }
}

/** What a door can do with a request that would change something. */
export type ActDoor = {
  /** Says no in the machine's words. */
  refuse: () => void | Promise<void>
  /** Cuts the connection. */
  drop: () => void
  /** Begins the act: it is logged now. `send` answers, and what was asked for happens after that; `after`: without. */
  run: () => { send: () => void | Promise<void>; after: () => void }
}

/** Lets a write through, or lets it meet the fault that the machine has for its next act. */
export async function throughActFaults(miner: SimulatedMiner, command: string, door: ActDoor): Promise<void> {
  const fault = miner.nextActFault()
  if (fault === "act-silent" || fault === "act-drop-before") {
    miner.act("ignored", { command })
    if (fault === "act-drop-before") door.drop()
    return
  }
  if (fault === "act-refuse") {
    miner.act("refused", { command, reason: "fault" })
    return door.refuse()
  }
  const { send, after } = door.run()
  const goOn = () => void send()
  if (fault === "act-lost") after()
  else if (fault === "act-drop-after") {
    door.drop()
    after()
  } else if (fault === "act-slow") miner.clock.after(miner.actDelayMs, goOn)
  else if (fault === "act-hold") miner.hold(goOn)
  else await send()
}
