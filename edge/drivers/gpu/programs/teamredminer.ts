import { count, positive, seconds } from "../../transport/coerce.ts"
import { objectAt } from "../../transport/http-reads.ts"
import { type Row, rows } from "../../transport/reply.ts"
import { type GpuProgram, KHS, MHS } from "../program.ts"

const RATE = (key: string) => [
  { from: "total" as const, key: `GHS ${key}`, as: positive },
  { from: "total" as const, key: `MHS ${key}`, as: positive, scale: MHS },
  { from: "total" as const, key: `KHS ${key}`, as: positive, scale: KHS },
]

/** cgminer's protocol (`--api_listen`), a device row for each GPU. */
export const teamredminer: GpuProgram = {
  family: "gpu-teamredminer",
  name: "TeamRedMiner",
  port: 4028,
  ask: { rpc: ["version", "summary", "devs", "pools"] },
  isIt: () => false,
  rowsOf: (replies) => {
    const part = (command: string, section: string) => rows(objectAt(replies, command), section)
    const pools = part("pools", "POOLS")
    const pool = pools.find((row) => row["Stratum Active"] === true) ?? pools[0]
    return {
      total: part("summary", "SUMMARY")[0] ?? {},
      devices: part("devs", "DEVS"),
      pool: pool === undefined ? null : { url: pool.URL ?? pool["Stratum URL"], user: pool.User },
    }
  },
  versionOf: (replies) => versionOf(rows(objectAt(replies, "version"), "VERSION")[0] ?? {}),
  fields: {
    hashrate_ghs: RATE("av"),
    hashrate_5s_ghs: [...RATE("5s"), ...RATE("30s")],
    accepted_shares: [{ from: "total", key: "Accepted", as: count }],
    rejected_shares: [{ from: "total", key: "Rejected", as: count }],
    stale_shares: [{ from: "total", key: "Stale", as: count }],
    hardware_errors: [{ from: "total", key: "Hardware Errors", as: count }],
    uptime_seconds: [{ from: "total", key: "Elapsed", as: seconds }],
  },
  device: {
    id: ["GPU"],
    name: ["Name", "Model"],
    rate: [
      { key: "GHS 5s", scale: 1 },
      { key: "MHS 5s", scale: MHS },
      { key: "KHS 5s", scale: KHS },
      { key: "MHS 30s", scale: MHS },
      { key: "KHS 30s", scale: KHS },
      { key: "MHS av", scale: MHS },
      { key: "KHS av", scale: KHS },
    ],
    temp: ["Temperature"],
    power: ["GPU Power", "Power"],
    fanRpm: ["Fan Speed"],
    clockMhz: ["GPU Clock"],
  },
}

/** `Miner` is `TeamRedMiner 0.10.21`, or the name is a key of its own. */
function versionOf(version: Row): string | undefined {
  const named = version.TeamRedMiner ?? version.Miner ?? version.Description
  return /\d[\w.]*/.exec(String(named ?? ""))?.[0]
}
