import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { readTotals } from "../cgminer-totals.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { mapBoards, mapFans, mapInfos, modeOf, powerOf } from "./map.ts"
import { goldshellFacts } from "./models.ts"
import { goldReads } from "./web.ts"

/** Port 4028 for rates, boards and pools; the web interface for watts and the power plan, and a refused login costs these. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const totals = await readTotals(rpc, "devdetails")
  if (!totals.ok) return totals
  const { mapped, devs, details } = totals.value
  const web = goldReads(context)
  const infos = await web.object("/mcb/cgminer?cgminercmd=devs")
  if (mapped === null) {
    if (!infos.ok) return infos
    const setting = await web.object("/mcb/setting")
    const mode = setting.ok ? modeOf(setting.value) : null
    return ok(
      completeReading(context, identity, {
        ...mapInfos(infos.value),
        mining: mode === "sleep" ? false : null,
        power_mode: mode,
        power_consumption: powerOf(infos.value),
        error_message:
          "Its command port is shut, and its web interface tells rates without their unit: the hashrate is unknown.",
        latency_ms: web.latencyMs(),
      }),
    )
  }
  const setting = infos.ok || infos.fault.kind === "unsupported" ? await web.object("/mcb/setting") : infos
  const boards = mapBoards(devs, details, identity.model)
  const mode = setting.ok ? modeOf(setting.value) : null
  return ok(
    completeReading(context, identity, {
      ...mapped,
      mining: mapped.mining ?? (mode === "sleep" ? false : null),
      boards,
      boards_total: Math.max(boards.length, goldshellFacts(identity.model)?.boards ?? 0) || null,
      fan_speeds: mapFans(devs) ?? (infos.ok ? mapInfos(infos.value).fan_speeds : null) ?? null,
      power_mode: mode,
      power_consumption: (infos.ok ? powerOf(infos.value) : null) ?? mapped.power_consumption ?? null,
      latency_ms: rpc.latencyMs(),
    }),
  )
}
