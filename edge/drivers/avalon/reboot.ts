import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { number } from "../transport/coerce.ts"
import { acceptedWrite } from "../verified-write.ts"
import { set } from "./ascset.ts"
import { generationOf, isHome } from "./models.ts"
import { readSettings } from "./settings.ts"

/** What the machine was at before, for whoever looks whether it came back. */
async function uptime(context: DriverContext, identity: Identity) {
  const settings = await readSettings({ ...context, retry: [] }, identity)
  return settings.ok ? { uptime_seconds: number(settings.value.mm.Elapsed) } : null
}

export async function restartMining(context: DriverContext, identity: Identity): Promise<ActOutcome> {
  return restartByRpc(context, await uptime(context, identity))
}

/** The control board goes down at once, mostly without an answer. */
export async function rebootBoard(context: DriverContext, identity: Identity): Promise<ActOutcome> {
  const seconds = isHome(generationOf(identity.model)) ? 1 : 0
  const before = await uptime(context, identity)
  return acceptedWrite({
    ran: `ascset 0,reboot,${seconds}`,
    send: () => set(context, `reboot,${seconds}`, { silenceIsYes: true }),
    message: "The miner reboots.",
    before,
  })
}
