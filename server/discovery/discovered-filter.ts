import { z } from "zod"
import { DISCOVERED_STATES } from "#server/contract/discovery.ts"

/** Which machines of the inbox; everything that is given must agree. */
export const discoveredFilterSchema = z.object({
  siteId: z.number().int().optional(),
  deviceId: z.number().int().optional(),
  scanId: z.uuid().optional(),
  state: z.enum(DISCOVERED_STATES).optional(),
  family: z.string().max(64).optional(),
  moved: z.boolean().optional(),
  needsLogin: z.boolean().optional(),
  q: z.string().trim().max(200).optional(),
})
