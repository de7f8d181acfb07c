import type { SimulatedMiner } from "../../miner.ts"
import { atmEnabled, limitsOf } from "./setting-rows.ts"
import { presentStep, stepNamed, traitsOf } from "./steps.ts"

/** What became of a write: its code and words, a section beside the status, and what happens when the answer has left. */
export type Done =
  | {
      ok: true
      code: number
      message: string
      section?: [string, Record<string, unknown>]
      after?: () => void
      drop?: boolean
    }
  | { ok: false; code: number; message: string }
type Write = (miner: SimulatedMiner, args: readonly string[]) => Done

const no = (code: number, message: string): Done => ({ ok: false, code, message })
const yes = (code: number, message: string, more: Partial<Extract<Done, { ok: true }>> = {}): Done => ({
  ok: true,
  code,
  message,
  ...more,
})

/** Logs the write, then takes it over. */
function set(miner: SimulatedMiner, changed: string, settings: Partial<SimulatedMiner["settings"]>): void {
  const next = { ...miner.settings, ...settings }
  const { mode, pools, fanManual, fanPwm, frequencyPercent } = next
  miner.act("conf", {
    changed: [changed],
    mode,
    pools: pools.map(({ url, user }) => ({ url, user })),
    fan: { manual: fanManual, pwm: fanPwm },
    level: frequencyPercent,
  })
  miner.adjust(next)
}

/** Writes that need the session's id; the arguments come without it. */
export const sessionWrites: Readonly<Record<string, Write>> = {
  curtail: (miner, [action]) => {
    if (action !== "sleep" && action !== "wakeup") return no(336, "Invalid curtailment action")
    const asleep = action === "sleep"
    if (asleep !== miner.sleeping) set(miner, "curtail", { mode: asleep ? 1 : 0 })
    return yes(335, "Curtailment command sent", {
      section: ["CURTAIL", { Action: asleep ? "sleep mode" : "wake up" }],
    })
  },
  resetminer: (miner) => {
    miner.act("reboot-soft", { via: "resetminer" })
    return yes(301, "Miner reset", { drop: true, after: () => miner.restartMining() })
  },
  rebootdevice: (miner) => {
    miner.act("reboot-hard", { via: "rebootdevice" })
    return yes(302, "Device reboot", { drop: true, after: () => miner.rebootHard() })
  },
  ledset: (miner, [colour, state]) => {
    if (!["red", "green"].includes(colour ?? "") || !["on", "off", "blink", "auto"].includes(state ?? ""))
      return no(332, "Invalid LED parameters")
    if (colour === "red") {
      miner.act("blink", { on: state === "on" || state === "blink" })
      miner.blinking = state === "on" || state === "blink"
    }
    return yes(331, "LED set")
  },
  profileset: (miner, [name = ""]) => {
    const step = stepNamed(miner, name)
    if (step === null) return no(322, "Invalid profile")
    set(miner, "profile", { frequencyPercent: (step.mhz / traitsOf(miner).frequencyMhz) * 100 })
    return yes(321, "Profile set", { section: ["PROFILE", { Profile: presentStep(miner).name }] })
  },
  powertargetset: (miner, [watts]) => {
    const range = traitsOf(miner).powerRangeW
    const value = Number(watts)
    if (range === null) return no(371, "Power targeting is not supported on this model")
    if (!Number.isFinite(value) || value < range[0] || value > range[1])
      return no(372, "Invalid power target")
    set(miner, "power target", { powerLimitW: value })
    return yes(370, "Power target set")
  },
  fanset: (miner, args) => {
    const legacy = /^-?\d+$/.test(args[0] ?? "")
    const pairs = legacy ? { speed: args[0] } : Object.fromEntries(args.map((each) => each.split("=")))
    const speed = pairs.speed === undefined ? null : Number(pairs.speed)
    if (speed !== null && !(Number.isInteger(speed) && speed >= -1 && speed <= 100))
      return no(304, "Invalid fan parameters")
    if (speed !== null)
      set(miner, "fans", speed < 0 ? { fanManual: false } : { fanManual: true, fanPwm: speed })
    return yes(303, "Fan set")
  },
  tempctrlset: (miner, args) => {
    const [target, hot, dangerous] = args.map(Number)
    if (
      target === undefined ||
      hot === undefined ||
      dangerous === undefined ||
      !(target <= hot && hot <= dangerous)
    )
      return no(329, "Invalid temperature control parameters")
    const { extra } = miner.settings
    set(miner, "temperature limits", { extra: { ...extra, limits: { target, hot, dangerous } } })
    return yes(330, "Set temperature control", {
      section: ["TEMPCTRL", { Target: limitsOf(miner).target, Hot: hot, Dangerous: dangerous }],
    })
  },
  atmset: (miner, args) => {
    const enabled = args.find((each) => each.startsWith("enabled="))?.slice(8)
    if (enabled !== "true" && enabled !== "false") return no(341, "Invalid ATM parameters")
    set(miner, "atm", { extra: { ...miner.settings.extra, atm: enabled === "true" } })
    return yes(340, `ATM is ${atmEnabled(miner) ? "on" : "off"}`)
  },
}

const POOLS_MAX = 8

/** Pools: with or without an id, as the firmware has it. */
export const poolWrites: Readonly<Record<string, Write>> = {
  addpool: (miner, [url = "", user = "", pass]) => {
    if (pass === undefined || !/^stratum2?\+\w+:\/\/[^,\s]+:\d+/.test(url))
      return no(53, "Invalid addpool details")
    const { pools } = miner.settings
    if (pools.length >= POOLS_MAX) return no(54, "Reached maximum number of pools")
    set(miner, "addpool", { pools: [...pools, { url, user, pass }] })
    return yes(55, `Added pool ${pools.length}: '${url}'`)
  },
  switchpool: (miner, [index]) => {
    const at = Number(index)
    const pool = miner.settings.pools[at]
    if (!pool) return no(26, `Invalid pool id ${index}`)
    miner.act("switch-pool", { pool: at })
    miner.switchPool(at)
    return yes(27, `Switching to pool ${at}: '${pool.url}'`)
  },
  removepool: (miner, [index]) => {
    const at = Number(index)
    const { pools } = miner.settings
    if (!pools[at]) return no(26, `Invalid pool id ${index}`)
    if (pools.length === 1) return no(66, "Cannot remove last pool")
    if (miner.activePool() === at && !miner.sleeping) return no(67, `Cannot remove active pool ${at}`)
    // The pools behind it move up, and with them the one in use.
    miner.poolSwitches =
      miner.poolSwitches?.map((each) => ({
        ...each,
        index: each.index > at ? each.index - 1 : each.index,
      })) ?? null
    set(miner, "removepool", { pools: pools.filter((_, slot) => slot !== at) })
    return yes(68, `Removed pool ${at}`)
  },
}
