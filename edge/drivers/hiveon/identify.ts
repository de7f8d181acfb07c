import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { identify as identifyAntminer } from "../antminer/identify.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"

export const FAMILY = "hiveon"

/** As an Antminer, whose two interfaces Hiveon keeps, under its own name and version. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const version = seen?.version ?? (await versionRow(context))
  const known: Seen = { devdetails: seen?.devdetails ?? null, version }
  const antminer = await identifyAntminer(context, known)
  if (!antminer.ok) return antminer
  const { model, firmwareVersion } = antminer.value
  return ok({
    ...antminer.value,
    family: FAMILY,
    model: model?.replace(/\s*hiveon.*$/i, "").trim() || null,
    firmware: "Hiveon",
    firmwareVersion: hiveonVersion(version) ?? firmwareVersion,
  })
}

async function versionRow(context: DriverContext): Promise<Row | null> {
  const reply = await rpcSession(context).read("version")
  return reply.ok ? (rows(reply.value.body, "VERSION")[0] ?? null) : null
}

/** The figure beside its name, whichever key of `version` holds it. */
function hiveonVersion(version: Row | null): string | null {
  for (const [key, value] of Object.entries(version ?? {})) {
    const said = text(value, 128)
    const beside = /hiveon[^\d\s]*[\s_v-]*(\d[\w.@-]*)/i.exec(said ?? "")?.[1]
    if (beside !== undefined) return beside
    if (/^hiveon/i.test(key) && said !== null) return said
  }
  return null
}
