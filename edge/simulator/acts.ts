import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs"

/**
 * Everything that was done to the farm, in order. Fault tests judge "exactly once" by this log: an act is on
 * disk (one JSON line, O_APPEND) before it takes effect, and the sequence goes on after a kill -9. `refused` and
 * `ignored` are writes that arrived and changed nothing. No detail holds a password.
 */
export const actKinds = [
  "reboot-hard",
  "reboot-soft",
  "blink",
  "conf",
  "switch-pool",
  "upgrade",
  "login",
  "refused",
  "ignored",
  "fault",
] as const
export type ActKind = (typeof actKinds)[number]
export type Act = {
  seq: number
  at: string
  address: string
  kind: ActKind
  detail: Record<string, unknown>
}
/** A summary that was answered whole: what a sample made from it must say. */
export type SummaryRead = { seq: number; atMs: number; accepted: number; elapsed: number }

export class ActLog {
  readonly #acts: Act[] = []
  readonly #nowMs: () => number
  readonly #fd: number | null
  readonly #journalReads: boolean
  #seq = 0
  #readSeq = 0

  /** `path` is created or continued; `journalReads` appends whole summaries too, marked `"kind":"read"`. */
  constructor(nowMs: () => number, path?: string, journalReads = false) {
    this.#nowMs = nowMs
    this.#journalReads = journalReads
    if (path !== undefined && existsSync(path)) this.#continue(readFileSync(path, "utf8"))
    this.#fd = path === undefined ? null : openSync(path, "a")
  }

  record(address: string, kind: ActKind, detail: Record<string, unknown> = {}): Act {
    const act = { seq: ++this.#seq, at: new Date(this.#nowMs()).toISOString(), address, kind, detail }
    this.#append(act)
    this.#acts.push(act)
    return act
  }

  recordRead(address: string, accepted: number, elapsed: number): SummaryRead {
    const read = { seq: ++this.#readSeq, atMs: this.#nowMs(), accepted, elapsed }
    if (this.#journalReads) this.#append({ kind: "read", address, ...read })
    return read
  }

  /** Acts of this process, oldest first. */
  list(filter: { address?: string; since?: number } = {}): Act[] {
    const { address, since = 0 } = filter
    return this.#acts.filter((act) => act.seq > since && (address === undefined || act.address === address))
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
  }

  #append(entry: object): void {
    if (this.#fd !== null) writeSync(this.#fd, `${JSON.stringify(entry)}\n`)
  }

  #continue(text: string): void {
    for (const line of text.split("\n")) {
      const entry = /"seq":(\d+)/.exec(line)
      if (!entry) continue
      const seq = Number(entry[1])
      if (line.startsWith('{"kind":"read"')) this.#readSeq = Math.max(this.#readSeq, seq)
      else this.#seq = Math.max(this.#seq, seq)
    }
  }
}
