import { antminerAct } from "../antminer/act.ts"
import { backup } from "../antminer/backup.ts"
import { MAKE } from "../antminer/identify.ts"
import { antminerLook } from "../antminer/look.ts"
import { read } from "../antminer/read.ts"
import { ANTMINER } from "../antminer/web.ts"
import type { Driver } from "../driver.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify } from "./identify.ts"

/** Hiveon on Antminers: the stock interfaces, and the machine's whole power in `stats`. */
export const hiveonDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: ANTMINER.factory.username,
  identify,
  read,
  capabilities,
  act: antminerAct(capabilities),
  backup: async (context, identity) => {
    const can = capabilities(identity).can("BACKUP_CONFIG")
    return can.ok ? backup(context, identity) : can
  },
  look: antminerLook(capabilities),
}
