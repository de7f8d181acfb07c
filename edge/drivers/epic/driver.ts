import { ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy, everyFeature } from "../act-table.ts"
import type { Driver, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { locate, reboot, setFan, setMining } from "./act.ts"
import { backup } from "./backup.ts"
import { sameVersion, updateFirmware } from "./firmware.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { setLogin } from "./login.ts"
import { changePool } from "./pools.ts"
import { read } from "./read.ts"
import { restore } from "./restore.ts"
import { limitPower } from "./tune.ts"

const NO_MODES = "it has no named power modes; its tuner takes a power limit in watts"

const capabilities = (identity: Identity) =>
  capabilitiesBy(
    identity,
    {
      ...everyFeature(true),
      "POWER_MODE.high": NO_MODES,
      "POWER_MODE.normal": NO_MODES,
      "POWER_MODE.eco": NO_MODES,
      SET_FREQ: "its tuner chooses the frequencies itself, for a power limit in watts",
      "THERMAL_POLICY.immersion": "how its fans are told to stand still is not documented",
    },
    "this is not known of it",
  )

/** ePIC's UMC and PowerPlay-BMS: an HTTP API on port 4028, its password in the body of every write. */
export const epicDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act: actBy(
    {
      REBOOT: (context, _identity, { parameters }) => reboot(context, parameters.mode),
      ENABLE: (context) => setMining(context, true),
      DISABLE: (context) => setMining(context, false),
      POWER_MODE: async (context, _identity, { parameters }) => {
        if ("power_limit_w" in parameters) return limitPower(context, parameters.power_limit_w)
        return parameters.mode === "sleep" ? setMining(context, false) : notDone("unsupported", NO_MODES)
      },
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
      LED: (context, _identity, { parameters }) => locate(context, parameters.state === "on"),
      SET_LOGIN: (context, _identity, { parameters }) => setLogin(context, parameters),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
      UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
    },
    capabilities,
  ),
  backup,
  look: async (context, before, action) => {
    if (action.type !== "UPDATE_FIRMWARE") return ok(null)
    const now = await identify(context)
    if (!now.ok) return now
    const version = now.value.firmwareVersion
    if (version === null || before.firmwareVersion === null) return ok(null)
    return ok(sameVersion(version, action.file.version) || version !== before.firmwareVersion)
  },
}
