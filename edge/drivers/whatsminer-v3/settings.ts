import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { EMPTY_POOL, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { mhz, number, powerW, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { nominalMhz, type Settings } from "../whatsminer/settings.ts"
import { isOff, powerMode } from "./map.ts"
import { frameSession, member } from "./session.ts"

/** A target below this is an offset in per cent. */
const LOWEST_MHZ = 100

export type SettingsV3 = Settings & { info: Row; setting: Row | null }

/** `get.miner.setting` holds what is set; firmware before API 3.0.3 tells it in the device's report. */
export async function readSettings(context: DriverContext): Promise<Outcome<SettingsV3>> {
  const frames = frameSession(context)
  const info = await frames.read("get.device.info")
  if (!info.ok) return info
  const setting = await frames.optional("get.miner.setting")
  if (!setting.ok) return setting
  const status = await frames.optional("get.miner.status", "summary")
  if (!status.ok) return status
  const told = setting.value?.msg ?? {}
  const miner = member(info.value.msg, "miner")
  const summary = rows(status.value?.msg ?? {}, "summary")[0] ?? {}
  const target = number(told["target-freq"])
  const offsetPct = target !== null && Math.abs(target) <= LOWEST_MHZ ? target : number(miner["hash-percent"])
  const targetMhz = mhz(summary["target-freq"])
  return ok({
    info: info.value.msg,
    setting: setting.value?.msg ?? null,
    off: isOff(info.value.msg),
    mode: powerMode({ "power-mode": told["power-mode"] ?? summary["power-mode"] }, info.value.msg),
    powerLimitW:
      powerW(told["power-limit"]) ?? powerW(miner["power-limit-set"]) ?? powerW(summary["power-limit"]),
    offsetPct,
    nominalMhz: nominalMhz({
      targetMhz: targetMhz !== null && targetMhz > LOWEST_MHZ ? targetMhz : null,
      averageMhz: mhz(summary["freq-avg"]),
      offsetPct: offsetPct ?? 0,
    }),
  })
}

/** Three slots by their priority; their passwords are not told. */
export async function readPools(context: DriverContext): Promise<Outcome<PoolEntry[]>> {
  const status = await frameSession(context).read("get.miner.status", "pools")
  if (!status.ok) return status
  const slots = Array.from({ length: POOL_SLOTS }, () => EMPTY_POOL)
  for (const [at, row] of rows(status.value.msg, "pools").entries()) {
    const slot = number(row["pool-priority"]) ?? at
    if (!Number.isInteger(slot) || slot < 0 || slot >= POOL_SLOTS) continue
    slots[slot] = { url: text(row.url, 512) ?? "", user: text(row.account, 256) ?? "", pass: "" }
  }
  return ok(slots)
}
