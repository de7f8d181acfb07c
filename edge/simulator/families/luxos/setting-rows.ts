import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import type { Reading } from "../../reading.ts"
import { cornersOf } from "./rows.ts"
import { presentStep, stepsOf, traitsOf } from "./steps.ts"

/** Sensors, fans and everything that a machine is set to. */
type Row = Record<string, unknown>

export function temps(r: Reading): { METADATA: Row[]; TEMPS: Row[] } {
  const corner = (where: string, side: string, at: number[]) => ({
    Label: `Board ${where} (${side})`,
    Position: at,
  })
  return {
    METADATA: [
      {
        BottomLeft: corner("Exhaust", "bottom", [1, 0]),
        BottomRight: corner("Intake", "bottom", [1, 1]),
        TopLeft: corner("Exhaust", "top", [0, 0]),
        TopRight: corner("Intake", "top", [0, 1]),
      },
    ],
    TEMPS: r.boards.map((board): Row => {
      const [TopLeft, TopRight, BottomRight, BottomLeft] = cornersOf(board, r)
      return { TEMP: board.slot, BottomLeft, BottomRight, ID: board.slot, TopLeft, TopRight }
    }),
  }
}

export function fans(r: Reading): { FANCTRL: Row[]; FANS: Row[] } {
  const names = [4, 2, 1, 3]
  return {
    FANCTRL: [{ MinFans: 3, PowerOffSpeed: 20 }],
    FANS: r.fanRpm.map((RPM, at) => ({
      FAN: `FAN${names[at] ?? at + 1}`,
      ID: at,
      RPM,
      Speed: Math.round(r.fanDuty * 100),
    })),
  }
}

export function configRow(miner: SimulatedMiner, r: Reading): Row {
  const { model, control, ths } = traitsOf(miner)
  const { name, step } = presentStep(miner)
  const { sleeping } = miner
  return {
    "ASC Count": r.boards.length,
    BcastAddr: miner.address.replace(/\d+$/, "255"),
    ControlBoardType: control,
    Cooling: "Air",
    CurtailMode: sleeping ? "Sleep" : "None",
    DHCP: true,
    "DNS Servers": "",
    "Device Code": "",
    FPGABuildIdHex: "0x18351835",
    FPGABuildIdStr: "2018-35-18 35:00",
    FeeStatus: "Ok",
    Gateway: miner.address.replace(/\d+$/, "254"),
    GreenLed: "auto",
    Hostname: `miner-${hex(miner.seed, 320, 6)}`,
    Hotplug: "None",
    IPAddr: miner.address,
    ImmersionMode: miner.settings.immersion,
    IsAtmEnabled: atmEnabled(miner),
    IsPowerSupplyOn: !sleeping,
    IsSingleVoltage: true,
    IsTuning: miner.state() === "warming",
    "Log Interval": 0,
    LogFileLevel: "info",
    MACAddr: macOf(miner).toLowerCase(),
    Model: model,
    NameplateTHS: ths,
    Netmask: "255.255.255.0",
    OS: "LuxOS",
    "PGA Count": 0,
    PSUHwVersion: "75",
    PSULabel: "APW121215e",
    "Pool Count": r.pools.length,
    Profile: name,
    ProfileStep: String(step),
    RedLed: miner.blinking ? "blink" : "auto",
    SerialNumber: `LUX${hex(miner.seed, 330, 12).toUpperCase()}`,
    Strategy: "Failover",
    SystemStatus: "Normal",
    UpdateOnStartup: "off",
    UpdateOnTimeout: "off",
    UpdateOnUser: "full",
    UpdateSource: "https://updates.example/stable",
    UpdateTimeout: 60,
  }
}

/** Kept with the settings that only this family has. */
export const atmEnabled = (miner: SimulatedMiner): boolean => miner.settings.extra.atm !== false

export const profileRows = (miner: SimulatedMiner): Row[] =>
  stepsOf(miner).map((step) => ({
    CanRestore: true,
    Frequency: step.mhz,
    HasOverrides: false,
    Hashrate: step.ths,
    IsDynamic: true,
    IsTuned: step.step === 0,
    "Profile Name": step.name,
    Step: String(step.step),
    Voltage: step.volts,
    Watts: step.watts,
  }))

export function atmRow(miner: SimulatedMiner): Row {
  const { powerRangeW, powerW } = traitsOf(miner)
  return {
    ChipTempWindow: 8,
    Enabled: atmEnabled(miner),
    MaxProfile: "default",
    MaxProfileStep: "0",
    MinProfile: "",
    PostRampMinutes: 15,
    StartupMinutes: 15,
    TempWindow: 5,
    WaterInletTempWindow: 7,
    ...(powerRangeW === null
      ? {}
      : {
          PowerLimit: powerRangeW[1],
          PowerMin: powerRangeW[0],
          PowerTarget: miner.settings.powerLimitW ?? powerW,
        }),
  }
}

const FIRST_LIMITS = { target: 55, hot: 65, dangerous: 70 }
export type Limits = typeof FIRST_LIMITS
export const limitsOf = (miner: SimulatedMiner): Limits =>
  (miner.settings.extra.limits as Limits | undefined) ?? FIRST_LIMITS

export function tempctrlRow(miner: SimulatedMiner): Row {
  const { target, hot, dangerous } = limitsOf(miner)
  return {
    Mode: miner.settings.fanManual ? "Manual" : "Automatic",
    Target: target,
    Hot: hot,
    Dangerous: dangerous,
    ChipHot: 90,
    ChipDangerous: 95,
  }
}
