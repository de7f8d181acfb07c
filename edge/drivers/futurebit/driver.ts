import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type ActTable, actBy, capabilitiesBy } from "../act-table.ts"
import type { ActOutcome, Capabilities, Driver, DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { isOnline, macOf, mapApollo, READ, statsOf } from "./map.ts"
import { ask, question, tell } from "./web.ts"

const FAMILY = "futurebit"
const MAKE = "FutureBit"
const ALL = question(READ)
const ONLINE = question("{ Miner { online { result { online { status } } } } }")

async function identify(context: DriverContext): Promise<Outcome<Identity>> {
  const data = await ask(context, ALL)
  // It tells nobody anything without a login; that leaves its MAC unknown and is no fault.
  if (!data.ok && data.fault.kind !== "auth") return data
  const stats = data.ok ? statsOf(data.value) : null
  const version = text(objectAt(stats ?? {}, "versions").miner, 128) ?? text(stats?.version, 128)
  return ok({
    family: FAMILY,
    make: MAKE,
    model: "Apollo",
    firmware: "Apollo",
    firmwareVersion: version,
    mac: data.ok ? macOf(data.value) : null,
    serial: null,
    confidence: 1,
    evidence: [data.ok ? `graphql: ${version ?? "no version"}` : "graphql: needs a login"],
  })
}

async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const started = performance.now()
  const data = await ask(context, ALL)
  const latencyMs = performance.now() - started
  if (!data.ok) return data
  const mapped = mapApollo(data.value)
  mapped.mac = macOf(data.value)
  return ok(completeReading(context, identity, mapped, latencyMs))
}

async function restart(context: DriverContext): Promise<ActOutcome> {
  const online = await ask(context, ONLINE)
  if (!online.ok) return { ok: false, fault: online.fault, sent: false }
  return acceptedWrite({
    ran: "Miner.restart",
    send: () => tell(context, "restart"),
    message: "The Apollo restarts its miner.",
    before: { online: isOnline(online.value) },
  })
}

function setMining(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: on ? "Miner.start" : "Miner.stop",
    read: () => ask(context, ONLINE),
    isSo: (data) => isOnline(data) === on,
    shown: (data) => ({ online: isOnline(data) }),
    send: () => tell(context, on ? "start" : "stop"),
    told: on ? "the miner is started" : "the miner is stopped",
    looksMs: [0, 2_000, 3_000],
  })
}

const ACTS: ActTable = {
  REBOOT: (context) => restart(context),
  ENABLE: (context) => setMining(context, true),
  DISABLE: (context) => setMining(context, false),
}

function capabilities(identity: Identity): Capabilities {
  return capabilitiesBy(
    identity,
    {
      "REBOOT.soft": true,
      "REBOOT.hard": "only the restart of its miner is documented, not one of the whole machine",
      ENABLE: true,
      DISABLE: true,
    },
    "how it is set is not documented; use its own pages",
  )
}

/** FutureBit Apollo: GraphQL beside its pages. Only start, stop and restart of the miner are documented. */
export const futurebitDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: "futurebit",
  identify,
  read,
  capabilities,
  act: actBy(ACTS, capabilities),
}
