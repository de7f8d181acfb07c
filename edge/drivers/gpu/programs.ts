import type { GpuProgram } from "./program.ts"
import { bzminer } from "./programs/bzminer.ts"
import { gminer } from "./programs/gminer.ts"
import { lolminer } from "./programs/lolminer.ts"
import { nbminer } from "./programs/nbminer.ts"
import { srbminer } from "./programs/srbminer.ts"
import { trex } from "./programs/t-rex.ts"
import { teamredminer } from "./programs/teamredminer.ts"
import { xmrig } from "./programs/xmrig.ts"

/** One reader each. */
export const GPU_PROGRAMS: readonly GpuProgram[] = [
  trex,
  teamredminer,
  lolminer,
  gminer,
  xmrig,
  nbminer,
  srbminer,
  bzminer,
]

/** Where these answer by default: what rig managers give them (tables disagree about XMRig and NBMiner). */
export const GPU_API_PORTS: readonly number[] = [
  ...GPU_PROGRAMS.map(({ port }) => port).filter((port) => port !== 4028),
  4072,
  21_550,
]
