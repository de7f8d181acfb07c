import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { type PoolEntry, withoutScheme } from "../pool-slots.ts"
import { number, text } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { minerState } from "./states.ts"
import { lockedReads, openReads, postJson } from "./web.ts"

/** `settings`: the whole configuration; `miner` is what commands change. */
export type Settings = { whole: Row; miner: Row }

export async function readSettings(context: DriverContext): Promise<Outcome<Settings>> {
  const settings = await lockedReads(context).object("settings")
  return settings.ok
    ? { ok: true, value: { whole: settings.value, miner: objectAt(settings.value, "miner") } }
    : settings
}

export function poolsOf({ miner }: Settings): PoolEntry[] {
  const word = (value: unknown) => (typeof value === "string" ? value : "")
  return listAt(miner, "pools", 16)
    .filter((pool) => !/dev_?fee/i.test(String(pool.pool_type ?? "")))
    .sort((one, other) => (number(one.order) ?? 0) - (number(other.order) ?? 0))
    .map(({ url, user, pass }) => ({ url: word(url), user: word(user), pass: word(pass) }))
}

/** Some builds keep addresses without `stratum+tcp://`. */
export function samePools(present: readonly PoolEntry[], wanted: readonly PoolEntry[]): boolean {
  const plain = (url: string) => withoutScheme(url.replace(/^stratum\+tcp:/i, "tcp:"))
  const scheme = (url: string) => /^stratum\+(?!tcp)[a-z0-9]+/i.exec(url)?.[0].toLowerCase() ?? ""
  return (
    present.length === wanted.length &&
    wanted.every((pool, at) => {
      const now = present[at]!
      const sameUrl = plain(pool.url) === plain(now.url) && scheme(pool.url) === scheme(now.url)
      return sameUrl && pool.user === now.user && pool.pass === now.pass
    })
  )
}

export type Overclock = { preset: string | null; mhz: number | null; millivolts: number | null }

export function overclockOf({ miner }: Settings): Overclock {
  const overclock = objectAt(miner, "overclock")
  const globals = objectAt(overclock, "globals")
  return {
    preset: text(overclock.preset, 64),
    mhz: number(globals.freq),
    millivolts: number(globals.volt),
  }
}

export function fanOf({ miner }: Settings): NonNullable<MinerConfiguration["fan"]> | null {
  const mode = objectAt(miner, "cooling", "mode")
  const name = text(mode.name, 16)?.toLowerCase()
  if (name === "auto") return { mode: "auto", speed_pct: null }
  if (name === "manual") return { mode: "manual", speed_pct: number(mode.param) }
  return name?.startsWith("immers") ? { mode: "immersion", speed_pct: null } : null
}

export type SettingsChange = {
  isSo: (settings: Settings) => boolean
  shown: (settings: Settings) => Record<string, unknown>
  /** What is posted under `miner`. */
  body: (settings: Settings) => Row
  told: string
  note?: string
}

/**
 * Posts a part of the settings, once, and reads it back: the firmware answers yes to keys that it ignores. Where it asks
 * for a restart of mining it gets one, unless the machine is at rest.
 */
export async function changeSettings(
  context: DriverContext,
  { body, ...change }: SettingsChange,
): Promise<ActOutcome> {
  let asked: Row = {}
  const outcome = await verifiedWrite<Settings>({
    context,
    ran: "settings",
    read: () => readSettings(context),
    ...change,
    send: (settings) =>
      postJson(context, "settings", { miner: body(settings) }, WRITE_TIMEOUT_MS, (reply) => {
        asked = reply
      }),
  })
  if (!outcome.ok || outcome.value.already) return outcome
  const { value } = outcome
  const notes: string[] = []
  if (asked.restart_required === true) notes.push(await restarted(context))
  if (asked.reboot_required === true) notes.push("The machine asks for a reboot before it takes all of it.")
  return { ok: true, value: { ...value, message: [value.message, ...notes].join(" ") } }
}

async function restarted(context: DriverContext): Promise<string> {
  const status = await openReads({ ...context, retry: [] }).object("status")
  if (status.ok && minerState(status.value.miner_state).atRest) return "It takes effect when mining starts."
  const sent = await postJson(context, "mining/restart", {}, WRITE_TIMEOUT_MS)
  if (sent.kind === "accepted") return "Mining restarts with it."
  if (sent.kind === "refused")
    return `It takes effect at the next start of mining, which the miner refused now: ${sent.message}`
  return "It takes effect at the next start of mining; whether that begins now is not known."
}
