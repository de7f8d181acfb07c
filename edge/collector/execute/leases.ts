import type { LeasedCommand } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { asGatewayError } from "../client/gateway-error.ts"
import type { GatewayApi } from "../ports.ts"

/** A third of the lease: two renewals may get lost. */
const RENEW_EVERY_MS = 20_000
const LEASES_A_REQUEST = 500

/** The leases of what runs here, held by renewing them. */
export type Leases = {
  /** An older lease of a held row changes nothing. */
  hold: (lease: LeasedCommand) => void
  /** The newest lease of a held row. */
  current: (id: string) => LeasedCommand | null
  adopt: (lease: LeasedCommand) => void
  release: (id: string) => void
  size: () => number
  stop: () => void
}

export function startLeases(options: { gateway: () => GatewayApi; log: Log; signal: AbortSignal }): Leases {
  const held = new Map<string, LeasedCommand>()
  const renewSome = async (asked: { id: string; fencing_token: string }[]) => {
    try {
      const answer = await options.gateway().renew(asked, options.signal)
      for (const { id, lease_until } of answer.leases) {
        const lease = held.get(id)
        if (lease === undefined || lease.fencing_token !== asked.find((a) => a.id === id)?.fencing_token)
          continue
        if (lease_until === null)
          options.log.warn({ edge_row: id }, "the lease of a running command was taken away")
        held.set(id, { ...lease, lease_until: lease_until ?? new Date(0).toISOString() })
      }
    } catch (error) {
      options.log.debug({ reason: asGatewayError(error).message }, "leases could not be renewed")
    }
  }
  const renew = async () => {
    const asked = [...held.values()].map(({ id, fencing_token }) => ({ id, fencing_token }))
    for (let from = 0; from < asked.length; from += LEASES_A_REQUEST)
      await renewSome(asked.slice(from, from + LEASES_A_REQUEST))
  }
  const hold = (lease: LeasedCommand) => {
    const known = held.get(lease.id)
    if (known === undefined || BigInt(known.fencing_token) <= BigInt(lease.fencing_token))
      held.set(lease.id, lease)
  }
  const timer = setInterval(renew, RENEW_EVERY_MS)
  return {
    hold,
    current: (id) => held.get(id) ?? null,
    adopt: (lease) => {
      if (held.has(lease.id)) hold(lease)
    },
    release: (id) => {
      held.delete(id)
    },
    size: () => held.size,
    stop: () => clearInterval(timer),
  }
}
