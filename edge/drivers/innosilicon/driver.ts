import { ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy } from "../act-table.ts"
import type { ActOutcome, Driver, DriverContext, Identity } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { acceptedWrite } from "../verified-write.ts"
import { backup, isRestored, restore } from "./backup.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { changePool } from "./pools.ts"
import { read } from "./read.ts"
import { INNOSILICON, readApi, writeApi } from "./web.ts"

const NO_WAY_BACK = "its power-off cannot be taken back over the network, so mining is not paused"

const capabilities = (identity: Identity) =>
  capabilitiesBy(
    identity,
    {
      "REBOOT.soft": true,
      "REBOOT.hard": true,
      CHANGE_POOL: true,
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      ENABLE: NO_WAY_BACK,
      DISABLE: NO_WAY_BACK,
      "POWER_MODE.sleep": NO_WAY_BACK,
    },
    "its web interface is not documented to do this",
  )

/** Reading first proves the login. */
async function restart(context: DriverContext, mode: "soft" | "hard"): Promise<ActOutcome> {
  const type = await readApi(context, "type")
  if (!type.ok) return { ok: false, fault: type.fault, sent: false }
  const summary = await rpcSession({ ...context, retry: [] }).read("summary")
  const row = summary.ok ? rows(summary.value.body, "SUMMARY")[0] : undefined
  const command = mode === "hard" ? "reboot" : "restartCgMiner"
  return acceptedWrite({
    ran: command,
    send: () => writeApi(context, command),
    message: mode === "hard" ? "The machine takes the reboot." : "The machine restarts mining.",
    before: row === undefined ? null : { uptime_seconds: seconds(row.Elapsed) },
    dropIsYes: mode === "hard",
  })
}

/** Innosilicon A and T: totals on port 4028, settings on a web interface with a token. */
export const innosiliconDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: INNOSILICON.factory.username,
  identify,
  read,
  capabilities,
  act: actBy(
    {
      REBOOT: (context, _identity, { parameters }) => restart(context, parameters.mode),
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
    },
    capabilities,
  ),
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}
