import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { readMiner } from "../../reading.ts"
import type { ProtoRigTraits } from "./profiles.ts"

/** What a rig tells under `/api/v1`, in the shapes of its simulator's recording. */
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & ProtoRigTraits

const serialOf = (miner: SimulatedMiner) => `CB${String(miner.seed).padStart(10, "0")}`
const software = (name: string, version: string) => ({ name, version })
const quantity = (value: number, unit: string) => ({ unit, value })

export function statusWord(miner: SimulatedMiner): string {
  const states = { "not-hashing": "Error", warming: "Mining", mining: "Mining", sleeping: "Stopped" } as const
  const state = miner.sleeping ? "sleeping" : miner.state()
  return state in states ? states[state as keyof typeof states] : "PoweringOn"
}

export const bodies: Record<string, (miner: SimulatedMiner) => unknown> = {
  system: (miner) => {
    const version = miner.firmwareVersion ?? traits(miner).version
    return {
      "system-info": {
        board: "C3",
        cb_sn: serialOf(miner),
        hashboard_firmware: software("hashboard-fw", version),
        manufacturer: "Proto",
        mining_driver_sw: software("mcdd", version),
        model: traits(miner).model,
        os: {
          git_hash: "0123456789ab",
          hostname: "proto-miner",
          name: "ProtoOS",
          variant: "release",
          version,
        },
        pool_interface_sw: software("stratum-client", version),
        product_name: "Proto Rig",
        soc: "STM32MP157F",
        sw_update_status: { current_version: version, status: "current" },
        uptime_seconds: readMiner(miner).uptimeS,
        web_dashboard: software("miner-web", version),
        web_server: software("miner-api-server", version),
      },
    }
  },
  "system/status": (miner) => ({ onboarded: true, password_set: miner.memory.get("no-password") !== true }),
  network: (miner) => ({
    "network-info": {
      dhcp: true,
      gateway: "10.0.0.1",
      hostname: "proto-miner",
      ip_address: miner.address,
      mac: macOf(miner),
      netmask: "255.255.255.0",
    },
  }),
  hardware: (miner) => {
    const { slots, chipsPerBoard, fans, maxFanRpm, model } = traits(miner)
    return {
      "hardware-info": {
        "cb-info": { board_id: "CB-001", machine_name: model, serial_number: serialOf(miner) },
        "fans-info": Array.from({ length: fans }, (_, i) => ({
          max_rpm: maxFanRpm,
          min_rpm: 1_000,
          name: `Fan ${i + 1}`,
          slot: i + 1,
        })),
        "hashboards-info": readMiner(miner).boards.map(({ slot, serial }) => ({
          board: "B4",
          chip_id: "BM1370",
          hb_sn: serial,
          mining_asic: "BZM",
          mining_asic_count: chipsPerBoard,
          port: slot,
          slot: slots[slot],
        })),
        "psus-info": [1, 2].map((slot) => ({
          firmware: { app_version: "1.2.0", bootloader_version: "1.0.0" },
          hw_revision: "v1.0",
          manufacturer: "Proto",
          model: "PSU-3600W",
          psu_sn: `PSU${miner.seed}${slot}`,
          slot,
        })),
      },
    }
  },
  "mining/target": (miner) => {
    const { powerW, powerMinW, powerMaxW } = traits(miner)
    const { mode, powerLimitW } = miner.settings
    return {
      power_target_watts: powerLimitW ?? powerW,
      power_target_min_watts: powerMinW,
      power_target_max_watts: powerMaxW,
      default_power_target_watts: powerW,
      performance_mode: mode === 3 || miner.memory.get("mode") === 3 ? "Efficiency" : "MaximumHashrate",
      balance_bays: true,
      hash_on_disconnect: false,
    }
  },
  cooling: (miner) => {
    const r = readMiner(miner)
    const { immersion, fanManual, fanPwm } = miner.settings
    const speed = fanManual ? fanPwm : Math.round(r.fanDuty * 100)
    return {
      "cooling-status": {
        fan_mode: immersion ? "Off" : fanManual ? "Manual" : "Auto",
        fans: r.fanRpm.map((rpm, i) => ({ rpm, slot: i + 1, speed_percentage: speed })),
        speed_percentage: speed,
        target_temperature_c: 50,
      },
    }
  },
  pools: (miner) => ({
    pools: readMiner(miner).pools.map((pool, at) => {
      const status = !pool.alive ? "Dead" : pool.active ? "Active" : "Idle"
      return {
        accepted: pool.accepted,
        connection_status: status,
        difficulty: String(traits(miner).shareDifficulty),
        enabled: true,
        id: pool.index,
        name: `Pool ${at + 1}`,
        priority: pool.index,
        rejected: pool.rejected,
        status,
        url: pool.url,
        user: pool.user,
      }
    }),
  }),
  errors: (miner) => [
    ...(miner.hasFault("fan-failure")
      ? [
          {
            source: "fan",
            slot: 1,
            error_code: "FanHardware",
            timestamp: Math.floor(miner.nowS()),
            message: "Fan 1",
          },
        ]
      : []),
    ...(miner.deadBoard() === null
      ? []
      : [
          {
            source: "hashboard",
            slot: traits(miner).slots[miner.deadBoard()!],
            error_code: "HbCommunication",
            timestamp: Math.floor(miner.nowS()),
            message: "No answer",
          },
        ]),
  ],
}

/** Null: 204, there is nothing before the mining has started once. */
export function miningStatus(miner: SimulatedMiner): unknown {
  if (miner.state() === "reloading" && !miner.sleeping) return null
  const r = readMiner(miner)
  const chipC = r.boards.map((board) => board.chipAvgC)
  const boardC = r.boards.map((board) => board.boardC[0]!)
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const jth = r.ths5s > 0 ? r.powerW / r.ths5s : 0
  return {
    "mining-status": {
      average_asic_temp_c: mean(chipC),
      average_hashrate_ghs: r.thsAvg * 1_000,
      average_hb_efficiency_jth: jth,
      average_hb_temp_c: mean(boardC),
      hashboards_installed: r.boards.length,
      hashboards_mining: r.boards.filter((board) => board.alive).length,
      hashrate_ghs: r.ths5s * 1_000,
      hw_errors: r.hwErrors,
      ideal_hashrate_ghs: r.idealThs * 1_000,
      mining_uptime_s: r.elapsedS,
      power_efficiency_jth: jth,
      power_target_watts: miner.settings.powerLimitW ?? traits(miner).powerW,
      power_usage_watts: r.powerW,
      reboot_uptime_s: r.uptimeS,
      status: statusWord(miner),
    },
  }
}

export function telemetry(miner: SimulatedMiner): unknown {
  const r = readMiner(miner)
  const live = r.boards.filter((board) => board.alive)
  return {
    hashboards: live.map((board) => ({
      current: quantity(58.2, "A"),
      efficiency: quantity(board.ths > 0 ? r.powerW / live.length / board.ths : 0, "J/TH"),
      hashrate: quantity(board.ths, "TH/s"),
      index: board.slot,
      power: quantity(r.powerW / live.length, "W"),
      serial_number: board.serial,
      temperature: {
        average: board.boardC[0]! - 4,
        inlet: r.inletC + 2,
        outlet: board.boardC[0]!,
        unit: "°C",
      },
      voltage: quantity(14.4, "V"),
    })),
    miner: {
      efficiency: quantity(r.ths5s > 0 ? r.powerW / r.ths5s : 0, "J/TH"),
      hashrate: quantity(r.ths5s, "TH/s"),
      power: quantity(r.powerW, "W"),
      temperature: quantity(r.boards[0]!.boardC[0]!, "°C"),
    },
    psus: [0, 1].map((index) => ({
      current: { input: 7.4, output: 118.3, unit: "A" },
      index,
      power: { input: r.powerW / 2, output: (r.powerW / 2) * 0.94, unit: "W" },
      serial_number: `PSU${miner.seed}${index + 1}`,
      temperature: { ambient: r.inletC, average: r.inletC + 10, hotspot: r.inletC + 18, unit: "°C" },
      voltage: { input: 230.4, output: 14.4, unit: "V" },
    })),
    timestamp: new Date(r.atS * 1_000).toISOString(),
  }
}
