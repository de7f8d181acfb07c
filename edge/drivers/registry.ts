import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { DRIVER_FAMILIES, type DriverFamily, isDriverFamily } from "#server/contract/families.ts"
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
import { protoRigDriver } from "./proto-rig/driver.ts"
import { sealminerDriver } from "./sealminer/driver.ts"
import { vnishDriver } from "./vnish/driver.ts"
import { volcminerDriver } from "./volcminer/driver.ts"
import { whatsminerDriver } from "./whatsminer/driver.ts"
import { whatsminerV3Driver } from "./whatsminer-v3/driver.ts"

/** Drivers by the families they serve: all that the contract names, and no others. */
const DRIVERS: Readonly<Record<DriverFamily, Driver>> = {
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
export const FAMILIES: readonly string[] = DRIVER_FAMILIES

/** The driver that serves a family; null for a name that nobody knows. */
export function driverFor(family: string): Driver | null {
  return isDriverFamily(family) ? DRIVERS[family] : null
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
 * What this miner is: its family by signature, or the one given, then its own words. The identity is good until the
 * address answers as another machine.
 */
export async function identifyMiner(
  context: DriverContext,
  options: { family?: string | null } = {},
): Promise<Outcome<Identity>> {
  if (options.family) {
    const driver = driverFor(options.family)
    if (driver === null)
      return fault("unsupported", `Unknown family "${options.family}": one of ${FAMILIES.join(", ")}.`)
    return driver.identify(withLoginOf(context, options.family))
  }
  const detected = await detectDriver(context)
  if (!detected.ok) return detected
  const { driver, detection } = detected.value
  const identity = await driver.identify(withLoginOf(context, detection.family), detection.seen)
  if (!identity.ok) return identity
  const evidence = [...detection.evidence, ...identity.value.evidence]
  return ok({ ...identity.value, confidence: detection.confidence, evidence })
}

function withLoginOf(context: DriverContext, family: string): DriverContext {
  return context.credentialsFor ? { ...context, credentials: context.credentialsFor(family) } : context
}

/** One reading of a miner that was identified before. */
export async function readMiner(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const driver = driverFor(identity.family)
  return driver === null
    ? fault("unsupported", `No driver for the family ${identity.family}.`)
    : driver.read(context, identity)
}
