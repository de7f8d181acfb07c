import { count, number, positive, seconds } from "../../transport/coerce.ts"
import { listAt, objectAt } from "../../transport/http-reads.ts"
import type { Row } from "../../transport/reply.ts"
import { type GpuProgram, MHS, type RigRows } from "../program.ts"

/** `GET /`; the older shape has `GPUs` in MH/s, the newer `Workers` with rates by algorithm. Fans per cent. */
export const lolminer: GpuProgram = {
  family: "gpu-lolminer",
  name: "lolMiner",
  port: 4068,
  ask: { http: ["/", "/summary"] },
  isIt: (body) => /^lolMiner/i.test(String(body.Software)),
  rowsOf: (body) => (Array.isArray(body.Workers) ? newer(body) : older(body)),
  /** `Software` is `lolMiner 1.42`. */
  versionOf: (body) => /\d[\w.]*/.exec(String(body.Software ?? ""))?.[0],
  fields: {
    hashrate_ghs: [{ from: "total", key: "ghs", as: positive }],
    accepted_shares: [{ from: "total", key: "accepted", as: count }],
    rejected_shares: [{ from: "total", key: "rejected", as: count }],
    stale_shares: [{ from: "total", key: "stale", as: count }],
    uptime_seconds: [{ from: "total", key: "uptime", as: seconds }],
  },
  device: {
    id: ["Index"],
    name: ["Name"],
    rate: [{ key: "Performance", scale: MHS }],
    temp: ["Temp (deg C)", "Core_Temp"],
    power: ["Power (W)", "Consumption (W)", "Power"],
    clockMhz: ["CCLK"],
    serial: ["PCIE_Address"],
  },
}

function older(body: Row): RigRows {
  const session = objectAt(body, "Session")
  const stratum = objectAt(body, "Stratum")
  const submitted = count(session.Submitted)
  const accepted = count(session.Accepted)
  const rate = positive(session.Performance_Summary)
  return {
    total: {
      ghs: rate === null ? null : rate * MHS,
      accepted,
      rejected: submitted === null || accepted === null ? null : Math.max(0, submitted - accepted),
      uptime: session.Uptime,
    },
    devices: listAt(body, "GPUs"),
    pool: { url: stratum.Current_Pool, user: stratum.Current_User },
  }
}

/** A rate is `Worker_Performance[i]` times `Performance_Factor`, H/s; the second algorithm of a dual mine is left out. */
function newer(body: Row): RigRows {
  const algorithm = listAt(body, "Algorithms", 4)[0] ?? {}
  const factor = number(algorithm.Performance_Factor) ?? 1e6
  const rates = Array.isArray(algorithm.Worker_Performance) ? algorithm.Worker_Performance : []
  const ghs = (value: unknown) => {
    const rate = positive(value)
    return rate === null ? null : positive((rate * factor) / 1e9)
  }
  return {
    total: {
      ghs: ghs(algorithm.Total_Performance),
      accepted: algorithm.Total_Accepted,
      rejected: algorithm.Total_Rejected,
      stale: algorithm.Total_Stales,
      uptime: objectAt(body, "Session").Uptime,
    },
    devices: listAt(body, "Workers"),
    ratesGhs: rates.slice(0, 64).map(ghs),
    pool: { url: algorithm.Pool, user: algorithm.User },
  }
}
