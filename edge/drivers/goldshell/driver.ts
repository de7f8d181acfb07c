import { ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy } from "../act-table.ts"
import type { Driver, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { backup, isRestored, restore } from "./backup.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { changePool } from "./pools.ts"
import { read } from "./read.ts"
import { enable, setLight, setMode } from "./settings.ts"
import { GOLDSHELL } from "./web.ts"

const NO_FANS = "it controls its fans by itself"

const capabilities = (identity: Identity) =>
  capabilitiesBy(
    identity,
    {
      ENABLE: true,
      DISABLE: true,
      "POWER_MODE.normal": true,
      "POWER_MODE.eco": true,
      "POWER_MODE.sleep": true,
      CHANGE_POOL: true,
      LED: true,
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      "POWER_MODE.high": "what its plan of level 2 means is not documented",
      "POWER_MODE.limit": "it takes no power limit in watts",
      "THERMAL_POLICY.auto": NO_FANS,
      "THERMAL_POLICY.manual": NO_FANS,
      "THERMAL_POLICY.immersion": NO_FANS,
    },
    "its web interface is not documented to do this",
  )

/** Goldshell boxes: rates on port 4028, settings on a web interface with a token. */
export const goldshellDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: GOLDSHELL.factory.username,
  identify,
  read,
  capabilities,
  act: actBy(
    {
      ENABLE: (context) => enable(context),
      DISABLE: (context) => setMode(context, "sleep"),
      POWER_MODE: async (context, _identity, { parameters }) =>
        "mode" in parameters && parameters.mode !== "high"
          ? setMode(context, parameters.mode)
          : notDone("unsupported", "This power is not set on a Goldshell."),
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      LED: (context, _identity, { parameters }) => setLight(context, parameters.state === "on"),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
    },
    capabilities,
  ),
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}
