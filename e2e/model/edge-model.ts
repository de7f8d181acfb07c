import { randomUUID } from "node:crypto"
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { decideLease } from "#edge/collector/execute/decide.ts"
import { type Journal, openJournal } from "#edge/collector/execute/journal.ts"
import { IDEMPOTENT, RESULT_CODES, type ResultCode } from "#server/contract/commands.ts"
import type { CommandResult, LeasedCommand } from "#server/contract/edge.ts"

/**
 * A collector without sockets: the real journal on disk and the real decisions about leases, and machines that only
 * count what was done to them. Its crashes are exact: before the journal, in the act, before the ack.
 */
export class EdgeModel {
  readonly instanceId = randomUUID()
  /** How often each command acted on each machine: what may never exceed one for what may not be repeated. */
  readonly acts = new Map<string, number>()
  readonly sentTokens: CommandResult[] = []
  readonly #dir = mkdtempSync(join(tmpdir(), "lamproom-model-"))
  #journal: Journal
  #imageSeq: number | null = null
  #toldSeq = 0

  constructor() {
    this.#journal = this.#open()
  }

  #open(): Journal {
    return openJournal(this.#file).journal
  }

  get #file(): string {
    return join(this.#dir, "journal.db")
  }

  get position(): { epoch: string; seq: number } {
    return this.#journal.position()
  }

  /** The gateway has heard a poll; `answered`: and its answer came back. */
  polled(answered: boolean): void {
    this.#toldSeq = this.position.seq
    if (answered) this.#journal.told()
  }

  /** Takes a lease. `crash` says how far it gets. */
  receive(
    lease: LeasedCommand,
    now: Date,
    code: ResultCode,
    crash: "none" | "before-journal" | "in-act",
  ): void {
    const decision = decideLease(lease, this.#journal.find(lease.id), {
      runningHere: false,
      nowMs: now.getTime(),
    })
    if (decision.do === "ignore") return
    if (decision.do === "answer" || decision.do === "follow") {
      this.#journal.adoptLease(lease)
      return
    }
    if (decision.do === "refuse") {
      this.#finish(lease, decision.code, now)
      return
    }
    if (crash === "before-journal") return
    this.#journal.start(lease, now.getTime(), null)
    const key = `${lease.command_id} ${lease.miner_id}`
    this.acts.set(key, (this.acts.get(key) ?? 0) + 1)
    if (crash === "none") this.#finish(lease, code, now)
  }

  #finish(lease: LeasedCommand, code: ResultCode, now: Date): void {
    const at = now.toISOString()
    this.#journal.finish(lease, {
      result_code: code,
      message: "model",
      ran: code === RESULT_CODES.OK ? "model" : null,
      started_at: at,
      finished_at: at,
      before: null,
      after: null,
      already: false,
      backup: null,
    })
  }

  /** What a start does with what a crash left begun. */
  restart(now: Date): void {
    this.#journal.close()
    this.#journal = this.#open()
    for (const entry of this.#journal.unfinished())
      if (IDEMPOTENT[entry.type]) this.#journal.forget(entry.id)
      else this.#finish(entry.lease, RESULT_CODES.UNKNOWN, now)
  }

  unacked(): CommandResult[] {
    const results = this.#journal.unacked(100)
    this.sentTokens.push(...results)
    return results
  }

  acked(results: CommandResult[]): void {
    this.#journal.acked(results)
  }

  /** Keeps a copy of the disk, and puts it back later: a virtual machine restored from its image. */
  takeImage(): void {
    this.#journal.close()
    copyFileSync(this.#file, `${this.#file}.image`)
    this.#journal = this.#open()
    this.#imageSeq = this.#journal.position().seq
  }

  /**
   * Does nothing when the gateway was never told of anything newer: a lease that was taken after the last poll and
   * forgotten with the disk looks the same as an answer that got lost.
   */
  restoreImage(): void {
    if (this.#imageSeq === null || this.#imageSeq >= this.#toldSeq) return
    this.#journal.close()
    for (const suffix of ["-wal", "-shm"]) if (existsSync(this.#file + suffix)) rmSync(this.#file + suffix)
    copyFileSync(`${this.#file}.image`, this.#file)
    this.#journal = this.#open()
  }

  close(): void {
    this.#journal.close()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
