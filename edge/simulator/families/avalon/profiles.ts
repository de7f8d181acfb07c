import { type Machine, timing } from "../../profile.ts"

export type AvalonTraits = {
  family: "avalon"
  /** `old`: answers in text whatever it was asked in, and joins nothing. `a`: the A-series. `home`: Q and Nano. */
  dialect: "old" | "a" | "home"
  /** `PROD`, as the machine calls itself. */
  product: string
  version: string
  hardware: string
  /** What `ascset 0,help` lists. */
  options: readonly string[]
  /** Short windows of the summary: the A-series count 30 s, home models 5 s. */
  shortWindow: "30s" | "5s"
  /** Sleeps at a time that it is given, and shows it; else at once, by the word alone. */
  schedules: boolean
  /** The lamp's number in `led`; null: it has none. */
  lamp: 0 | 1 | null
  /** Measures what it takes from the wall. */
  wallPower: boolean
  /** Seconds that its own clock is wrong by. */
  clockSkewS: number
}

const OLD = "help|voltage|fan-spd|frequency|led|reboot"
const A =
  "help|voltage|fan-spd|frequency|led|workmode|hashpower|softon|softoff|reboot|target-temp|password|time"
const HOME =
  "help|voltage|fan-spd|lcd|workmode|worklevel|work_mode_lvl|reboot|softon|softoff|filter-clean|frequency|loop|password|time"

const avalon = {
  family: "avalon",
  dialect: "a",
  shortWindow: "30s",
  schedules: true,
  lamp: 1,
  wallPower: false,
  clockSkewS: 0,
  boards: 3,
  maxFanRpm: 6500,
  shareDifficulty: 262_144,
  ...timing,
} as const

/** Rates and powers are the vendor's nameplates, boards and chips the catalogue's. */
export const avalonProfiles = {
  "avalon-841": {
    ...avalon,
    model: "841",
    product: "AvalonMiner 841",
    dialect: "old",
    version: "8411809-4ec6bb0",
    hardware: "MM841",
    options: OLD.split("|"),
    schedules: false,
    lamp: null,
    ths: 13.6,
    boards: 4,
    chipsPerBoard: 26,
    fans: 1,
    frequencyMhz: 850,
    powerW: 1290,
    riseC: 46,
    shareDifficulty: 32_768,
  },
  "avalon-1346": {
    ...avalon,
    model: "1346",
    product: "AvalonMiner 1346",
    version: "23021401_4ec6bb0_61407fa",
    hardware: "MM3v2_X3",
    options: A.split("|"),
    schedules: false,
    lamp: 0,
    ths: 110,
    chipsPerBoard: 120,
    fans: 4,
    frequencyMhz: 520,
    powerW: 3300,
    riseC: 48,
  },
  "avalon-1566": {
    ...avalon,
    model: "15-194",
    product: "AvalonMiner 15-194",
    version: "24102401_25462b2_9ddf522",
    hardware: "MM4v2_X3",
    options: A.split("|"),
    wallPower: true,
    // Its clock has never been set.
    clockSkewS: -1_700_000_000,
    ths: 194,
    chipsPerBoard: 160,
    fans: 2,
    frequencyMhz: 346,
    powerW: 3650,
    riseC: 50,
  },
  "avalon-q": {
    ...avalon,
    model: "Q",
    product: "Avalon Q",
    dialect: "home",
    version: "25052801_14a19a2",
    hardware: "Q_MM1v1_X1",
    options: HOME.split("|"),
    shortWindow: "5s",
    lamp: null,
    ths: 90,
    boards: 1,
    chipsPerBoard: 160,
    fans: 4,
    frequencyMhz: 388,
    powerW: 1674,
    riseC: 44,
    maxFanRpm: 3000,
  },
  "avalon-nano3s": {
    ...avalon,
    model: "Nano3s",
    product: "Avalon Nano3s",
    dialect: "home",
    version: "25021401_56abae7",
    hardware: "N_MM1v1_X1",
    options: [...HOME.split("|"), "led"],
    shortWindow: "5s",
    ths: 6,
    boards: 1,
    chipsPerBoard: 12,
    fans: 1,
    frequencyMhz: 420,
    powerW: 140,
    riseC: 42,
    maxFanRpm: 2400,
    shareDifficulty: 8_192,
  },
} as const satisfies Record<string, Machine & AvalonTraits>
