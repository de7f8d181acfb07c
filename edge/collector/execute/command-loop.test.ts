import { randomUUID } from "node:crypto"
import { afterEach, beforeEach, expect, it } from "vitest"
import type { LeasedCommand, PollInput } from "#server/contract/edge.ts"
import { silentLog } from "#server/log.ts"
import { fakeGateway, leaseOf } from "../testing/fakes.ts"
import { type CommandLoop, startCommandLoop } from "./command-loop.ts"
import type { Executor } from "./executor.ts"

let gateway: ReturnType<typeof fakeGateway>
let loop: CommandLoop
let accepted: LeasedCommand[]
let pauses: boolean[]
let polls: PollInput[]
let free: number

beforeEach(() => {
  gateway = fakeGateway()
  accepted = []
  pauses = []
  polls = []
  free = 900
  const { pollCommands } = gateway.api
  gateway.api.pollCommands = (input, signal) => {
    polls.push(input)
    return pollCommands(input, signal)
  }
})
afterEach(() => loop.stop())

const start = () => {
  const executor: Executor = {
    accept: (lease) => {
      accepted.push(lease)
      gateway.state.onChange()
    },
    free: () => free,
    freed: async () => {},
    setPaused: (_, paused) => {
      pauses.push(paused)
      gateway.state.onChange()
    },
    setCap: () => {},
    reserve: async () => null,
    recover: () => {},
    stop: async () => {},
  }
  loop = startCommandLoop({
    instanceId: randomUUID(),
    gateway: () => gateway.api,
    executor,
    journal: { position: () => ({ epoch: randomUUID(), seq: 3 }), told: () => {} } as never,
    log: silentLog,
    random: () => 0,
  })
}

it("B03 B06 hands over what it leased, the most urgent first, and asks for no more than a request may", async () => {
  const [low, high] = [leaseOf({ priority: 1 }), leaseOf({ priority: 9 })]
  gateway.lease(low)
  gateway.lease(high)
  start()
  await gateway.until(() => accepted.length === 2)
  expect(accepted.map((lease) => lease.id)).toEqual([high.id, low.id])
  expect(polls[0]).toMatchObject({ max: 500, wait_ms: 25_000, journal_seq: 3, started: true })
})
it("reads leases of a server that knows less, and passes by what it cannot read", async () => {
  const { sealed: _, backup_first: __, backup: ___, artifact: ____, label: _____, ...older } = leaseOf()
  gateway.lease({ ...leaseOf(), type: "DANCE" } as never)
  gateway.lease(older as never)
  start()
  await gateway.until(() => accepted.length === 1)
  expect(accepted[0]).toMatchObject({ id: older.id, sealed: null, backup_first: false, artifact: null })
})
it("tells the executor of the kill switch with each answer", async () => {
  gateway.state.paused = true
  start()
  await gateway.until(() => pauses.length === 1)
  gateway.state.paused = false
  gateway.lease(leaseOf())
  await gateway.until(() => accepted.length === 1)
  expect(pauses[0]).toBe(true)
  expect(pauses.at(-1)).toBe(false)
})
