import type { SimulatedMiner } from "./miner.ts"
import { hex } from "./random.ts"

/** Locally administered, from the seed. */
export function macOf(miner: SimulatedMiner): string {
  return `02${hex(miner.seed, 200, 10)}`.toUpperCase().match(/../g)!.join(":")
}
