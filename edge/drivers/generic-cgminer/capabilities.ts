import type { CommandFeature } from "#server/contract/commands.ts"
import { fault, ok } from "#server/contract/driver-faults.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { FAMILY } from "./identify.ts"

/** Why the common protocol cannot, behind the machine's name; null: it can, where the machine grants privileged commands. */
const WHY: Record<CommandFeature, string | null> = {
  "REBOOT.soft": null,
  "REBOOT.hard": "the protocol restarts the mining process only, not the control board",
  ENABLE: "the protocol pauses single chips for the running process only, not the machine",
  DISABLE: "the protocol pauses single chips for the running process only, not the machine",
  "POWER_MODE.high": "the protocol knows no power modes",
  "POWER_MODE.normal": "the protocol knows no power modes",
  "POWER_MODE.eco": "the protocol knows no power modes",
  "POWER_MODE.sleep": "the protocol knows no power modes",
  "POWER_MODE.limit": "the protocol knows no power limit",
  CHANGE_POOL:
    "the protocol adds pools to the running process only, which forgets them at its next start, and never tells passwords to keep",
  SET_FREQ: "the names and units of its frequency option differ from vendor to vendor",
  "THERMAL_POLICY.auto": "the names and units of its fan option differ from vendor to vendor",
  "THERMAL_POLICY.manual": "the names and units of its fan option differ from vendor to vendor",
  "THERMAL_POLICY.immersion": "the names and units of its fan option differ from vendor to vendor",
  LED: "most vendors' builds do not know the protocol's way to light a device",
  BACKUP_CONFIG: "the protocol does not tell the passwords of the pools, so no backup could be restored",
  RESTORE_CONFIG: "the protocol cannot set a whole configuration",
  UPDATE_FIRMWARE: "the protocol takes no firmware",
  SET_LOGIN: "the protocol has no login",
}

/** Another vendor's firmware is only read through the common protocol, whatever it would allow. */
export function capabilities(identity: Identity): Capabilities {
  const { family, make, model, firmware, firmwareVersion } = identity
  const name = `${model ?? make} (${[firmware, firmwareVersion].filter(Boolean).join(" ") || "firmware not told"})`
  return {
    can: (feature) => {
      if (family !== FAMILY)
        return fault("unsupported", `${name}: commands for ${family} come with its own driver.`)
      const why = WHY[feature]
      return why === null ? ok(true) : fault("unsupported", `${name}: ${why}.`)
    },
  }
}
