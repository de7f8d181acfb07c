import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Reply, type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { isV3Firmware } from "./dialect.ts"
import { splitModel } from "./models.ts"

export const FAMILY = "whatsminer-v2"
export const FAMILY_V3 = "whatsminer-v3"
export const MAKE = "WhatsMiner"

/** Model from `devdetails`, firmware from `get_version`, MAC and serial from `get_miner_info`, else MAC from `summary`. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const rpc = rpcSession(context)
  let details = seen?.devdetails ?? null
  if (details === null) {
    const reply = await rpc.read("devdetails")
    if (!reply.ok && reply.fault.kind !== "unsupported") return reply
    details = reply.ok ? rows(reply.value.body, "DEVDETAILS") : []
  }
  const version = await optional(rpc.read("get_version"))
  if (!version.ok) return version
  const info = await optional(rpc.read("get_miner_info"))
  if (!info.ok) return info
  let address = mac(flat(info.value)?.mac)
  let firmwareVersion = text(flat(version.value)?.fw_ver, 128)
  if (address === null || firmwareVersion === null) {
    const summary = await optional(rpc.read("summary"))
    if (!summary.ok) return summary
    const row = summary.value ? rows(summary.value.body, "SUMMARY")[0] : undefined
    address ??= mac(row?.MAC)
    firmwareVersion ??= text(row?.["Firmware Version"], 128)
  }
  const reported = text(details.find((row) => text(row.Model, 128) !== null)?.Model, 128)
  return ok({
    family: isV3Firmware(firmwareVersion) ? FAMILY_V3 : FAMILY,
    make: MAKE,
    model: reported === null ? null : modelName(reported),
    firmware: "stock",
    firmwareVersion,
    api: apiVersion(flat(version.value)?.api_ver),
    mac: address,
    serial: text(flat(info.value)?.minersn, 128),
    confidence: 1,
    evidence: [`devdetails: ${reported ?? "no model"}`, `get_version: ${firmwareVersion ?? "no version"}`],
  })
}

/** `2.0.5`, `whatsminer v1.4.0` → `1.4.0`. */
export function apiVersion(told: unknown): string | null {
  return /\d+(?:\.\d+)+/.exec(text(told, 64) ?? "")?.[0] ?? null
}

/** `M50S_VH50` → `M50S VH50`. */
export function modelName(reported: string): string {
  const { series, version } = splitModel(reported)
  return version === null ? series : `${series} ${version}`
}

/** A command that this firmware does not know, or does not allow, answers nothing; other faults stand. */
export async function optional(asked: Promise<Outcome<Reply>>): Promise<Outcome<Reply | null>> {
  const reply = await asked
  if (reply.ok) return reply
  return reply.fault.kind === "unsupported" || reply.fault.kind === "auth" ? ok(null) : reply
}

/** `Msg` of the flat envelope, where it is an object. */
export function flat(reply: Reply | null): Row | null {
  const message = reply?.body.Msg
  return typeof message === "object" && message !== null && !Array.isArray(message) ? (message as Row) : null
}
