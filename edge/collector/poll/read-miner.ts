import type {
  Driver,
  DriverContext,
  Identity,
  MinerAddress,
  Reading,
  TempLimits,
} from "#edge/drivers/driver.ts"
import { POLL_BUDGET_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome } from "#server/contract/driver-faults.ts"
import type { Drivers } from "../ports.ts"
import { worthRetrying } from "./poll-plan.ts"

const RETRY_LEAST_MS = 2_000

/**
 * Runs `ask` with a context whose signal fires after `budgetMs` or with `stop`. What a driver throws against its own
 * promise becomes a fault, so that one broken answer costs one sample and not the collector.
 */
export async function withContext<T>(
  input: { address: MinerAddress; limits: TempLimits; stop: AbortSignal; budgetMs: number },
  ask: (context: DriverContext) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const abort = new AbortController()
  const end = () => abort.abort()
  const timer = setTimeout(end, input.budgetMs)
  input.stop.addEventListener("abort", end, { once: true })
  if (input.stop.aborted) end()
  try {
    return await ask({
      address: input.address,
      credentials: null,
      limits: input.limits,
      signal: abort.signal,
    })
  } catch (error) {
    return abort.signal.aborted
      ? fault("timeout", `no answer within ${input.budgetMs / 1000} s`)
      : fault("garbled", `the driver failed: ${(error as Error).message}`)
  } finally {
    clearTimeout(timer)
    input.stop.removeEventListener("abort", end)
  }
}

/** One reading inside the poll budget, its one retry included. */
export async function readMiner(input: {
  driver: Driver
  identity: Identity
  address: MinerAddress
  limits: TempLimits
  retry: boolean
  random: () => number
  stop: AbortSignal
}): Promise<Outcome<Reading>> {
  const began = performance.now()
  const attempt = () =>
    withContext({ ...input, budgetMs: POLL_BUDGET_MS - (performance.now() - began) }, (context) =>
      input.driver.read(context, input.identity),
    )
  const first = await attempt()
  if (first.ok || !input.retry || !worthRetrying(first.fault) || input.stop.aborted) return first
  const leftMs = POLL_BUDGET_MS - (performance.now() - began)
  if (leftMs < RETRY_LEAST_MS) return first
  await new Promise((resolve) => setTimeout(resolve, 250 + 500 * input.random()))
  return input.stop.aborted ? first : attempt()
}

/** Who answers at an address. */
export function identifyAt(input: {
  drivers: Drivers
  address: MinerAddress
  family: string | null
  limits: TempLimits
  stop: AbortSignal
}): Promise<Outcome<Identity>> {
  return withContext({ ...input, budgetMs: POLL_BUDGET_MS }, (context) =>
    input.drivers.identify(context, input.family),
  )
}
