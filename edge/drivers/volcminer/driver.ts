import { ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy } from "../act-table.ts"
import { identifyBlack, MAKES, VOLCMINER } from "../blackminer/identify.ts"
import { readBlack } from "../blackminer/read.ts"
import type { Driver, Identity } from "../driver.ts"
import { backup, isRestored, restore } from "./backup.ts"
import { readByWeb } from "./by-web.ts"
import { reboot } from "./reboot.ts"
import { setLogin } from "./set-login.ts"
import { changePool, setFan } from "./settings.ts"
import { VOLC } from "./web.ts"

const NO_SLEEP = "it has no sleep mode, so mining cannot be paused or resumed"
const NO_MODES = "it has no power modes"

const capabilities = (identity: Identity) =>
  capabilitiesBy(
    identity,
    {
      "REBOOT.hard": true,
      CHANGE_POOL: true,
      "THERMAL_POLICY.auto": true,
      "THERMAL_POLICY.manual": true,
      SET_LOGIN: true,
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      "REBOOT.soft": "it has no restart of mining alone; reboot the machine instead",
      ENABLE: NO_SLEEP,
      DISABLE: NO_SLEEP,
      "POWER_MODE.sleep": NO_SLEEP,
      "POWER_MODE.normal": NO_MODES,
      "POWER_MODE.eco": NO_MODES,
      "POWER_MODE.high": NO_MODES,
      "POWER_MODE.limit": "it takes no power limit in watts",
      "THERMAL_POLICY.immersion": "it has no setting for immersion",
      LED: "it has no light that its web interface switches",
      SET_FREQ: "which frequencies it takes is not documented",
    },
    "its web interface is not documented to do this",
  )

/** VolcMiner D1 (Scrypt): commands on port 8359 that read, and a web interface that takes one form for all settings. */
export const volcminerDriver: Driver = {
  family: VOLCMINER,
  make: MAKES[VOLCMINER]!,
  factoryUser: VOLC.factory.username,
  identify: (context, seen) => identifyBlack(context, VOLCMINER, seen),
  read: (context, identity) => readBlack(context, identity, { instead: readByWeb }),
  capabilities,
  act: actBy(
    {
      REBOOT: (context) => reboot(context),
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
      SET_LOGIN: (context, _identity, { parameters }) => setLogin(context, parameters),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
    },
    capabilities,
  ),
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}
