import type { DriverAction, DriverContext, TempLimits } from "#edge/drivers/driver.ts"
import { COLLECTOR_COMMAND_TIMEOUT_MS, FIRMWARE_LEASE_MS } from "#server/contract/budgets.ts"
import { RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { LimitOverrides } from "../state/limit-overrides.ts"
import type { Located } from "./locate.ts"
import { type PrepareContext, type Prepared, readBackup } from "./prepare.ts"
import { BACKUP_RAN } from "./take-backup.ts"
import { type Verdict, verdict, verdictOf, withoutSecrets } from "./verdict.ts"

export type PerformContext = PrepareContext & {
  siteLimits: () => TempLimits
  overrides: LimitOverrides
}

/** The act itself, once, inside its deadline. What a driver throws leaves the outcome unclear. */
export async function act(
  context: PerformContext,
  lease: LeasedCommand,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<Verdict> {
  const found =
    prepared.work.type === "BACKUP_CONFIG"
      ? await backUp(context, lease, prepared, signal)
      : await drive(context, lease, prepared, signal)
  return withoutSecrets(found, prepared.secrets)
}

async function backUp(
  context: PerformContext,
  lease: LeasedCommand,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<Verdict> {
  const taken = await readBackup(context, lease, prepared, signal)
  if (!taken.ok)
    return taken.unsupported
      ? verdict(RESULT_CODES.SKIPPED, `Skipped: ${taken.message}`)
      : verdict(RESULT_CODES.FAILED, `Failed: the configuration could not be read (${taken.message}).`)
  const pools = taken.backup.config.pools.length
  return verdict(RESULT_CODES.OK, `Configuration read, with ${pools} ${pools === 1 ? "pool" : "pools"}.`, {
    ran: BACKUP_RAN,
    backup: taken.backup,
  })
}

async function drive(
  context: PerformContext,
  lease: LeasedCommand,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<Verdict> {
  const { work } = prepared
  if (work.type === "BACKUP_CONFIG") throw new TypeError("a backup is read, not driven")
  const limits = context.limits(lease.miner_id)
  const found = await driveAction({ ...prepared, action: work, limits }, signal)
  return work.type === "THERMAL_POLICY" ? setLimits(context, lease, work.parameters, found) : found
}

/** One act of a driver on a machine that was met a moment ago, once, inside its deadline. */
export async function driveAction(
  input: Located & { action: DriverAction; limits: TempLimits },
  signal: AbortSignal,
): Promise<Verdict> {
  const { action, limits, address, identity, driver } = input
  const abort = new AbortController()
  const end = () => abort.abort()
  const timer = setTimeout(
    end,
    action.type === "UPDATE_FIRMWARE" ? FIRMWARE_LEASE_MS : COLLECTOR_COMMAND_TIMEOUT_MS,
  )
  signal.addEventListener("abort", end, { once: true })
  const driverContext: DriverContext = { address, credentials: null, limits, signal: abort.signal }
  try {
    return verdictOf(await driver.act(driverContext, identity, action))
  } catch (error) {
    return verdict(
      RESULT_CODES.UNKNOWN,
      `Unknown outcome: the driver failed (${(error as Error).message}).`,
      {
        unclear: true,
      },
    )
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", end)
  }
}

/** The part of a thermal policy that is the collector's: the limits that this machine's health is judged by. */
function setLimits(
  context: PerformContext,
  lease: LeasedCommand,
  policy: { temp_warning_c?: number | undefined; temp_critical_c?: number | undefined },
  fans: Verdict,
): Verdict {
  const { temp_warning_c: warningC, temp_critical_c: criticalC } = policy
  if (warningC === undefined || criticalC === undefined) return fans
  if (fans.result_code !== RESULT_CODES.OK)
    return { ...fans, message: `${fans.message} The temperature limits were not changed.` }
  const before = context.limits(lease.miner_id)
  context.overrides.set(lease.miner_id, { warningC, criticalC }, context.siteLimits())
  const same = before.chipWarningC === warningC && before.chipCriticalC === criticalC
  const said = same
    ? `Chip limits were ${warningC}/${criticalC} °C already.`
    : `Chip limits ${warningC}/${criticalC} °C, before ${before.chipWarningC}/${before.chipCriticalC} °C.`
  return {
    ...fans,
    message: `${fans.message} ${said}`.slice(0, 2_000),
    already: fans.already && same,
    before: {
      ...fans.before,
      temp_warning_c: before.chipWarningC,
      temp_critical_c: before.chipCriticalC,
    },
    after: { ...fans.after, temp_warning_c: warningC, temp_critical_c: criticalC },
  }
}
