import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Reading } from "../../reading.ts"
import { hostOf, percent, round2 } from "../../rpc-protocol.ts"
import { boardInfo, mmText } from "./mm.ts"
import { deviceTimeS, serialOf, traitsOf } from "./state.ts"

export type Row = Record<string, unknown>

export function versionRow(miner: SimulatedMiner): Row {
  const { dialect, product, model, hardware, version } = traitsOf(miner)
  const firmware = miner.firmwareVersion ?? version
  const mac = macOf(miner)
  const head = { CGMiner: dialect === "old" ? "4.10.0" : "4.11.1", API: "3.7" }
  if (dialect === "old") return { ...head, PROD: product, MODEL: model, VERSION: firmware, MAC: mac }
  const named = { PROD: product, MODEL: model, HWTYPE: hardware, SWTYPE: "MM319" }
  if (dialect === "home")
    return {
      ...head,
      ...named,
      LVERSION: firmware,
      BVERSION: firmware,
      CGVERSION: firmware,
      FANMCUVERSION: "fb_v1.2",
      HBMCUVERSION: "hb_v1.1",
      DNA: serialOf(miner),
      MAC: mac,
    }
  return {
    ...head,
    STM8: "20.08.01",
    ...named,
    VERSION: firmware,
    LOADER: "d0d779de.00",
    DNA: serialOf(miner),
    MAC: mac.replaceAll(":", "").toLowerCase(),
    UPAPI: "2",
  }
}

function rates(miner: SimulatedMiner, r: Reading): Row {
  const mhs = (ths: number) => round2(ths * 1e6)
  const short = { "30s": r.ths5s, "5s": r.ths5s }[traitsOf(miner).shortWindow]
  return {
    "MHS av": mhs(r.thsAvg),
    [`MHS ${traitsOf(miner).shortWindow}`]: mhs(miner.sleeping ? 0 : short),
    "MHS 1m": mhs(r.ths1m),
    "MHS 5m": mhs(r.ths5m),
    "MHS 15m": mhs(r.ths15m),
  }
}

export function summaryRow(miner: SimulatedMiner, r: Reading): Row {
  return {
    Elapsed: r.elapsedS,
    ...rates(miner, r),
    "Found Blocks": 0,
    Getworks: Math.floor(r.elapsedS / 56),
    Accepted: r.accepted,
    Rejected: r.rejected,
    "Hardware Errors": r.hwErrors,
    Utility: round2(r.sharesPerMinute),
    Discarded: 0,
    Stale: r.stale,
    "Get Failures": 0,
    "Local Work": r.elapsedS * 5,
    "Remote Failures": 0,
    "Network Blocks": Math.floor(r.elapsedS / 600),
    "Total MH": Math.round(r.workThs * 1e6),
    "Work Utility": round2(r.sharesPerMinute * r.difficulty),
    "Difficulty Accepted": r.accepted * r.difficulty,
    "Difficulty Rejected": r.rejected * r.difficulty,
    "Difficulty Stale": r.stale * r.difficulty,
    "Best Share": r.bestShare,
    "Device Hardware%": 0,
    "Device Rejected%": percent(r.rejected, r.accepted),
    "Pool Rejected%": percent(r.rejected, r.accepted),
    "Pool Stale%": percent(r.stale, r.accepted),
    "Last getwork": 0,
  }
}

/** Of a home model the last share is told in seconds since it started, and the password stands in the open. */
export function poolRow(miner: SimulatedMiner, r: Reading, at: number): Row {
  const pool = r.pools[at]!
  const home = traitsOf(miner).dialect === "home"
  const agoS = pool.active ? r.lastShareAgoS : null
  const last = agoS === null ? 0 : home ? r.elapsedS - agoS : Math.floor(deviceTimeS(miner) - agoS)
  return {
    POOL: pool.index,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: pool.index,
    Quota: 1,
    "Long Poll": "N",
    Getworks: Math.floor(r.elapsedS / 56),
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Works: pool.active ? r.elapsedS * 10 : 0,
    Discarded: 0,
    Stale: pool.stale,
    "Get Failures": 0,
    "Remote Failures": 0,
    User: pool.user,
    ...(home ? { Password: miner.settings.pools[pool.index]?.pass ?? "" } : {}),
    "Last Share Time": last,
    "Diff1 Shares": pool.accepted * r.difficulty,
    "Proxy Type": "",
    Proxy: "",
    "Difficulty Accepted": pool.accepted * r.difficulty,
    "Difficulty Rejected": pool.rejected * r.difficulty,
    "Difficulty Stale": pool.stale * r.difficulty,
    "Last Share Difficulty": last === 0 ? 0 : r.difficulty,
    "Work Difficulty": pool.active ? r.difficulty : 0,
    "Has Stratum": true,
    "Stratum Active": pool.active || (miner.sleeping && pool.index === miner.activePool()),
    "Stratum URL": home ? pool.url : hostOf(pool.url),
    "Stratum Difficulty": pool.active ? r.difficulty : 0,
    "Has Vmask": true,
    "Has GBT": false,
    "Best Share": pool.active ? r.bestShare : 0,
    "Pool Rejected%": percent(pool.rejected, pool.accepted),
    "Pool Stale%": percent(pool.stale, pool.accepted),
    "Bad Work": 0,
    "Current Block Height": 0,
    "Current Block Version": 536_870_912,
  }
}

/** One row a module: the machine. An A-series has no sensor there. */
export function deviceRow(miner: SimulatedMiner, r: Reading): Row {
  const home = traitsOf(miner).dialect === "home"
  return {
    ASC: 0,
    Name: home ? "AVALON" : "AVA10",
    ID: 0,
    Enabled: "Y",
    Status: "Alive",
    Temperature: home ? 0 : -273,
    ...rates(miner, r),
    Accepted: r.accepted,
    Rejected: r.rejected,
    "Hardware Errors": r.hwErrors,
    Utility: round2(r.sharesPerMinute),
    "Last Share Pool": miner.activePool(),
    "Last Share Time": r.elapsedS - (r.lastShareAgoS ?? 0),
    "Total MH": Math.round(r.workThs * 1e6),
    "Diff1 Work": r.accepted * r.difficulty,
    "Difficulty Accepted": r.accepted * r.difficulty,
    "Difficulty Rejected": r.rejected * r.difficulty,
    "Last Share Difficulty": r.difficulty,
    "Last Valid Work": deviceTimeS(miner),
    "Device Hardware%": 0,
    "Device Rejected%": percent(r.rejected, r.accepted),
    "Device Elapsed": r.elapsedS,
  }
}

const waits = { Calls: 0, Wait: 0, Max: 0, Min: 99_999_999 }

/** The machine's string, then a row of traffic for each pool. */
export function statsRows(miner: SimulatedMiner, r: Reading): Row[] {
  const home = traitsOf(miner).dialect === "home"
  const own = home
    ? { "MM ID0:Summary": mmText(miner, r), HBinfo: boardInfo(miner, r) }
    : {
        "MM ID0": mmText(miner, r),
        "MM Count": 1,
        "Smart Speed": 1,
        "Voltage Level Offset": 0,
        "Nonce Mask": 25,
      }
  return [
    { STATS: 0, ID: home ? "AVALON0" : "AVA100", Elapsed: r.elapsedS, ...waits, ...own },
    ...r.pools.map((pool, at) => trafficRow(r, pool.index, pool.active, at + 1)),
  ]
}

function trafficRow(r: Reading, index: number, active: boolean, at: number): Row {
  const difficulty = active ? r.difficulty : 0
  const bytes = { sent: active ? r.accepted * 175 : 289, received: active ? r.elapsedS * 60 : 4_954 }
  return {
    STATS: at,
    ID: `POOL${index}`,
    Elapsed: r.elapsedS,
    ...waits,
    ...{ "Pool Calls": 0, "Pool Attempts": 0, "Pool Wait": 0, "Pool Max": 0, "Pool Min": 99_999_999 },
    "Pool Av": 0,
    "Work Had Roll Time": false,
    "Work Can Roll": false,
    "Work Had Expire": false,
    "Work Roll Time": 0,
    "Work Diff": difficulty,
    "Min Diff": difficulty,
    "Max Diff": difficulty,
    "Min Diff Count": active ? 1 : 0,
    "Max Diff Count": active ? 1 : 0,
    "Times Sent": active ? r.accepted + 4 : 3,
    "Bytes Sent": bytes.sent,
    "Times Recv": active ? r.accepted + 30 : 7,
    "Bytes Recv": bytes.received,
    "Net Bytes Sent": bytes.sent,
    "Net Bytes Recv": bytes.received,
  }
}
