import { count, positive, seconds } from "../../transport/coerce.ts"
import { listAt, objectAt } from "../../transport/http-reads.ts"
import type { Row } from "../../transport/reply.ts"
import { type GpuProgram, HS } from "../program.ts"

/** `GET /`; rates H/s. Totals stand in the answer itself or in its first algorithm. */
export const srbminer: GpuProgram = {
  family: "gpu-srbminer",
  name: "SRBMiner",
  port: 21_555,
  ask: { http: ["/"] },
  isIt: (body) =>
    ("algorithms" in body || "algorithm" in body) &&
    ("gpu_devices" in body || "cpu_devices" in body || ("devices" in body && "shares" in body)),
  rowsOf: (body) => {
    const algorithm = listAt(body, "algorithms", 4)[0] ?? {}
    const own = (key: string) => (key in body ? body : algorithm)
    const rates = objectAt(own("hashrate"), "hashrate")
    const shares = objectAt(own("shares"), "shares")
    const pool = own("pool").pool
    const named = typeof pool === "object" && pool !== null ? (pool as Row) : { pool }
    const gpuRates = objectAt(rates, "gpu")
    const devices = [...listAt(body, "devices"), ...listAt(body, "gpu_devices")]
    return {
      total: {
        rate: rates.total ?? gpuRates.total ?? objectAt(rates, "cpu").total ?? rates["1min"],
        accepted: shares.accepted,
        rejected: shares.rejected,
        uptime: body.uptime ?? body.mining_time,
      },
      devices,
      ratesGhs: devices.map((row, at) => {
        const rate = positive(row.hashrate ?? gpuRates[String(row.device ?? `gpu${at}`)])
        return rate === null ? null : rate * HS
      }),
      pool: { url: named.pool ?? named.url, user: named.wallet ?? named.user },
    }
  },
  versionOf: (body) => body.version ?? body.miner_version,
  fields: {
    hashrate_ghs: [{ from: "total", key: "rate", as: positive, scale: HS }],
    accepted_shares: [{ from: "total", key: "accepted", as: count }],
    rejected_shares: [{ from: "total", key: "rejected", as: count }],
    uptime_seconds: [{ from: "total", key: "uptime", as: seconds }],
  },
  device: {
    id: ["id"],
    name: ["model", "name"],
    rate: [{ key: "hashrate", scale: HS }],
    temp: ["temperature"],
    power: ["power", "asic_power"],
    fanRpm: ["fan_speed_rpm"],
    clockMhz: ["core_clock"],
    serial: ["bus_id"],
  },
}
