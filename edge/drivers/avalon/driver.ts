import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { look } from "./look.ts"
import { read } from "./read.ts"

/** Canaan's own firmware: everything on port 4028, reads in one joined request, writes by `ascset` and `setpool`. */
export const avalonDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act,
  backup,
  look,
}
