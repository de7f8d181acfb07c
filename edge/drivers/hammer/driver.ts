import { ok } from "#server/contract/driver-faults.ts"
import { capabilitiesBy, everyFeature } from "../act-table.ts"
import { antminerAct } from "../antminer/act.ts"
import { backup } from "../antminer/backup.ts"
import { antminerLook } from "../antminer/look.ts"
import { ANTMINER } from "../antminer/web.ts"
import { HAMMER, identifyBlack, MAKES } from "../blackminer/identify.ts"
import { readBlack } from "../blackminer/read.ts"
import { atCommandPort } from "../blackminer/rpc.ts"
import type { Driver, Identity } from "../driver.ts"
import { readByWeb, restMode } from "./by-web.ts"

const capabilities = (identity: Identity) =>
  capabilitiesBy(
    identity,
    {
      ...everyFeature(true),
      "POWER_MODE.high": "its high power mode is not documented",
      "POWER_MODE.eco": "its low power mode is not documented",
      "POWER_MODE.limit": "its web interface takes no power limit in watts",
      "THERMAL_POLICY.immersion": "it has no setting for immersion",
      SET_FREQ: "which frequency levels its image takes is not documented",
      UPDATE_FIRMWARE: "which images its upgrade page takes is not documented; update it by hand",
    },
    "this is not known of it",
  )

const act = antminerAct(capabilities)
const look = antminerLook(capabilities)

/** Hammer D10 (Scrypt): commands on port 8359 that read, and the web interface of newer Antminers under another realm. */
export const hammerDriver: Driver = {
  family: HAMMER,
  make: MAKES[HAMMER]!,
  factoryUser: ANTMINER.factory.username,
  identify: (context, seen) => identifyBlack(context, HAMMER, seen),
  read: (context, identity) => readBlack(context, identity, { instead: readByWeb, atRest: restMode }),
  capabilities,
  act: (context, identity, action) => act(atCommandPort(context), identity, action),
  backup: (context, identity) => backup(context, identity),
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? look(atCommandPort(context), before, action) : ok(null),
}
