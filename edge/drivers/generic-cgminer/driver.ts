import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"

/** Anything that answers the common cgminer protocol. Writes nothing but `restart`, where the miner grants it. */
export const genericCgminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act,
}
