import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { antminerDriver } from "./antminer/driver.ts"
import { auradineDriver } from "./auradine/driver.ts"
import { avalonDriver } from "./avalon/driver.ts"
import { axeosDriver } from "./axeos/driver.ts"
import { braiinsDriver } from "./braiins/driver.ts"
import { type Detection, detectFamily } from "./detect.ts"
import type { Driver, DriverContext, Identity, Reading } from "./driver.ts"
import { elphapexDriver } from "./elphapex/driver.ts"
import { epicDriver } from "./epic/driver.ts"
import { futurebitDriver } from "./futurebit/driver.ts"
import { genericCgminerDriver } from "./generic-cgminer/driver.ts"
import { goldshellDriver } from "./goldshell/driver.ts"
import { gpuDrivers } from "./gpu/driver.ts"
import { hammerDriver } from "./hammer/driver.ts"
import { hiveonDriver } from "./hiveon/driver.ts"
import { iceriverDriver } from "./iceriver/driver.ts"
import { innosiliconDriver } from "./innosilicon/driver.ts"
import { luxosDriver } from "./luxos/driver.ts"
import { marathonDriver } from "./marathon/driver.ts"
import { mskminerDriver } from "./mskminer/driver.ts"
import { nerdqaxeDriver } from "./nerdqaxe/driver.ts"
import { OTHER_FAMILIES } from "./other-families.ts"
import { protoRigDriver } from "./proto-rig/driver.ts"
import { sealminerDriver } from "./sealminer/driver.ts"
import { vnishDriver } from "./vnish/driver.ts"
import { volcminerDriver } from "./volcminer/driver.ts"
import { whatsminerDriver } from "./whatsminer/driver.ts"
import { whatsminerV3Driver } from "./whatsminer-v3/driver.ts"

/** Drivers by the families they serve. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  "antminer-stock": antminerDriver,
  "antminer-legacy-web": antminerDriver,
  "whatsminer-v2": whatsminerDriver,
  "whatsminer-v3": whatsminerV3Driver,
  avalon: avalonDriver,
  sealminer: sealminerDriver,
  auradine: auradineDriver,
  hiveon: hiveonDriver,
  mskminer: mskminerDriver,
  axeos: axeosDriver,
  nerdqaxe: nerdqaxeDriver,
  elphapex: elphapexDriver,
  hammer: hammerDriver,
  volcminer: volcminerDriver,
  goldshell: goldshellDriver,
  iceriver: iceriverDriver,
  innosilicon: innosiliconDriver,
  "proto-rig": protoRigDriver,
  braiins: braiinsDriver,
  luxos: luxosDriver,
  vnish: vnishDriver,
  futurebit: futurebitDriver,
  ...gpuDrivers,
  epic: epicDriver,
  marathon: marathonDriver,
  "generic-cgminer": genericCgminerDriver,
}

/** Every family name that `--family` and targets may give. */
export const FAMILIES: readonly string[] = [...Object.keys(DRIVERS), ...Object.keys(OTHER_FAMILIES)]

/**
 * The driver that serves a family: its own, the generic one where the family speaks cgminer, else one that says what
 * is missing. Null for a name that nobody knows.
 */
export function driverFor(family: string): Driver | null {
  if (Object.hasOwn(DRIVERS, family)) return DRIVERS[family]!
  if (!Object.hasOwn(OTHER_FAMILIES, family)) return null
  const other = OTHER_FAMILIES[family]!
  return other.cgminer ? genericCgminerDriver : recognisedOnly(family, other.make, other.name)
}

function recognisedOnly(family: string, make: string, name: string): Driver {
  const missing = fault("unsupported", `This is a ${name} machine; this release has no driver for it yet.`)
  return {
    family,
    make,
    identify: async () =>
      ok({
        family,
        make,
        model: null,
        firmware: name,
        firmwareVersion: null,
        mac: null,
        serial: null,
        confidence: 0.5,
        evidence: [],
      }),
    read: async () => missing,
    capabilities: () => ({ can: () => missing }),
    act: async () => ({ ...missing, sent: false }),
  }
}

/** Which family answers here, and its driver. Reads only; see `detectFamily`. */
export async function detectDriver(
  context: DriverContext,
): Promise<Outcome<{ driver: Driver; detection: Detection }>> {
  const detection = await detectFamily(context)
  if (!detection.ok) return detection
  const driver = driverFor(detection.value.family)
  if (driver === null) return fault("unsupported", `No driver for the family ${detection.value.family}.`)
  return ok({ driver, detection: detection.value })
}

/**
 * What this miner is: its family by signature, or the one given, then its own words. A family without a driver of
 * its own keeps its name and make. The identity is good until the address answers as another machine.
 */
export async function identifyMiner(
  context: DriverContext,
  options: { family?: string | null } = {},
): Promise<Outcome<Identity>> {
  if (options.family) {
    const driver = driverFor(options.family)
    if (driver === null)
      return fault("unsupported", `Unknown family "${options.family}": one of ${FAMILIES.join(", ")}.`)
    const identity = await driver.identify(withLoginOf(context, options.family))
    return identity.ok ? ok(named(identity.value, options.family, driver)) : identity
  }
  const detected = await detectDriver(context)
  if (!detected.ok) return detected
  const { driver, detection } = detected.value
  const identity = await driver.identify(withLoginOf(context, detection.family), detection.seen)
  if (!identity.ok) return identity
  const evidence = [...detection.evidence, ...identity.value.evidence]
  return ok(
    named({ ...identity.value, confidence: detection.confidence, evidence }, detection.family, driver),
  )
}

function withLoginOf(context: DriverContext, family: string): DriverContext {
  return context.credentialsFor ? { ...context, credentials: context.credentialsFor(family) } : context
}

/** A family's own driver names itself (WhatsMiner tells v2 from v3); the generic one does not know whom it reads. */
function named(identity: Identity, family: string, driver: Driver): Identity {
  const other = Object.hasOwn(OTHER_FAMILIES, family) ? OTHER_FAMILIES[family] : undefined
  if (driver !== genericCgminerDriver || other === undefined) return identity
  return { ...identity, family, make: other.make, firmware: other.name }
}

/** One reading of a miner that was identified before. */
export async function readMiner(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const driver = driverFor(identity.family)
  return driver === null
    ? fault("unsupported", `No driver for the family ${identity.family}.`)
    : driver.read(context, identity)
}
