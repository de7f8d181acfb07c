import { count, number, seconds } from "../../transport/coerce.ts"
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
    const pool = pools.find((each) => (number(each.status) ?? 1) > 0) ?? pools[0] ?? {}
    return {
      total: { ...pool, uptime: body.uptime_s },
      devices: listAt(body, "devices").map((row) => ({
        ...row,
        hashrate: Array.isArray(row.hashrate) ? row.hashrate[0] : row.hashrate,
      })),
      pool: { url: pool.current_url ?? pool.url, user: pool.wallet },
      version: body.bzminer_version,
    }
  },
  fields: {
    accepted_shares: [{ from: "total", key: "valid_solutions", as: count }],
    rejected_shares: [{ from: "total", key: "rejected_solutions", as: count }],
    stale_shares: [{ from: "total", key: "stale_solutions", as: count }],
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
