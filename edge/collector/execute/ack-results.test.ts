import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { CommandResult } from "#server/contract/edge.ts"
import { silentLog } from "#server/log.ts"
import { GatewayError } from "../client/gateway-error.ts"
import { fakeGateway, leaseOf, settingsOf } from "../testing/fakes.ts"
import { type AckSender, startAckSender } from "./ack-results.ts"
import { type Finding, type Journal, openJournal } from "./journal.ts"
import { BACKUP_RAN } from "./take-backup.ts"

let dir = ""
let journal: Journal
let gateway: ReturnType<typeof fakeGateway>
let acks: AckSender | null = null
const at = new Date("2026-05-01T12:00:00Z").toISOString()
const finding = (more: Partial<Finding> = {}): Finding => ({
  result_code: 0,
  message: "Done.",
  ran: "restart",
  started_at: at,
  finished_at: at,
  before: null,
  after: null,
  already: false,
  backup: null,
  ...more,
})
const large = (bytes: number) => ({
  config: { ...settingsOf(["x"]).config, raw: { blob: "x".repeat(bytes) } },
  sealed: null,
})
const start = () => {
  acks = startAckSender({ journal, gateway: () => gateway.api, log: silentLog, random: () => 0 })
}
const boot = () => {
  journal = openJournal(join(dir, "journal.db")).journal
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-acks-"))
  boot()
  gateway = fakeGateway()
})
afterEach(async () => {
  await acks?.finish(0)
  rmSync(dir, { recursive: true, force: true })
})

describe("results on their way", () => {
  it("B07 are sent until they are taken, across a restart", async () => {
    const leases = Array.from({ length: 250 }, () => leaseOf())
    for (const lease of leases) journal.finish(lease, finding())
    gateway.state.down = true
    start()
    await acks?.finish(50)
    expect(gateway.results).toEqual([])
    gateway.state.down = false
    boot()
    start()
    await gateway.until(() => gateway.results.length >= 250)
    await acks?.finish(1_000)
    expect(gateway.results.map((result) => result.id)).toEqual(leases.map((lease) => lease.id))
    expect(journal.countUnacked()).toBe(0)
  })
  it("with large backups go in requests that the gateway takes, and hold nobody up", async () => {
    for (let n = 0; n < 8; n += 1) journal.finish(leaseOf(), finding({ backup: large(300_000) }))
    journal.finish(leaseOf(), finding())
    const sizes: number[] = []
    const { ack } = gateway.api
    gateway.api.ack = (results) => {
      sizes.push(JSON.stringify(results).length)
      return ack(results)
    }
    start()
    await gateway.until(() => gateway.results.length === 9)
    expect(Math.max(...sizes)).toBeLessThan(1_048_576)
    expect(sizes.length).toBeGreaterThan(3)
  })
  it("that the gateway refuses as too large are told without their details; a backup lost so is a failure", async () => {
    const refuseLarge = (results: CommandResult[]) => {
      if (results.some((result) => result.backup !== null))
        throw new GatewayError("PAYLOAD_TOO_LARGE", "too large")
    }
    const { ack } = gateway.api
    gateway.api.ack = async (results) => {
      refuseLarge(results)
      return ack(results)
    }
    const [backup, change, plain] = [leaseOf(), leaseOf(), leaseOf()]
    journal.finish(backup, finding({ ran: BACKUP_RAN, backup: large(10) }))
    journal.finish(change, finding({ after: { a: 1 }, backup: large(10) }))
    journal.finish(plain, finding())
    start()
    await gateway.until(() => gateway.results.length === 3)
    const told = new Map(gateway.results.map((result) => [result.id, result]))
    expect(told.get(backup.id)).toMatchObject({ result_code: 1, backup: null })
    expect(told.get(change.id)).toMatchObject({
      result_code: 0,
      message: "Done. The server did not take the backup that was read before.",
      after: null,
    })
    expect(told.get(plain.id)).toMatchObject({ result_code: 0, message: "Done." })
  })
  it("that can never be taken are given up, and the others go", async () => {
    const [bad, good] = [leaseOf(), leaseOf()]
    const { ack } = gateway.api
    gateway.api.ack = async (results) => {
      if (results.some((result) => result.id === bad.id)) throw new GatewayError("INVALID", "no")
      return ack(results)
    }
    journal.finish(bad, finding())
    journal.finish(good, finding())
    start()
    await gateway.until(() => gateway.results.length === 1)
    await acks?.finish(1_000)
    expect(gateway.results[0]?.id).toBe(good.id)
    expect(journal.countUnacked()).toBe(0)
  })
})
