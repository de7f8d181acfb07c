import { count, positive } from "../../transport/coerce.ts"
import { listAt, objectAt } from "../../transport/http-reads.ts"
import { type GpuProgram, HS } from "../program.ts"

/** `GET /api/v1/status`; rates H/s as texts, fans per cent. It tells when it began, by the rig's clock, and no uptime. */
export const nbminer: GpuProgram = {
  family: "gpu-nbminer",
  name: "NBMiner",
  port: 4070,
  ask: { http: ["/api/v1/status"] },
  isIt: (body) => "devices" in objectAt(body, "miner") && "stratum" in body,
  rowsOf: (body) => {
    const miner = objectAt(body, "miner")
    const stratum = objectAt(body, "stratum")
    return {
      total: { ...stratum, ...miner },
      devices: listAt(miner, "devices"),
      pool: { url: stratum.url, user: stratum.user },
      version: body.version,
    }
  },
  fields: {
    hashrate_ghs: [{ from: "total", key: "total_hashrate_raw", as: positive, scale: HS }],
    accepted_shares: [{ from: "total", key: "accepted_shares", as: count }],
    rejected_shares: [{ from: "total", key: "rejected_shares", as: count }],
    hardware_errors: [{ from: "total", key: "invalid_shares", as: count }],
    power_consumption: [{ from: "total", key: "total_power_consume", as: positive }],
  },
  device: {
    id: ["id"],
    name: ["info", "name"],
    rate: [{ key: "hashrate_raw", scale: HS }],
    temp: ["temperature"],
    power: ["power"],
    clockMhz: ["core_clock"],
    serial: ["pci_bus_id"],
  },
}
