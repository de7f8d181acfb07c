import { count, number, positive, seconds } from "../../transport/coerce.ts"
import { listAt } from "../../transport/http-reads.ts"
import { type GpuProgram, HS } from "../program.ts"

/** `GET /status`; rates H/s, one a pool and device; the first pool counts. */
export const bzminer: GpuProgram = {
  family: "gpu-bzminer",
  name: "BzMiner",
  port: 4014,
  ask: { http: ["/status"] },
  isIt: (body) => "bzminer_version" in body,
  rowsOf: (body) => {
    const pools = listAt(body, "pools", 8)
    const devices = listAt(body, "devices")
    const pool = pools.find((each) => (number(each.status) ?? 1) > 0) ?? pools[0] ?? {}
    return {
      total: {
        accepted: pool.valid_solutions,
        rejected: pool.rejected_solutions,
        stale: pool.stale_solutions,
        uptime: body.uptime_s,
      },
      devices,
      ratesGhs: devices.map(({ hashrate }) => {
        const rate = positive(Array.isArray(hashrate) ? hashrate[0] : hashrate)
        return rate === null ? null : rate * HS
      }),
      pool: { url: pool.current_url ?? pool.url, user: pool.wallet },
    }
  },
  versionOf: (body) => body.bzminer_version,
  fields: {
    accepted_shares: [{ from: "total", key: "accepted", as: count }],
    rejected_shares: [{ from: "total", key: "rejected", as: count }],
    stale_shares: [{ from: "total", key: "stale", as: count }],
    uptime_seconds: [{ from: "total", key: "uptime", as: seconds }],
  },
  device: {
    id: ["id"],
    name: ["name"],
    rate: [{ key: "hashrate", scale: HS }],
    temp: ["core_temp", "temperature", "temp"],
    power: ["power", "power_usage"],
    clockMhz: ["core_clock"],
    serial: ["pci_id"],
  },
}
