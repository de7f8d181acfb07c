import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { GRAPHQL_UNTOLD, REST_UNTOLD } from "./dialect.ts"
import { askGraphql, type Fields } from "./graphql.ts"
import { macByLuci } from "./luci.ts"
import { getRest, restVersion } from "./rest.ts"
import { bosRpc } from "./rpc.ts"
import { count, rowOf } from "./units.ts"

export const FAMILY = "braiins"
export const MAKE = "Antminer"
const WHATSMINER_BRAND = 2

const IDENTITY: Fields = {
  bos: { hostname: true, info: { version: { full: true } } },
  bosminer: { info: { modelName: true } },
}

/** `Antminer S19 XP`, `Bitmain Antminer S9` → `S19 XP`, `S9`. */
export function modelName(told: unknown): string | null {
  return (
    text(told, 128)
      ?.replace(/^bitmain\s+/i, "")
      .replace(/^(?:antminer|whatsminer)\s+/i, "")
      .trim() || null
  )
}

/** The newest interface that answers, and what it tells; the older port 4028 knows name and model only. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const rest = await restVersion(context)
  if (rest.ok && rest.value !== null) return identifyByRest(context, rest.value, seen)
  if (!rest.ok && rest.fault.kind !== "refused") return rest
  if (rest.ok) {
    const told = await askGraphql(context, IDENTITY)
    if (told.ok) return identifyByGraphql(context, told.value, seen)
    if (told.fault.kind === "auth") return ok(await identityOf(context, seen, { version: GRAPHQL_UNTOLD }))
    if (told.fault.kind !== "unsupported" && told.fault.kind !== "refused") return told
  }
  const version = await versionRow(context, seen)
  if (!version.ok) return version
  const name = Object.keys(version.value).find((key) => /^bos/i.test(key))
  const found = await macByLuci(context, "luci")
  return ok(
    await identityOf(context, seen, {
      version: text(name === undefined ? null : version.value[name], 128),
      mac: found,
      evidence: `version: ${name ?? "no name"}`,
    }),
  )
}

type Told = {
  version: string | null
  make?: string
  model?: string | null
  mac?: string | null
  serial?: string | null
  evidence?: string
}

async function identifyByRest(
  context: DriverContext,
  api: string,
  seen: Seen | undefined,
): Promise<Outcome<Identity>> {
  const told = await getRest(context, "miner/details")
  if (!told.ok && told.fault.kind !== "auth") return told
  if (!told.ok) return ok(await identityOf(context, seen, { version: `${REST_UNTOLD} ${api}` }))
  const details = rowOf(told.value)
  const unit = rowOf(details.miner_identity)
  const version = text(rowOf(details.bos_version).current, 128)
  return ok(
    await identityOf(context, seen, {
      version: version ?? `${REST_UNTOLD} ${api}`,
      make: count(unit.brand) === WHATSMINER_BRAND ? "WhatsMiner" : MAKE,
      model: modelName(unit.name) ?? modelName(unit.miner_model),
      mac: mac(details.mac_address),
      serial: text(details.serial_number, 128),
      evidence: `REST API ${api}`,
    }),
  )
}

async function identifyByGraphql(
  context: DriverContext,
  data: Row,
  seen: Seen | undefined,
): Promise<Outcome<Identity>> {
  const version = text(rowOf(rowOf(rowOf(data.bos).info).version).full, 128)
  return ok(
    await identityOf(context, seen, {
      version: version ?? GRAPHQL_UNTOLD,
      model: modelName(rowOf(rowOf(data.bosminer).info).modelName),
      mac: await macByLuci(context, "graphql"),
      evidence: "GraphQL answers",
    }),
  )
}

/** What the interface did not tell of the model is asked of port 4028. */
async function identityOf(context: DriverContext, seen: Seen | undefined, told: Told): Promise<Identity> {
  const model = told.model ?? modelName((await devdetails(context, seen))?.Model)
  return {
    family: FAMILY,
    make: told.make ?? MAKE,
    model,
    firmware: "Braiins OS",
    firmwareVersion: told.version,
    mac: told.mac ?? null,
    serial: told.serial ?? null,
    confidence: 1,
    evidence: [told.evidence ?? "its web interface asks for a login"],
  }
}

async function versionRow(context: DriverContext, seen: Seen | undefined): Promise<Outcome<Row>> {
  if (seen?.version) return ok(seen.version)
  const reply = await bosRpc(context).read("version")
  if (!reply.ok) return reply
  const row = rows(reply.value.body, "VERSION")[0]
  return row === undefined ? fault("unsupported", "The machine does not tell its version.") : ok(row)
}

async function devdetails(context: DriverContext, seen: Seen | undefined): Promise<Row | null> {
  if (seen?.devdetails) return seen.devdetails[0] ?? null
  const reply = await bosRpc({ ...context, retry: [] }).read("devdetails")
  return reply.ok ? (rows(reply.value.body, "DEVDETAILS")[0] ?? null) : null
}
