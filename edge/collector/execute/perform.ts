import type {
  ActOutcome,
  Driver,
  DriverContext,
  Identity,
  MinerAddress,
  TempLimits,
} from "#edge/drivers/driver.ts"
import { COLLECTOR_COMMAND_TIMEOUT_MS } from "#server/contract/budgets.ts"
import {
  type CommandAction,
  commandActionSchema,
  RESULT_CODES,
  type ResultCode,
} from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { IdentityMap } from "../poll/identity-map.ts"
import { identifyAt } from "../poll/read-miner.ts"
import type { Drivers } from "../ports.ts"
import { checkTarget } from "./check-target.ts"
import type { Finding } from "./journal.ts"
import { neighbourMac } from "./neighbour-mac.ts"

/** An end of a command, without its times. `unclear`: the request went out and nobody knows what became of it. */
export type Verdict = Omit<Finding, "started_at" | "finished_at"> & { unclear: boolean }

export function verdict(result_code: ResultCode, message: string, more: Partial<Verdict> = {}): Verdict {
  return {
    result_code,
    message: message.slice(0, 2_000),
    ran: null,
    before: null,
    after: null,
    unclear: false,
    ...more,
  }
}

export type Prepared = { address: MinerAddress; identity: Identity; driver: Driver; action: CommandAction }
export type PerformContext = {
  drivers: Drivers
  identities: IdentityMap
  limits: () => TempLimits
  signal: AbortSignal
}

/** Everything that can be known before acting: parameters, address, the machine's identity, what this unit can do. */
export async function prepare(context: PerformContext, lease: LeasedCommand): Promise<Prepared | Verdict> {
  const action = commandActionSchema.safeParse({ type: lease.type, parameters: lease.parameters })
  if (!action.success)
    return verdict(
      RESULT_CODES.REJECTED,
      `Rejected: the parameters are not valid (${action.error.issues[0]?.message ?? "unknown"}).`,
    )
  const known = context.identities.byId(lease.miner_id)
  const address = addressOf(lease, known?.address ?? null)
  if (address === null) return verdict(RESULT_CODES.FAILED, "Not run: the machine's address is not known.")
  const found = await identifyAt({
    drivers: context.drivers,
    address,
    family: known?.identity?.family ?? null,
    limits: context.limits(),
    stop: context.signal,
  })
  if (!found.ok)
    return verdict(
      RESULT_CODES.FAILED,
      `Not run: the machine does not answer (${found.fault.kind}: ${found.fault.message}).`,
    )
  const target = checkTarget({ lease, known, found: found.value, arpMac: () => neighbourMac(address.host) })
  if (!target.ok) return verdict(RESULT_CODES.REJECTED, target.message)
  const driver = context.drivers.driverOf(found.value.family)
  const can = driver?.capabilities(found.value).can(action.data)
  if (driver === null || can === undefined)
    return verdict(RESULT_CODES.SKIPPED, `Skipped: no driver for ${found.value.family}.`)
  if (!can.ok) return verdict(RESULT_CODES.SKIPPED, `Skipped: ${can.fault.message}`)
  return { address, identity: found.value, driver, action: action.data }
}

function addressOf(lease: LeasedCommand, known: MinerAddress | null): MinerAddress | null {
  if (known !== null) return known
  return lease.ip_address === null ? null : { host: lease.ip_address, rpcPort: 4028, webPort: 80 }
}

/** The act itself, once, inside the collector's command deadline. What a driver throws leaves the outcome unclear. */
export async function act(context: PerformContext, prepared: Prepared): Promise<Verdict> {
  const abort = new AbortController()
  const end = () => abort.abort()
  const timer = setTimeout(end, COLLECTOR_COMMAND_TIMEOUT_MS)
  context.signal.addEventListener("abort", end, { once: true })
  const driverContext: DriverContext = {
    address: prepared.address,
    credentials: null,
    limits: context.limits(),
    signal: abort.signal,
  }
  try {
    return ofOutcome(await prepared.driver.act(driverContext, prepared.identity, prepared.action))
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
    context.signal.removeEventListener("abort", end)
  }
}

function ofOutcome(outcome: ActOutcome): Verdict {
  if (outcome.ok) {
    const { ran, message, verified, before, after } = outcome.value
    const text = verified ? message : `${message} (accepted, not read back)`
    return verdict(RESULT_CODES.OK, text, { ran: ran.slice(0, 128), before, after })
  }
  const { kind, message } = outcome.fault
  if (outcome.sent && (kind === "timeout" || kind === "refused" || kind === "garbled"))
    return verdict(RESULT_CODES.UNKNOWN, `Unknown outcome: ${message}`, { unclear: true })
  if (kind === "unsupported") return verdict(RESULT_CODES.SKIPPED, `Skipped: ${message}`)
  if (kind === "auth") return verdict(RESULT_CODES.REJECTED, `Rejected: needs login: ${message}`)
  if (kind === "busy") return verdict(RESULT_CODES.BUSY, `Busy: ${message}`)
  return verdict(RESULT_CODES.FAILED, `Failed: ${kind}: ${message}`)
}
