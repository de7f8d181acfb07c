import type { Endpoint } from "./endpoint.ts"
import { THERMAL_ENDPOINTS } from "./thermal.ts"

/** Every door of the REST API; a test holds them against the permission catalogue. */
export const ENDPOINTS: Endpoint[] = [...THERMAL_ENDPOINTS]
