import { json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings, PoolSetting } from "../../miner-settings.ts"
import { imageOf } from "../../upload.ts"
import { traits } from "./bodies.ts"

/** Everything that changes a rig, by method and path under `/api/v1`. */
type Row = Record<string, unknown>
type Act = (miner: SimulatedMiner, request: WebRequest) => WebAnswer

const PASSWORD = "proto"
const accepted = (after: () => void): WebAnswer => ({ ...json({ message: "accepted" }, 202), after })
const refused = (miner: SimulatedMiner, command: string, message: string, status = 422): WebAnswer => {
  miner.act("refused", { command, reason: message })
  return json({ error: { code: "INVALID", message } }, status)
}

function bodyOf({ body }: WebRequest): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
const row = (value: unknown): Row => (typeof value === "object" && value !== null ? (value as Row) : {})

export const acts: Record<string, Act> = {
  "POST mining/start": (miner) => power(miner, "start"),
  "POST mining/stop": (miner) => power(miner, "stop"),
  "POST system/reboot": (miner) => {
    miner.act("reboot-hard", { via: "system/reboot" })
    return accepted(() => miner.rebootHard())
  },
  "POST system/locate": (miner, { url }) => {
    const on = new URL(url, "http://rig").searchParams.get("enable") === "true"
    miner.act("blink", { on })
    return accepted(() => {
      miner.blinking = on
    })
  },
  "PUT mining/target": target,
  "PUT cooling": cooling,
  "POST pools": (miner, request) => {
    const given = bodyOf(request)
    if (!Array.isArray(given)) return refused(miner, "POST pools", "not a list", 400)
    const pools = given.map((each) => poolOf(row(each)))
    if (pools.includes(null) || pools.length > 3) return refused(miner, "POST pools", "a pool is not valid")
    return setPools(miner, pools as PoolSetting[])
  },
  "PUT pools/:id": (miner, request) => {
    const id = Number(/\/pools\/(\d+)/.exec(request.url)?.[1])
    const pool = poolOf(row(bodyOf(request)))
    if (pool === null || miner.settings.pools[id] === undefined)
      return refused(miner, "PUT pools", "no such pool", 404)
    return setPools(
      miner,
      miner.settings.pools.map((each, at) => (at === id ? pool : each)),
    )
  },
  "PUT auth/change-password": (miner, request) => {
    const { current_password, new_password } = row(bodyOf(request))
    if (typeof new_password !== "string" || new_password.length < 8)
      return refused(miner, "PUT auth/change-password", "too short", 400)
    if (current_password !== miner.passwordOr(PASSWORD))
      return refused(miner, "PUT auth/change-password", "wrong password", 401)
    return password(miner, new_password)
  },
  "PUT auth/password": (miner, request) => {
    const { password: given } = row(bodyOf(request))
    if (miner.memory.get("no-password") !== true)
      return refused(miner, "PUT auth/password", "a password is set", 403)
    if (typeof given !== "string" || given.length < 8)
      return refused(miner, "PUT auth/password", "too short", 400)
    miner.memory.delete("no-password")
    return password(miner, given)
  },
  "PUT system/update": (miner, { upload }) => {
    if (upload === null || upload.field !== "file") return refused(miner, "PUT system/update", "no file", 409)
    const { fileName, bytes, sha256 } = upload
    const { version } = imageOf(upload)
    miner.act("upgrade", { file: fileName, bytes, sha256, version })
    return { ...json({ message: "updating" }), after: () => miner.install(version) }
  },
}

function conf(miner: SimulatedMiner, changed: string, settings: MinerSettings): void {
  const { mode, powerLimitW, pools, fanManual, fanPwm, immersion } = settings
  miner.act("conf", {
    changed: [changed],
    mode,
    powerLimitW,
    pools: pools.map(({ url, user }) => ({ url, user })),
    fan: { manual: fanManual, pwm: fanPwm, immersion },
  })
}

function power(miner: SimulatedMiner, word: "start" | "stop"): WebAnswer {
  const before = miner.settings.mode
  // What it works by when it works again.
  if (word === "stop" && before !== 1) miner.memory.set("mode", before)
  const again = Number(miner.memory.get("mode") ?? 0)
  const settings = { ...miner.settings, mode: word === "stop" ? 1 : before === 1 ? again : before }
  conf(miner, `mining/${word}`, settings)
  return accepted(() => {
    if (word === "start") miner.memory.delete("mode")
    miner.applySettings(settings)
  })
}

function target(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const { power_target_watts: watts, performance_mode: mode } = row(bodyOf(request))
  const { powerMinW, powerMaxW } = traits(miner)
  if (watts !== undefined && (typeof watts !== "number" || watts < powerMinW || watts > powerMaxW))
    return refused(miner, "PUT mining/target", "power target out of range")
  if (mode !== undefined && mode !== "MaximumHashrate" && mode !== "Efficiency")
    return refused(miner, "PUT mining/target", "no such mode")
  const { settings } = miner
  const wanted = mode === undefined ? null : mode === "Efficiency" ? 3 : 0
  const asleep = settings.mode === 1
  const next = {
    ...settings,
    ...(typeof watts === "number" ? { powerLimitW: watts } : {}),
    ...(wanted === null || asleep ? {} : { mode: wanted }),
  }
  conf(miner, "mining/target", next)
  return {
    ...json({ message: "ok" }),
    after: () => {
      if (asleep && wanted !== null) miner.memory.set("mode", wanted)
      if (asleep) miner.settings = next
      else miner.applySettings(next)
    },
  }
}

function cooling(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const { mode, speed_percentage: pct } = row(bodyOf(request))
  if (mode !== "Auto" && mode !== "Manual" && mode !== "Off")
    return refused(miner, "PUT cooling", "no such mode")
  if (mode === "Manual" && (typeof pct !== "number" || pct < 0 || pct > 100))
    return refused(miner, "PUT cooling", "speed out of range")
  const settings = {
    ...miner.settings,
    fanManual: mode === "Manual",
    immersion: mode === "Off",
    ...(mode === "Manual" ? { fanPwm: pct as number } : {}),
  }
  conf(miner, "cooling", settings)
  return {
    ...json({ message: "ok" }),
    after: () => {
      miner.settings = settings
    },
  }
}

/** Written as `username`, read as `user`. */
function poolOf({ url, username, password: pass }: Row): PoolSetting | null {
  const fits = typeof url === "string" && /^stratum2?\+tcp:\/\/[^/\s]+:\d+$/.test(url)
  return fits && typeof username === "string"
    ? { url, user: username, pass: typeof pass === "string" ? pass : "" }
    : null
}

function setPools(miner: SimulatedMiner, pools: PoolSetting[]): WebAnswer {
  const settings = { ...miner.settings, pools }
  conf(miner, "pools", settings)
  return {
    ...json({ message: "ok" }),
    after: () => {
      miner.settings = settings
    },
  }
}

function password(miner: SimulatedMiner, given: string): WebAnswer {
  miner.act("login", { user: "" })
  return {
    ...json({ message: "ok" }),
    after: () => {
      miner.password = given
    },
  }
}
