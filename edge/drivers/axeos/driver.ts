import { type ActTable, actBy } from "../act-table.ts"
import type { Driver } from "../driver.ts"
import { backup, restore } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { setFan } from "./fan.ts"
import { updateFirmware } from "./firmware.ts"
import { setFrequency } from "./frequency.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { identifyItself } from "./locate.ts"
import { look } from "./look.ts"
import { changePool } from "./pools.ts"
import { setPaused } from "./power.ts"
import { read } from "./read.ts"
import { restartBoard } from "./restart.ts"

const ACTS: ActTable = {
  REBOOT: (context) => restartBoard(context),
  ENABLE: (context) => setPaused(context, false),
  DISABLE: (context) => setPaused(context, true),
  CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
  SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters.frequency_mhz),
  THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
  LED: (context, _identity, { parameters }) => identifyItself(context, parameters.state === "on"),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
}

/** Bitaxe, its clones and Lucky Miners: everything over HTTP on port 80, one request at a time. */
export const axeosDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act: actBy(ACTS, capabilities),
  backup,
  look,
}
