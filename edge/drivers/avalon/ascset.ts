import { setTimeout as wait } from "node:timers/promises"
import { READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { named } from "../act-table.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { writeOnce } from "../transport/rpc-session.ts"
import { type SentWrite, sentByRpc } from "../verified-write.ts"
import { avalonSession } from "./reports.ts"

/** Everything that this driver may change by. */
const WRITES: ReadonlySet<string> = new Set(["ascset", "setpool"])
/** `ascset` asks as well as it sets; what is sent through it here only asks. */
const QUERIES: ReadonlySet<string> = new Set(["ascset"])
const PAUSE_MS = 60

/** What an option answers when it is asked (`0,help`, `0,led,1-255`): the text behind `ASC 0 set info:`. */
export async function ask(context: DriverContext, query: string): Promise<Outcome<string>> {
  const reply = await avalonSession(context, QUERIES).read("ascset", query)
  if (!reply.ok) return reply
  const { severity, message } = reply.value.status
  if (severity === "W") return fault("unsupported", `The miner does not know "${query}".`)
  return ok(message.replace(/^ASC \d+ set (?:info|OK):?\s*/i, ""))
}

const REMEMBERED_MAX = 20_000
/** The options of a firmware at an address, until that answers as another one. */
const listed = new Map<string, ReadonlySet<string>>()

/**
 * Why an option cannot be sent, null where it can: a firmware's list of options is asked for once. Firmware that keeps no
 * list is left to say no itself.
 */
export async function optionMissing(
  context: DriverContext,
  identity: Identity,
  option: string,
): Promise<ActOutcome | null> {
  const { host, rpcPort } = context.address
  const key = `${host}:${rpcPort} ${identity.firmwareVersion}`
  let options = listed.get(key)
  if (options === undefined) {
    const help = await ask(context, "0,help")
    if (!help.ok && help.fault.kind !== "unsupported") return { ...help, sent: false }
    options = new Set(help.ok ? help.value.split("|").map((each) => each.trim().toLowerCase()) : [])
    if (listed.size >= REMEMBERED_MAX) listed.clear()
    listed.set(key, options)
  }
  if (!options.has("help") || options.has(option)) return null
  return notDone("unsupported", `${named(identity)}: its firmware lists no option "${option}".`)
}

/**
 * Sends one option, once. `set OK` is a yes, and so is `info` (schedules answer so): what reads back decides. A warning
 * means that nothing was set. `silenceIsYes`: the machine is known to close the connection instead of answering.
 * What it says is passed on without `secrets`.
 */
export async function set(
  context: DriverContext,
  parameter: string,
  { silenceIsYes = false, secrets = [] as readonly string[] } = {},
): Promise<SentWrite> {
  return sent(context, "ascset", `0,${parameter}`, silenceIsYes, secrets)
}

export async function sent(
  context: DriverContext,
  command: "ascset" | "setpool",
  parameter: string,
  silenceIsYes = false,
  secrets: readonly string[] = [],
): Promise<SentWrite> {
  // The board wants a moment after the read that came before.
  await wait(PAUSE_MS, undefined, { signal: context.signal }).catch(() => undefined)
  const end = await writeOnce(context, command, WRITES, READ_TIMEOUT_MS, { parameter })
  if (end.ok && end.reply === null && silenceIsYes) return { kind: "accepted" }
  if (end.ok && end.reply?.status.severity === "W")
    return {
      kind: "refused",
      message: without(secrets, end.reply.status.message || "it does not know the option"),
    }
  const write = sentByRpc(end)
  if (write.kind === "refused") return { ...write, message: without(secrets, write.message) }
  if (write.kind === "accepted") return { kind: "accepted" }
  return write
}

function without(secrets: readonly string[], said: string): string {
  return secrets.reduce((left, secret) => (secret === "" ? left : left.replaceAll(secret, "***")), said)
}
