import { createDecipheriv, createHash } from "node:crypto"
import type { SimulatedMiner } from "../../miner.ts"
import { hash32, hex, seedOf } from "../../random.ts"
import {
  type Change,
  letFansStop,
  limitPower,
  offsetFrequency,
  pause,
  reboot,
  resume,
  setLight,
  setMode,
  setPools,
} from "./changes.ts"
import type { FrameAnswer, FrameRequest } from "./frames.ts"
import { isApiOn } from "./writes.ts"

/** The signed commands of API v3. */
const FACTORY_PASSWORD = "super"
const ACCOUNTS = new Set(["super", "user1", "user2", "user3"])
/** How far a signature's time may be from the machine's: nobody has written it down. */
const CLOCK_SKEW_S = 300

export const isFrameApiOn = isApiOn

const passwordOf = (miner: SimulatedMiner) => miner.passwordOr(FACTORY_PASSWORD)

/** Another one with every password. */
export function frameSalt(miner: SimulatedMiner): string {
  return hex(hash32(miner.seed, seedOf(passwordOf(miner))), 260, 8)
}

type Write = (miner: SimulatedMiner, cmd: string, param: unknown) => Change | "missing"

const WRITES: Record<string, Write> = {
  "set.miner.service": (miner, cmd, param) => {
    if (param === "stop") return pause(miner, cmd)
    if (param === "start") return resume(miner, cmd)
    return param === "restart" ? reboot(miner, false, cmd) : null
  },
  "set.system.reboot": (miner, cmd) => reboot(miner, true, cmd),
  "set.miner.pools": (miner, cmd, param) => {
    if (!Array.isArray(param)) return null
    const pools = param.map((pool) => ({
      url: text(pool?.pool),
      user: text(pool?.worker),
      pass: text(pool?.passwd),
    }))
    return setPools(miner, cmd, pools)
  },
  "set.miner.power_mode": (miner, cmd, param) => setMode(miner, cmd, param),
  "set.miner.power_limit": (miner, cmd, param) =>
    typeof param === "number" ? limitPower(miner, cmd, param) : null,
  // Machines with fans only go below their factory's frequency.
  "set.miner.target_freq": (miner, cmd, param) => {
    if (typeof param !== "number" || (miner.profile.fans > 0 && param > 0)) return null
    return offsetFrequency(miner, cmd, param)
  },
  "set.fan.zero_speed": (miner, cmd, param) =>
    typeof param === "number" ? letFansStop(miner, cmd, param) : null,
  "set.system.led": (miner, _cmd, param) => {
    if (param === null) return "missing"
    if (param === "auto") return setLight(miner, false)
    return Array.isArray(param) && param.length > 0 && param.every(isFlash) ? setLight(miner, true) : null
  },
  "set.user.change_passwd": (miner, _cmd, param) => {
    const { account, old, new: password } = (param ?? {}) as Record<string, unknown>
    if (typeof account !== "string" || typeof password !== "string") return "missing"
    if (account !== "super" || old !== passwordOf(miner) || password === "") return null
    miner.act("login", { user: account })
    return {
      after: () => {
        miner.password = password
      },
    }
  },
  "set.system.update_firmware": () => ({}),
}
const SEALED = new Set(["set.miner.pools", "set.user.change_passwd"])

const text = (value: unknown) => (typeof value === "string" ? value : "")

function isFlash(value: unknown): boolean {
  const { color, period, duration, start } = (value ?? {}) as Record<string, unknown>
  return (
    (color === "red" || color === "green") &&
    [period, duration, start].every((ms) => typeof ms === "number" && ms >= 0)
  )
}

export const isFrameWrite = (cmd: string) => cmd.startsWith("set.")

/** Null: the caller may, and the act goes on. */
export function refuseFrame(miner: SimulatedMiner, request: FrameRequest): FrameAnswer | null {
  const { cmd } = request
  const refused = (code: number, msg: string): FrameAnswer => {
    miner.act("refused", { command: cmd, reason: msg })
    return { code, msg }
  }
  if (!Object.hasOwn(WRITES, cmd)) return refused(-2, "invalid command")
  if (!isApiOn(miner) || hashOf(miner, request) === null) return refused(-4, "no permission")
  return null
}

/** What the token is the beginning of; null: it is another's, or of another time. */
function hashOf(miner: SimulatedMiner, { cmd, members }: FrameRequest): Buffer | null {
  const { ts, token, account } = members
  if (typeof ts !== "number" || !ACCOUNTS.has(String(account))) return null
  if (Math.abs(ts - miner.nowS()) > CLOCK_SKEW_S) return null
  const password = account === "super" ? passwordOf(miner) : String(account)
  const hash = createHash("sha256")
    .update(cmd + password + frameSalt(miner) + String(ts))
    .digest()
  if (hash.toString("base64").slice(0, 8) !== token) return null
  // The other accounts have been granted nothing.
  return account === "super" ? hash : null
}

export function answerFrameWrite(miner: SimulatedMiner, request: FrameRequest): FrameAnswer {
  const { cmd } = request
  const refused = (code: number, msg: string): FrameAnswer => {
    miner.act("refused", { command: cmd, reason: msg })
    return { code, msg }
  }
  const param = SEALED.has(cmd) ? unsealed(hashOf(miner, request), request.param) : request.param
  if (param === undefined) return refused(-1, "fail")
  const change = WRITES[cmd]!(miner, cmd, param)
  if (change === "missing") return refused(-3, "invalid json item")
  if (change === null) return refused(-1, "fail")
  if (cmd === "set.system.update_firmware") return { code: 0, msg: "ready", image: true }
  const drop = cmd === "set.system.reboot" ? { drop: true } : {}
  return { code: 0, msg: "ok", ...drop, ...(change.after && { after: change.after }) }
}

/** Padded as PKCS#7 has it or with zeros: the reader of the JSON stops at either. Undefined: not to be opened. */
function unsealed(key: Buffer | null, param: unknown): unknown {
  if (key === null || typeof param !== "string") return undefined
  try {
    const cipher = createDecipheriv("aes-256-ecb", key, null)
    cipher.setAutoPadding(false)
    const plain = Buffer.concat([cipher.update(param, "base64"), cipher.final()]).toString("utf8")
    return JSON.parse(plain.replace(/\p{Cc}+$/u, ""))
  } catch {
    return undefined
  }
}
