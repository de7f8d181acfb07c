import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { text } from "../transport/coerce.ts"
import { asObject, type HttpReads, listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { protoErrors } from "./errors.ts"
import { mapRig } from "./map.ts"
import { keepSlow, type Slow, slowOf } from "./slow.ts"
import { API, protoReads } from "./web.ts"

/** Five requests, and two more every five minutes. A rig that has not started tells no mining, and that is no fault. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const reads = protoReads(context)
  const mining = await reads.value(`${API}/mining`)
  if (!mining.ok) return mining
  const status = mining.value === null ? ok(null) : asObject(mining.value, "/mining")
  if (!status.ok) return status
  const parts: unknown[] = []
  for (const path of ["telemetry?level=miner,hashboard,psu", "cooling", "pools", "errors"]) {
    const part = await reads.value(`${API}/${path}`)
    if (!part.ok && part.fault.kind !== "unsupported") return part
    parts.push(part.ok ? part.value : undefined)
  }
  const [telemetry, cooling, pools, errors] = parts
  const told = objectAt({ telemetry }, "telemetry")
  const slow = await slowly(context, reads, told)
  if (!slow.ok) return slow
  const poolList = objectAt({ pools }, "pools")
  const mapped = mapRig({
    mining: status.value === null ? null : objectAt(status.value, "mining-status"),
    telemetry: told,
    cooling: objectAt({ cooling }, "cooling", "cooling-status"),
    pools: Array.isArray(poolList.pools) ? listAt(poolList, "pools", 16) : null,
    slow: slow.value,
  })
  return ok(
    completeReading(context, identity, {
      ...mapped,
      errors: protoErrors(errors),
      latency_ms: reads.latencyMs(),
    }),
  )
}

async function slowly(context: DriverContext, reads: HttpReads, telemetry: Row): Promise<Outcome<Slow>> {
  const nowMs = context.now?.() ?? performance.now()
  const serials = listAt(telemetry, "hashboards", 32).flatMap((board) => text(board.serial_number, 128) ?? [])
  const kept = slowOf(context.address, nowMs, serials)
  if (kept !== null) return ok(kept)
  const hardware = await reads.object(`${API}/hardware`)
  if (!hardware.ok && hardware.fault.kind !== "unsupported") return hardware
  const target = await reads.object(`${API}/mining/target`)
  if (!target.ok && target.fault.kind !== "unsupported") return target
  const boards = hardware.ok ? listAt(objectAt(hardware.value, "hardware-info"), "hashboards-info", 32) : []
  const slow = { boards, target: target.ok ? target.value : null }
  keepSlow(context.address, nowMs, slow)
  return ok(slow)
}
