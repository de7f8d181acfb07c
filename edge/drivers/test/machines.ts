import { type FakeRpc, type FakeWeb, section } from "./fake-miner.ts"

/** Made-up machines in the real shapes of their families. */
type Answers = FakeRpc["answers"]
type Routes = FakeWeb["routes"]

const POOLS = section(
  "POOLS",
  [
    {
      POOL: 0,
      URL: "stratum+tcp://one.example:3333",
      User: "acct.rig1",
      Status: "Alive",
      Priority: 0,
      "Stratum Active": true,
      Accepted: 900,
      Rejected: 4,
      Stale: 2,
    },
    {
      POOL: 1,
      URL: "stratum+tcp://two.example:3333",
      User: "acct.rig1",
      Status: "Dead",
      Priority: 1,
      "Stratum Active": false,
      Accepted: 0,
      Rejected: 0,
      Stale: 0,
    },
  ],
  7,
)

const chain = (slot: number, chips: number, bad = 0) => ({
  [`chain_acn${slot}`]: chips,
  [`chain_acs${slot}`]: chips === 0 ? "" : ` ${"o".repeat(chips - bad)}${"x".repeat(bad)}`,
  [`chain_rate${slot}`]: chips === 0 ? "" : "33100.50",
  [`chain_hw${slot}`]: 3,
  [`freq${slot}`]: chips === 0 ? 0 : 520,
  [`temp_chip${slot}`]: chips === 0 ? "0-0-0-0" : "61-62-66-67",
  [`temp_pcb${slot}`]: chips === 0 ? "0-0-0-0" : "45-46-50-51",
})

/** An S19 Pro with the flat `stats`; `chains` are the chips of slots 1 to 4. */
export function antminerRpc(chains: readonly number[] = [114, 114, 114, 0], more: object = {}): Answers {
  return {
    version: section(
      "VERSION",
      [
        {
          API: "3.1",
          BMMiner: "1.0.0",
          CompileTime: "Tue Dec  6 16:12:30 CST 2022",
          Miner: "49.0.1.3",
          Type: "Antminer S19 Pro (made up)",
        },
      ],
      22,
    ),
    summary: section("SUMMARY", [
      {
        Elapsed: 7200,
        "GHS 5s": "99,301.5",
        "GHS av": 99000,
        Accepted: 900,
        Rejected: 4,
        Stale: 2,
        "Hardware Errors": 9,
      },
    ]),
    stats: section(
      "STATS",
      [
        { BMMiner: "1.0.0", Miner: "49.0.1.3", Type: "Antminer S19 Pro" },
        {
          STATS: 0,
          Elapsed: 7200,
          "GHS 5s": 99301.5,
          "GHS av": 99000,
          rate_unit: "GH",
          total_rateideal: 110000,
          fan_num: 4,
          fan1: 5800,
          fan2: 5810,
          fan3: 5790,
          fan4: 5805,
          ...Object.assign({}, ...chains.map((chips, at) => chain(at + 1, chips))),
          ...more,
        },
      ],
      70,
    ),
    pools: POOLS,
    privileged: DENIED,
  }
}

/** What stock images say to `privileged`. */
export const DENIED = {
  STATUS: [
    { STATUS: "E", When: 1, Code: 45, Msg: "Access denied to 'privileged' command", Description: "x" },
  ],
  id: 1,
}
export const GRANTED = {
  STATUS: [{ STATUS: "S", When: 1, Code: 46, Msg: "Privileged access OK", Description: "x" }],
  id: 1,
}

export const CONF = {
  pools: [{ url: "stratum+tcp://one.example:3333", user: "acct.rig1", pass: "pool-secret" }],
  "api-listen": true,
  "bitmain-fan-ctrl": false,
  "bitmain-fan-pwm": "100",
  "bitmain-work-mode": "0",
  "bitmain-freq-level": "100",
  "vendor-extra": { keep: ["me"] },
}

export const WEB_STATS = {
  STATUS: { STATUS: "S", when: 1.5, Msg: "stats", api_version: "1.0.0" },
  INFO: { miner_version: "x", CompileTime: "Fri Nov 17 17:37:21 CST 2023", type: "Antminer S19 Pro" },
  STATS: [
    {
      elapsed: 7200,
      rate_5s: 99301.5,
      rate_avg: 99000,
      rate_ideal: 110000,
      rate_unit: "GH/s",
      "miner-mode": 0,
      fan_num: 4,
      fan: [5800, 0, 5790, 5805],
      chain: [2, 0, 1].map((index) => ({
        index,
        freq_avg: 520,
        rate_real: 33100.5,
        asic_num: 114,
        temp_pcb: [45, 51],
        temp_chip: [61, 67],
        sn: `SN${index}`,
      })),
    },
  ],
}

export function antminerWeb(more: Routes = {}): Routes {
  let blinking = false
  return {
    "/cgi-bin/get_system_info.cgi": {
      body: {
        minertype: "Antminer S19 Pro",
        macaddr: "02:aa:bb:cc:dd:01",
        serinum: "SYNTH0001",
        system_filesystem_version: "Fri Nov 17 17:37:21 CST 2023",
      },
    },
    "/cgi-bin/stats.cgi": { body: WEB_STATS },
    "/cgi-bin/summary.cgi": {
      body: {
        STATUS: { STATUS: "S" },
        SUMMARY: [
          {
            hw_all: 9,
            status: [
              { type: "fans", status: "e", code: 3, msg: "fan 2 lost" },
              { type: "temp", status: "s", code: 0, msg: "" },
            ],
          },
        ],
      },
    },
    "/cgi-bin/pools.cgi": {
      body: {
        STATUS: { STATUS: "S" },
        POOLS: [
          {
            index: 0,
            url: "stratum+tcp://one.example:3333",
            user: "acct.rig1",
            status: "Alive",
            priority: 0,
            accepted: 900,
            rejected: 4,
            stale: 2,
          },
        ],
      },
    },
    "/cgi-bin/get_miner_conf.cgi": { body: CONF },
    "/cgi-bin/get_blink_status.cgi": () => ({ body: { blink: blinking } }),
    "/cgi-bin/blink.cgi": {
      act: (_request, body) => {
        blinking = JSON.parse(body).blink === "true"
      },
      body: { stats: "success", code: "B000", msg: "OK!" },
    },
    "/cgi-bin/reboot.cgi": { drop: true },
    "/cgi-bin/set_miner_conf.cgi": { body: { stats: "success", code: "M000", msg: "OK!" } },
    ...more,
  }
}

export function whatsminerRpc(more: Answers = {}): Answers {
  const flat = (message: unknown, code = 131) => ({
    STATUS: "S",
    When: 1,
    Code: code,
    Msg: message,
    Description: "",
  })
  const board = (slot: number, chips: number) => ({
    ASC: slot,
    Slot: slot,
    "Chip Frequency": 610,
    "Chip Temp Max": 79.5,
    "Chip Temp Avg": 70,
    Temperature: 64,
    "Effective Chips": chips,
    "MHS av": 40_100_000,
    "PCB SN": `PCB${slot}`,
  })
  return {
    version: { STATUS: "E", When: 1, Code: 14, Msg: "invalid cmd", Description: "" },
    devdetails: section(
      "DEVDETAILS",
      [0, 1, 2].map((id) => ({ DEVDETAILS: id, Name: "SM", Driver: "bitmicro", Model: "M50S_VH50" })),
      69,
    ),
    summary: section("SUMMARY", [
      {
        Elapsed: 9000,
        "MHS av": 120_300_000,
        "HS RT": 119_900_000,
        "Target MHS": 121_000_000,
        "Factory GHS": 126_000,
        Accepted: 70,
        Rejected: 1,
        Stale: 0,
        "Hardware Errors": 5,
        Power: 3300,
        Power_RT: 3310,
        "Power Mode": "Low",
        "Fan Speed In": 5100,
        "Fan Speed Out": 5000,
        "Env Temp": 27.5,
        "Chip Temp Min": 60,
        "Chip Temp Avg": 70,
        "Chip Temp Max": 79.5,
        freq_avg: 610,
        Voltage: 1210,
        MAC: "02:aa:bb:cc:dd:02",
        "Firmware Version": "'20230803.11.REL'",
      },
    ]),
    devs: section("DEVS", [board(2, 135), board(0, 135), board(1, 135)], 9),
    pools: POOLS,
    get_version: flat({ api_ver: "2.0.5", fw_ver: "20230803.11.REL" }),
    get_miner_info: flat({ mac: "02:aa:bb:cc:dd:02", minersn: "WMSYNTH2" }),
    get_error_code: flat({ error_code: [{ 531: "2024-06-15 10:30:00" }] }),
    status: flat({ mineroff: "false" }),
    "+": {},
    ...more,
  }
}

export function genericRpc(more: Answers = {}): Answers {
  return {
    version: section("VERSION", [{ CGMiner: "4.11.1", API: "3.7" }], 22),
    summary: section("SUMMARY", [
      {
        Elapsed: 3600,
        "MHS 5s": 14_000_000,
        "MHS av": 13_900_000,
        Accepted: 11,
        Rejected: 0,
        Stale: 0,
        "Hardware Errors": 1,
      },
    ]),
    devs: section(
      "DEVS",
      [1, 0].map((id) => ({
        ASC: id,
        Enabled: "Y",
        Status: "Alive",
        Temperature: 60 + id,
        "MHS av": 6_950_000,
      })),
      9,
    ),
    pools: POOLS,
    privileged: DENIED,
    ...more,
  }
}
