import { findDevice, listTargets } from "#db/queries/collectors.ts"
import { selectEdgeCredentials } from "#db/queries/credentials.ts"
import { selectLoginRetries } from "#db/queries/credentials-refused.ts"
import { listIdentities } from "#db/queries/edge-devices.ts"
import { findSite } from "#db/queries/sites.ts"
import { type ConfigAnswer, configInputSchema } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { readThermalPolicy } from "../thermal/thermal-config.ts"
import { requireDevice } from "./require-device.ts"

/**
 * What a collector should do, when it differs from the version it has: interval, targets, limits, the commands' cap and
 * kill switch, the logins of the machines as far as they are sealed to it, and the identities of its machines. A version that is newer than ours (the database was restored) differs too.
 */
export async function readEdgeConfig(ctx: Context, input: { have_version: number }): Promise<ConfigAnswer> {
  const { deviceId, siteId } = requireDevice(ctx)
  const { have_version } = parseInput(configInputSchema, input)
  const site = await findSite(ctx.db, siteId)
  if (site?.configVersion === have_version) return { unchanged: true, version: have_version }
  const device = await findDevice(ctx.db, { kind: "sites", siteIds: [siteId] }, deviceId)
  if (!site || !device) throw new DomainError("NOT_FOUND", "There is no such collector.")
  const targets = await listTargets(ctx.db, deviceId, "enabled")
  return {
    unchanged: false,
    version: site.configVersion,
    site: { id: site.id, slug: site.slug, name: site.name, timezone: site.timezone },
    device: { id: device.id, name: device.name },
    poll_interval_s: site.pollIntervalS,
    command_cap: site.commandCap,
    commands_paused: site.commandsPausedAt !== null || device.commandsPausedAt !== null,
    targets: targets.map(({ id, value, webPort, family }) => ({ id, value, web_port: webPort, family })),
    limits: {
      chip_warning_c: site.chipWarningC,
      chip_critical_c: site.chipCriticalC,
      board_warning_c: site.boardWarningC,
      board_critical_c: site.boardCriticalC,
    },
    credentials: await selectEdgeCredentials(ctx.db, { siteId, deviceId }),
    login_retries: await selectLoginRetries(ctx.db, { siteId, deviceId }),
    thermal: await readThermalPolicy(ctx.db, site),
    miners: await listIdentities(ctx.db, siteId, deviceId),
  }
}
