import { capabilitiesBy } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { isSince } from "./version.ts"

const NO_MODES = "it has no power modes; DISABLE pauses its mining where the firmware can"

/** Pausing came with AxeOS 2.14 (2026), greeting on the display with 2.12, the list of frequencies with 2.5. */
export function capabilities(identity: Identity): Capabilities {
  const version = identity.firmwareVersion
  const since = (major: number, minor: number, what: string): true | string =>
    isSince(version, major, minor) || `AxeOS ${what} from version ${major}.${minor} on`
  const pause = since(2, 14, "can pause mining")
  return capabilitiesBy(
    identity,
    {
      "REBOOT.soft": true,
      "REBOOT.hard": true,
      ENABLE: pause,
      DISABLE: pause,
      "POWER_MODE.limit": "it takes no power limit in watts; a lower frequency saves power",
      CHANGE_POOL: true,
      SET_FREQ: since(2, 5, "tells which frequencies the board offers"),
      "THERMAL_POLICY.auto": true,
      "THERMAL_POLICY.manual": true,
      "THERMAL_POLICY.immersion": "it has no setting for immersion",
      LED: since(2, 12, "can make its display greet"),
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      UPDATE_FIRMWARE: true,
      SET_LOGIN: "it has no login",
    },
    NO_MODES,
  )
}
