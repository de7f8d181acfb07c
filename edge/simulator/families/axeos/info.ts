import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type Reading, readMiner } from "../../reading.ts"
import type { AxeosTraits } from "./profiles.ts"

/** `/api/system/info`, in each of the dialects. */
type Row = Record<string, unknown>
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & AxeosTraits

export const frequencyOf = (miner: SimulatedMiner): number =>
  Math.round((traits(miner).frequencyMhz * miner.settings.frequencyPercent) / 100)
export const coreMvOf = (miner: SimulatedMiner): number => miner.settings.voltageMv ?? traits(miner).coreMv

export function systemInfo(miner: SimulatedMiner): Row {
  const r = readMiner(miner)
  const { dialect } = traits(miner)
  const row = { ...common(miner, r), ...pools(miner) }
  if (dialect === "2024") return { ...row, ...of2024(miner) }
  return dialect === "2026" ? { ...row, ...of2026(miner, r) } : { ...row, ...ofNerd(miner, r) }
}

const hundredths = (value: number) => Math.round(value * 100) / 100

function common(miner: SimulatedMiner, r: Reading): Row {
  const profile = traits(miner)
  const { fanManual, fanPwm } = miner.settings
  return {
    ASICModel: profile.chip,
    asicCount: profile.chipsPerBoard,
    smallCoreCount: profile.smallCores,
    power: hundredths(r.powerW),
    voltage: 5_120 + (miner.seed % 80),
    current: hundredths((r.powerW / 5.1) * 1_000),
    temp: hundredths(r.boards[0]!.chipMaxC),
    vrTemp: Math.round(r.boards[0]!.chipMaxC - 9),
    hashRate: hundredths(r.ths5s * 1_000),
    bestDiff: siText(r.bestShare),
    bestSessionDiff: siText(r.bestShare),
    coreVoltage: coreMvOf(miner),
    coreVoltageActual: coreMvOf(miner) - 4,
    frequency: frequencyOf(miner),
    fanrpm: r.fanRpm[0],
    fanspeed: fanManual ? fanPwm : Math.round(r.fanDuty * 100),
    autofanspeed: fanManual ? 0 : 1,
    overheat_mode: 0,
    uptimeSeconds: r.uptimeS,
    sharesAccepted: r.accepted,
    sharesRejected: r.rejected,
    hostname: "axe",
    ssid: "floor",
    macAddr: macOf(miner),
    wifiStatus: "Connected!",
    freeHeap: 8_400_000,
    runningPartition: "ota_0",
    idfVersion: "v5.4",
    flipscreen: 1,
    invertscreen: 0,
    version: miner.firmwareVersion ?? profile.version,
    stratumDiff: 1_000,
  }
}

function siText(value: number): string {
  if (value < 1_000) return String(value)
  const steps = ["k", "M", "G", "T"]
  let [rest, at] = [value / 1_000, 0]
  while (rest >= 1_000 && at < 3) [rest, at] = [rest / 1_000, at + 1]
  return `${rest.toFixed(rest < 10 ? 2 : 0)}${steps[at]}`
}

/** The first two slots; texts without scheme, as this firmware keeps them. */
function pools(miner: SimulatedMiner): Row {
  const r = readMiner(miner).pools
  const row: Row = { isUsingFallbackStratum: miner.activePool() === 1 ? 1 : 0 }
  for (const [slot, prefix] of [
    [0, "stratum"],
    [1, "fallbackStratum"],
  ] as const) {
    const pool = r.find(({ index }) => index === slot)
    const parts = /^(?:[a-z0-9+]+:\/\/)?([^:/]*):?(\d*)/.exec(pool?.url ?? "")
    row[`${prefix}URL`] = parts?.[1] ?? ""
    row[`${prefix}Port`] = Number(parts?.[2] || 3333)
    row[`${prefix}User`] = pool?.user ?? ""
  }
  return row
}

const of2024 = (miner: SimulatedMiner): Row => ({
  boardVersion: traits(miner).boardVersion,
  invertfanpolarity: 1,
})

function of2026(miner: SimulatedMiner, r: Reading): Row {
  const profile = traits(miner)
  const { pools: own } = miner.settings
  return {
    bestDiff: r.bestShare,
    bestSessionDiff: r.bestShare,
    boardVersion: profile.boardVersion,
    maxPower: 40,
    nominalVoltage: 5,
    expectedHashrate: hundredths((profile.smallCores * frequencyOf(miner)) / 1_000),
    errorPercentage: 0.2,
    actualFrequency: frequencyOf(miner),
    fan2rpm: 0,
    manualFanSpeed: miner.settings.fanPwm,
    minFanSpeed: 25,
    temptarget: 60,
    overclockEnabled: 0,
    hashRate_1m: hundredths(r.ths1m * 1_000),
    hashRate_10m: hundredths(r.ths5m * 1_000),
    hashRate_1h: hundredths(r.ths30m * 1_000),
    miningPaused: miner.sleeping,
    isUsingFallbackStratum: miner.activePool() === 1,
    stratumTLS: 0,
    fallbackStratumTLS: 0,
    stratumProtocol: "SV1",
    responseTime: 31.4,
    poolDifficulty: r.difficulty,
    sharesRejectedReasons: [],
    hashrateMonitor: { asics: [{ total: hundredths(r.ths5s * 1_000), errorCount: r.hwErrors, domains: [] }] },
    totalUptimeSeconds: r.uptimeS,
    pools: own.map((pool, id) => ({ id, stratumUser: pool.user, stratumPassword: "*****" })),
    primaryPoolIndex: 0,
    secondaryPoolIndex: 1,
    axeOSVersion: profile.version,
  }
}

function ofNerd(miner: SimulatedMiner, r: Reading): Row {
  const profile = traits(miner)
  return {
    deviceModel: profile.deviceModel,
    hostip: miner.address,
    maxPower: 120,
    asicTemps: Array.from({ length: profile.chipsPerBoard }, (_, chip) =>
      hundredths(r.boards[0]!.chipMaxC - chip * 0.7),
    ),
    vrTempInt: 51,
    fanCount: 1,
    manualFanSpeed: miner.settings.fanPwm,
    // 0 by hand, 1 by temperature, 2 by a control loop.
    autofanspeed: miner.settings.fanManual ? 0 : 2,
    currentA: hundredths(r.powerW / 12),
    shutdown: miner.sleeping,
    lastpingrtt: 18.2,
    recentpingloss: 0,
    foundBlocks: 0,
    hashRate_1m: hundredths(r.ths1m * 1_000),
    hashRate_1d: hundredths(r.thsAvg * 1_000),
    stratum: { usingFallback: miner.activePool() === 1, pools: [{ connected: true }, { connected: false }] },
    otp: false,
    duplicateHWNonces: 0,
  }
}
