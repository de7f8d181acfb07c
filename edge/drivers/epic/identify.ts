import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { epicReads } from "./web.ts"

export const FAMILY = "epic"
export const MAKE = "ePIC"

/** Model from `capabilities`, version from `summary`, MAC from `network`; none wants a login. */
export async function identify(context: DriverContext): Promise<Outcome<Identity>> {
  const reads = epicReads(context)
  const summary = await reads.object("summary")
  if (!summary.ok) return summary
  const capabilities = await reads.object("capabilities")
  const network = await reads.object("network")
  const software = text(summary.value.Software, 128)
  const words = software?.split(/\s+/) ?? []
  const names = modelOf(capabilities.ok ? capabilities.value : {})
  return ok({
    family: FAMILY,
    make: names.make,
    model: names.model,
    firmware: `ePIC ${words.slice(0, -1).join(" ")}`.trim(),
    firmwareVersion: words.at(-1) ?? null,
    mac: network.ok ? macIn(network.value) : null,
    serial: null,
    confidence: 1,
    evidence: [
      `summary: ${software?.slice(0, 60) ?? "no software"}`,
      capabilities.ok
        ? `capabilities: ${names.model ?? "no model"}`
        : `capabilities: ${capabilities.fault.message}`,
    ],
  })
}

/** `ANTMINER S19J PRO` with `Dual` → the make of the hardware, and its model. */
function modelOf(capabilities: Row): { make: string; model: string | null } {
  const said = text(capabilities.Model, 96)
  const subtype = text(capabilities["Model Subtype"], 30)
  const make = /antminer/i.test(said ?? "")
    ? "Antminer"
    : /whatsminer/i.test(said ?? "")
      ? "WhatsMiner"
      : MAKE
  const name = said?.replace(/^(?:antminer|whatsminer)\s+/i, "") ?? null
  const told = name !== null && subtype !== null && name.toLowerCase().includes(subtype.toLowerCase())
  return { make, model: name === null || subtype === null || told ? name : `${name} ${subtype}` }
}

/** `{"dhcp":{…}}` or `{"static":{…}}`. */
export function macIn(network: Row): string | null {
  for (const place of [objectAt(network, "dhcp"), objectAt(network, "static"), network]) {
    const found = mac(place.mac_address) ?? mac(place.mac)
    if (found !== null) return found
  }
  return null
}
