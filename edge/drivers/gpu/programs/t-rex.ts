import { count, positive, seconds } from "../../transport/coerce.ts"
import { listAt, objectAt } from "../../transport/http-reads.ts"
import { type GpuProgram, HS } from "../program.ts"

/** `GET /summary`; rates H/s, fans per cent. */
export const trex: GpuProgram = {
  family: "gpu-trex",
  name: "T-Rex",
  port: 4067,
  ask: { http: ["/summary"] },
  isIt: (body) => /^t-?rex/i.test(String(body.name)) || ("gpus" in body && "active_pool" in body),
  rowsOf: (body) => {
    const pool = objectAt(body, "active_pool")
    return {
      total: body,
      devices: listAt(body, "gpus"),
      pool: { url: pool.url, user: pool.user },
      paused: body.paused === true,
    }
  },
  versionOf: (body) => body.version,
  fields: {
    hashrate_ghs: [{ from: "total", key: "hashrate", as: positive, scale: HS }],
    accepted_shares: [{ from: "total", key: "accepted_count", as: count }],
    rejected_shares: [{ from: "total", key: "rejected_count", as: count }],
    hardware_errors: [{ from: "total", key: "invalid_count", as: count }],
    uptime_seconds: [{ from: "total", key: "uptime", as: seconds }],
  },
  device: {
    id: ["device_id", "gpu_id"],
    name: ["name"],
    rate: [{ key: "hashrate", scale: HS }],
    temp: ["temperature"],
    power: ["power"],
    clockMhz: ["cclock"],
    serial: ["uuid"],
    paused: ["paused"],
  },
}
