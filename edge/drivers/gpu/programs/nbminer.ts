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
      total: {
        rate: miner.total_hashrate_raw ?? stratum.total_hashrate_raw,
        accepted: miner.accepted_shares ?? stratum.accepted_shares,
        rejected: miner.rejected_shares ?? stratum.rejected_shares,
        invalid: miner.invalid_shares ?? stratum.invalid_shares,
        watts: miner.total_power_consume ?? stratum.total_power_consume,
      },
      devices: listAt(miner, "devices"),
      pool: { url: stratum.url, user: stratum.user },
    }
  },
  versionOf: (body) => body.version,
  fields: {
    hashrate_ghs: [{ from: "total", key: "rate", as: positive, scale: HS }],
    accepted_shares: [{ from: "total", key: "accepted", as: count }],
    rejected_shares: [{ from: "total", key: "rejected", as: count }],
    hardware_errors: [{ from: "total", key: "invalid", as: count }],
    power_consumption: [{ from: "total", key: "watts", as: positive }],
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
