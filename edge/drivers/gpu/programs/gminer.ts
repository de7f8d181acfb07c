import { count, seconds } from "../../transport/coerce.ts"
import { listAt } from "../../transport/http-reads.ts"
import { type GpuProgram, HS } from "../program.ts"

/** `GET /stat`; rates H/s, fans per cent. It tells no total. */
export const gminer: GpuProgram = {
  family: "gpu-gminer",
  name: "GMiner",
  port: 4069,
  ask: { http: ["/stat"] },
  isIt: (body) =>
    /gminer/i.test(String(body.miner)) || ("total_accepted_shares" in body && "devices" in body),
  rowsOf: (body) => ({
    total: body,
    devices: listAt(body, "devices"),
    pool: { url: body.server, user: body.user },
  }),
  versionOf: (body) => /\d[\w.]*/.exec(String(body.miner ?? ""))?.[0],
  fields: {
    accepted_shares: [{ from: "total", key: "total_accepted_shares", as: count }],
    rejected_shares: [{ from: "total", key: "total_rejected_shares", as: count }],
    stale_shares: [{ from: "total", key: "total_stale_shares", as: count }],
    hardware_errors: [{ from: "total", key: "total_invalid_shares", as: count }],
    uptime_seconds: [{ from: "total", key: "uptime", as: seconds }],
  },
  device: {
    id: ["gpu_id"],
    name: ["name"],
    rate: [{ key: "speed", scale: HS }],
    temp: ["temperature"],
    power: ["power_usage"],
    clockMhz: ["core_clock"],
    serial: ["bus_id"],
  },
}
