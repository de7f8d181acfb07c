import { ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy } from "../act-table.ts"
import type { Driver, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { backup, isRestored, restore } from "./backup.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { blink } from "./light.ts"
import { read } from "./read.ts"
import { reboot } from "./reboot.ts"
import { changePool, enable, setFan, setMode } from "./settings.ts"
import { ELPHAPEX } from "./web.ts"

const capabilities = (identity: Identity) =>
  capabilitiesBy(
    identity,
    {
      "REBOOT.hard": true,
      ENABLE: true,
      DISABLE: true,
      "POWER_MODE.normal": true,
      "POWER_MODE.sleep": true,
      CHANGE_POOL: true,
      "THERMAL_POLICY.auto": true,
      "THERMAL_POLICY.manual": true,
      LED: true,
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      "REBOOT.soft": "it has no restart of mining alone; reboot the machine instead",
      "THERMAL_POLICY.immersion": "it has no setting for immersion",
      SET_FREQ: "which frequency levels its image takes is not documented",
    },
    "its web interface is not documented to do this",
  )

/** Elphapex DG1 and its sisters (Scrypt): Antminer's way of web pages behind a login of their own realm. */
export const elphapexDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: ELPHAPEX.factory.username,
  identify,
  read,
  capabilities,
  act: actBy(
    {
      REBOOT: (context) => reboot(context),
      ENABLE: (context) => enable(context),
      DISABLE: (context) => setMode(context, "sleep"),
      POWER_MODE: async (context, _identity, { parameters }) =>
        "mode" in parameters && (parameters.mode === "normal" || parameters.mode === "sleep")
          ? setMode(context, parameters.mode)
          : notDone("unsupported", "This power is not set on an Elphapex."),
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
      LED: (context, _identity, { parameters }) => blink(context, parameters.state === "on"),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
    },
    capabilities,
  ),
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}
