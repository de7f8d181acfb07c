import { type ActTable, actBy, capabilitiesBy, named } from "../act-table.ts"
import { backup, restore } from "../axeos/backup.ts"
import { setFan } from "../axeos/fan.ts"
import { updateFirmware } from "../axeos/firmware.ts"
import { setFrequency } from "../axeos/frequency.ts"
import { identify, NERD_FAMILY } from "../axeos/identify.ts"
import { look } from "../axeos/look.ts"
import { changePool } from "../axeos/pools.ts"
import { read } from "../axeos/read.ts"
import { restartBoard } from "../axeos/restart.ts"
import { getInfo } from "../axeos/web.ts"
import type { Capabilities, Driver, Identity } from "../driver.ts"
import { featureOfAction } from "../feature-of-action.ts"
import { notDone } from "../outcomes.ts"
import { boolean } from "../transport/coerce.ts"
import { enable, shutDown } from "./power.ts"

const ACTS: ActTable = {
  REBOOT: (context) => restartBoard(context),
  ENABLE: (context) => enable(context),
  DISABLE: (context) => shutDown(context),
  CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
  SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters.frequency_mhz),
  THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
}

export function capabilities(identity: Identity): Capabilities {
  return capabilitiesBy(
    identity,
    {
      "REBOOT.soft": true,
      "REBOOT.hard": true,
      ENABLE: true,
      DISABLE: true,
      "POWER_MODE.limit": "it takes no power limit in watts; a lower frequency saves power",
      CHANGE_POOL: true,
      SET_FREQ: true,
      "THERMAL_POLICY.auto": true,
      "THERMAL_POLICY.manual": true,
      "THERMAL_POLICY.immersion": "it has no setting for immersion",
      LED: "how it shows itself is not documented",
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      UPDATE_FIRMWARE: true,
      SET_LOGIN: "it has no login, only one-time codes that its owner switches on",
    },
    "it has no power modes; DISABLE stops its mining until it is enabled again",
  )
}

const act = actBy(ACTS, capabilities)

/** NerdAxe, NerdQAxe+ and NerdOctaxe: a fork of the Bitaxe's firmware with settings of its own. */
export const nerdqaxeDriver: Driver = {
  family: NERD_FAMILY,
  make: "NerdQAxe",
  identify,
  read,
  capabilities,
  act: async (context, identity, action) => {
    const can = capabilities(identity).can(featureOfAction(action))
    if (!can.ok) return { ...can, sent: false }
    const info = await getInfo(context)
    if (!info.ok) return { ok: false, fault: info.fault, sent: false }
    if (boolean(info.value.otp) === true)
      return notDone(
        "unsupported",
        `${named(identity)}: its owner has switched one-time codes on, and nobody can type them here.`,
      )
    return act(context, identity, action)
  },
  backup,
  look,
}
