import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { count as counter, positive } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { writeOnce } from "../transport/rpc-session.ts"
import { type SentWrite, sentByRpc, verifiedWrite } from "../verified-write.ts"
import type { Dialect } from "./dialect.ts"
import { askGraphql, mutate } from "./graphql.ts"
import { STATUS } from "./map-rest.ts"
import { getRest, writeRest } from "./rest.ts"
import { bosRpc, RPC_WRITES } from "./rpc.ts"
import { count, rowOf } from "./units.ts"

const PAUSED = "mining is paused"
const RESUMED = "mining is resumed"
const TAKES_TIME = "It takes some minutes to come up to speed."

/** Mining on or off, by what the release has for it. */
export function setMining(context: DriverContext, dialect: Dialect, on: boolean): Promise<ActOutcome> {
  if (dialect === "rest") return setByRest(context, on)
  return dialect === "graphql" ? setByGraphql(context, on) : setByRpc(context, on)
}

function setByRest(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<number | null>({
    context,
    ran: on ? "PUT actions/resume" : "PUT actions/pause",
    read: () => readStatus(context),
    isSo: (status) => status === (on ? STATUS.normal : STATUS.paused),
    shown: (status) => ({
      status: statusName(status),
      power_mode: status === STATUS.paused ? "sleep" : null,
    }),
    send: (status) =>
      writeRest(context, `actions/${on ? (status === STATUS.notStarted ? "start" : "resume") : "pause"}`),
    told: on ? RESUMED : PAUSED,
    ...(on ? { note: TAKES_TIME } : {}),
    slowToShow: true,
  })
}

async function readStatus(context: DriverContext): Promise<Outcome<number | null>> {
  const told = await getRest(context, "miner/details")
  return told.ok ? ok(count(rowOf(told.value).status)) : told
}

function statusName(status: number | null): string | null {
  return Object.entries(STATUS).find(([, number]) => number === status)?.[0] ?? null
}

/** The rate is 0 while it comes up. */
type Running = { running: boolean; rate: number | null }

/** A stopped miner has no `info`; one that was only just started hashes later, and then reads as neither. */
function setByGraphql(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<Running>({
    context,
    ran: on ? "bosminer.start" : "bosminer.stop",
    read: async () => {
      const told = await askGraphql(context, {
        bos: { hostname: true },
        bosminer: { info: { workSolver: { realHashrate: { mhs5S: true } } } },
      })
      if (!told.ok) return told
      const bosminer = rowOf(told.value.bosminer)
      if (told.value.bosminer === null || bosminer.info === null) return ok({ running: false, rate: null })
      const solver = rowOf(rowOf(bosminer.info).workSolver)
      return ok({ running: true, rate: positive(rowOf(solver.realHashrate).mhs5S) })
    },
    isSo: ({ running, rate }) => (on ? (rate ?? 0) > 0 : !running),
    shown: ({ running }) => ({ running, power_mode: running ? null : "sleep" }),
    send: () => mutate(context, `{bosminer{${on ? "start" : "stop"}{__typename}}}`),
    told: on ? RESUMED : PAUSED,
    ...(on ? { note: TAKES_TIME } : {}),
    slowToShow: true,
  })
}

/**
 * The command port tells no state: a rate that falls to nothing shows a pause, nothing shows a resumption at once. So
 * neither is ever taken for done already; both may be repeated.
 */
function setByRpc(context: DriverContext, on: boolean): Promise<ActOutcome> {
  let was: number | null = null
  return verifiedWrite<{ rate: number | null; uptimeS: number | null }>({
    context,
    ran: on ? "resume" : "pause",
    read: async () => {
      const reply = await bosRpc({ ...context, retry: [] }).read("summary")
      if (!reply.ok) return reply
      const row = rows(reply.value.body, "SUMMARY")[0]
      return ok({ rate: positive(row?.["MHS 5s"]), uptimeS: counter(row?.Elapsed) })
    },
    isSo: ({ rate }) => was !== null && rate !== null && (on ? was === 0 && rate > 0 : was > 0 && rate === 0),
    shown: ({ rate, uptimeS }) => ({ hashing: rate === null ? null : rate > 0, uptime_seconds: uptimeS }),
    send: async ({ rate }): Promise<SentWrite> => {
      was = rate
      return sentByRpc(
        await writeOnce(context, on ? "resume" : "pause", RPC_WRITES, WRITE_TIMEOUT_MS / 4, {
          newline: true,
        }),
      )
    },
    told: on ? RESUMED : PAUSED,
    ...(on ? { note: TAKES_TIME } : {}),
    slowToShow: true,
  })
}
