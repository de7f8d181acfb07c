import type { EdgeEventInput } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import type { GatewayApi } from "../ports.ts"

const MAX_WAITING = 100

/** What the collector has to tell besides samples. Kept in memory until the gateway has it, oldest dropped. */
export type EdgeEvents = {
  tell: (type: EdgeEventInput["type"], severity: EdgeEventInput["severity"], message: string) => void
  /** Lost samples are summed up and told with the next `flush`, not one by one. */
  countDropped: (samples: number) => void
  countQuarantined: (samples: number, reason: string) => void
  /** Sends what waits; called with every heartbeat. Stops at the first failure. */
  flush: (signal?: AbortSignal) => Promise<void>
}

export function createEdgeEvents(options: {
  instanceId: string
  log: Log
  iso: () => string
  gateway: () => GatewayApi
}): EdgeEvents {
  const waiting: EdgeEventInput[] = []
  let droppedSamples = 0
  const quarantined = new Map<string, number>()

  const tell: EdgeEvents["tell"] = (type, severity, message) => {
    waiting.push({
      instance_id: options.instanceId,
      type,
      severity,
      message: message.slice(0, 1_000),
      at: options.iso(),
    })
    if (waiting.length > MAX_WAITING) waiting.shift()
  }
  const tellSums = () => {
    if (droppedSamples > 0)
      tell(
        "spool_dropped",
        "critical",
        `${droppedSamples} samples dropped: the spool is full or they are a day old.`,
      )
    droppedSamples = 0
    for (const [reason, samples] of quarantined)
      tell("quarantined", "warning", `${samples} samples refused by the server: ${reason}.`)
    quarantined.clear()
  }
  return {
    tell,
    countDropped: (samples) => {
      droppedSamples += samples
    },
    countQuarantined: (samples, reason) => {
      quarantined.set(reason, (quarantined.get(reason) ?? 0) + samples)
    },
    flush: async (signal) => {
      tellSums()
      while (waiting.length > 0) {
        const event = waiting[0] as EdgeEventInput
        try {
          await options.gateway().event(event, signal)
        } catch (error) {
          const failure = asGatewayError(error)
          const hopeless = failure.code === "INVALID" || failure.code === "NOT_FOUND"
          if (!hopeless || isRevoked(failure)) return
          options.log.warn({ event: event.type, reason: failure.message }, "the server refused an event")
        }
        if (waiting[0] === event) waiting.shift()
      }
    },
  }
}
