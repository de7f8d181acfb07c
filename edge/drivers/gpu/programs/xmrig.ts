import { count, positive, seconds } from "../../transport/coerce.ts"
import { objectAt } from "../../transport/http-reads.ts"
import { type GpuProgram, HS } from "../program.ts"

/** `GET /2/summary` (older `/1/summary`); rates H/s, the longest of its three windows as the average. It tells no devices. */
export const xmrig: GpuProgram = {
  family: "gpu-xmrig",
  name: "XMRig",
  port: 4071,
  ask: { http: ["/2/summary", "/1/summary"] },
  isIt: (body) => Array.isArray(objectAt(body, "hashrate").total) && "results" in body,
  rowsOf: (body) => {
    const total = objectAt(body, "hashrate").total
    const windows: readonly unknown[] = Array.isArray(total) ? total : []
    const [tenSeconds, minute, quarter] = [windows[0], windows[1], windows[2]]
    const results = objectAt(body, "results")
    const connection = objectAt(body, "connection")
    const [good, all] = [count(results.shares_good), count(results.shares_total)]
    return {
      total: {
        now: tenSeconds ?? minute ?? quarter,
        average: quarter ?? minute ?? tenSeconds,
        accepted: good,
        rejected: good === null || all === null ? null : Math.max(0, all - good),
        uptime: body.uptime ?? connection.uptime,
        ping: connection.ping,
      },
      devices: [],
      pool: { url: connection.pool, user: connection.user ?? body.worker_id },
      paused: body.paused === true,
    }
  },
  versionOf: (body) => body.version,
  fields: {
    hashrate_ghs: [{ from: "total", key: "average", as: positive, scale: HS }],
    hashrate_5s_ghs: [{ from: "total", key: "now", as: positive, scale: HS }],
    accepted_shares: [{ from: "total", key: "accepted", as: count }],
    rejected_shares: [{ from: "total", key: "rejected", as: count }],
    uptime_seconds: [{ from: "total", key: "uptime", as: seconds }],
  },
  device: { id: [], name: [], rate: [], temp: [], power: [] },
}
