import { READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { writeOnce } from "../transport/rpc-session.ts"
import { type SentWrite, sentByHttp, sentByRpc, verifiedWrite } from "../verified-write.ts"
import type { PowerMode } from "./map.ts"
import { type Running, readRunning, readWebSettings, type WebSettings } from "./settings.ts"
import { getWeb, postForm, sendWeb } from "./web.ts"

const WRITES: ReadonlySet<string> = new Set(["ascset", "restart", "updatepools"])
const LOOKS_MS = [0, 1_000, 3_000]

/** One command of the RPC, once. A restart may close the connection instead of answering. */
export async function command(context: DriverContext, name: string, parameter?: string): Promise<SentWrite> {
  const more = parameter === undefined ? { newline: true } : { newline: true, parameter }
  const end = await writeOnce(context, name, WRITES, READ_TIMEOUT_MS, more)
  if (end.ok && end.reply === null && name === "restart") return { kind: "accepted" }
  if (end.ok && end.reply?.status.severity === "W")
    return { kind: "refused", message: end.reply.status.message || "it does not know the option" }
  return sentByRpc(end)
}

/** The board goes down at once, mostly without an answer. */
export async function rebootByWeb(context: DriverContext): Promise<SentWrite> {
  const sent = sentByHttp(await sendWeb(context, { method: "GET", path: "/cgi-bin/reboot.php", fresh: true }))
  return sent.kind === "lost" ? { kind: "accepted" } : sent
}

export function suspend(context: DriverContext): Promise<ActOutcome> {
  return verifiedWrite<Running>({
    context,
    ran: "ascset 0,suspend",
    read: () => readRunning(context),
    isSo: ({ asleep }) => asleep,
    shown: ({ asleep }) => ({ asleep }),
    send: () => command(context, "ascset", "0,suspend"),
    told: "mining is paused",
    looksMs: LOOKS_MS,
    slowToShow: true,
  })
}

/** A restart of the mining process is what ends a pause. */
export function resume(context: DriverContext): Promise<ActOutcome> {
  return verifiedWrite<Running>({
    context,
    ran: "restart",
    read: () => readRunning(context),
    isSo: ({ asleep }) => !asleep,
    shown: ({ asleep }) => ({ asleep }),
    send: () => command(context, "restart"),
    told: "mining is resumed",
    looksMs: [0],
    slowToShow: true,
  })
}

type ModeState = WebSettings & { asleep: boolean | null }

/** A mode to mine in wakes a machine that sleeps. Which number is which mode, the machine itself says. */
export async function setMode(context: DriverContext, mode: PowerMode): Promise<ActOutcome> {
  const first = await readMode(context)
  if (!first.ok) return { ...first, sent: false }
  const wanted = first.value.modes[mode]
  if (wanted === undefined)
    return notDone("unsupported", `This machine's web interface lists no mode that is ${mode}.`)
  return verifiedWrite<ModeState>({
    context,
    ran: "set_mining_mode.php",
    read: () => readMode(context),
    isSo: ({ modeNumber, asleep }) => modeNumber === wanted && asleep === false,
    shown: (state) => ({ mode: state.mode, asleep: state.asleep }),
    send: async ({ modeNumber, asleep }) => {
      if (modeNumber !== wanted) {
        const sent = sentByHttp(
          await postForm(context, "set_mining_mode.php", { miningMode: String(wanted) }),
        )
        if (sent.kind !== "accepted" || asleep !== true) return sent
      }
      return command(context, "restart")
    },
    told: `the power mode is ${mode}`,
    looksMs: LOOKS_MS,
    slowToShow: true,
  })
}

/** A mining process that is down for a moment leaves it open whether the machine sleeps. */
async function readMode(context: DriverContext): Promise<Outcome<ModeState>> {
  const web = await readWebSettings(context)
  if (!web.ok) return web
  const running = await readRunning(context)
  return ok({ ...web.value, asleep: running.ok ? running.value.asleep : null })
}

/** In watts; it counts from the reboot that follows. */
export function limitPower(context: DriverContext, watts: number): Promise<ActOutcome> {
  return verifiedWrite<Running>({
    context,
    ran: "ascset 0,powerlimit, reboot.php",
    read: () => readRunning(context),
    isSo: ({ powerLimitW }) => powerLimitW === watts,
    shown: ({ powerLimitW }) => ({ power_limit_w: powerLimitW }),
    send: () => thenReboot(context, () => command(context, "ascset", `0,powerlimit,{"value":"${watts}"}`)),
    told: `the power limit is ${watts} W`,
    note: "It reboots to take it over.",
    looksMs: [0],
    slowToShow: true,
  })
}

/** The login that the reboot needs is tried first: a setting that waits for a reboot helps nobody. */
export async function thenReboot(context: DriverContext, send: () => Promise<SentWrite>): Promise<SentWrite> {
  const login = await getWeb(context, "get_system_info.php")
  if (!login.ok) return { kind: "unsent", fault: login.fault }
  const sent = await send()
  if (sent.kind !== "accepted") return sent
  const rebooted = await rebootByWeb(context)
  if (rebooted.kind === "accepted") return rebooted
  const why = rebooted.kind === "refused" ? rebooted.message : rebooted.fault.message
  const message = `The setting is written and counts from the next reboot, which could not be started: ${why}`
  return { kind: "lost", fault: { kind: "timeout", message } }
}
