/**
 * What every machine that can be played has. Boards, chips and fans as in the model catalogue of the protocol papers;
 * hashrate and power are the vendors' nameplates. A family adds its own traits.
 */
export type Machine = {
  /** As the machine names itself. */
  model: string
  ths: number
  boards: number
  chipsPerBoard: number
  fans: number
  maxFanRpm: number
  frequencyMhz: number
  powerW: number
  /** Hottest chip above the inlet at full load. */
  riseC: number
  shareDifficulty: number
  /** Seconds at speed 1. */
  bootHardS: number
  restartSoftS: number
  warmUpS: number
  /** Of the boards' serial numbers; `SMTT` when left out. */
  boardSerialPrefix?: string
}

/** A machine of some family; the family's own code knows the traits that come with it. */
export type Profile = Machine & { family: string }

export const timing = { bootHardS: 20, restartSoftS: 8, warmUpS: 75 }
