import { z } from "zod"
import { scanOptionsSchema } from "#server/contract/discovery.ts"

/** What a person says of a scan, be it asked for once or repeated. */
export const scanFields = {
  deviceId: z.number("Choose a collector.").int(),
  /** Addresses, ranges and networks, each a text of its own. */
  targets: z.array(z.string()),
  /** Network and broadcast addresses, too. */
  includeEdges: z.boolean().default(false),
  options: scanOptionsSchema.default({ ports: [], gpu: false, concurrency: null }),
  /** What is found and new is read from then on, without being asked. */
  autoAccept: z.boolean().default(false),
}
