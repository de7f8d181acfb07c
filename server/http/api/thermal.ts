import { z } from "zod"
import { parseInput } from "../../access/parse-input.ts"
import { checkThermal } from "../../thermal/check-thermal.ts"
import { readThermalConfig } from "../../thermal/read-thermal-config.ts"
import { saveThermalConfig, saveThermalConfigInput } from "../../thermal/save-thermal-config.ts"
import type { ThermalConfig } from "../../thermal/thermal-config.ts"
import type { Endpoint } from "./endpoint.ts"

const siteInput = z.object({ site: z.string("Say site: its slug.").min(1).max(64) })
/** `site` in the query or in the body; what else the policy has, all of it optional. */
const putInput = saveThermalConfigInput.omit({ siteId: true }).extend(siteInput.partial().shape).strict()

/** The thermal guard (C08): its policy, and what it would do now. */
export const THERMAL_ENDPOINTS: Endpoint[] = [
  {
    method: "GET",
    path: "/api/thermal/config",
    answer: async ({ ctx, query }) => {
      const { site, config } = await readThermalConfig(ctx, { slug: query("site") })
      return { site: site.slug, config: told(config) }
    },
  },
  {
    method: "PUT",
    path: "/api/thermal/config",
    answer: async ({ ctx, query, body }) => {
      const { site: named, ...settings } = parseInput(putInput, (await body()) as z.input<typeof putInput>)
      const { site } = await readThermalConfig(ctx, { slug: named ?? query("site") })
      const { config, changed } = await saveThermalConfig(ctx, { siteId: site.id, ...settings })
      return { site: site.slug, config: told(config), changed }
    },
  },
  {
    method: "POST",
    path: "/api/thermal/check",
    answer: async ({ ctx, body }) => {
      const { site: slug } = parseInput(siteInput, (await body()) as z.input<typeof siteInput>)
      const check = await checkThermal(ctx, { slug })
      return {
        site: check.site.slug,
        checked_at: check.checkedAt.toISOString(),
        armed: check.armed,
        judged: check.judged,
        miners: check.miners.map((miner) => ({
          id: miner.minerId,
          name: miner.name,
          temperature_c: miner.temperatureC,
          level: miner.level,
          stopped_fan: miner.stoppedFan,
          verdict: miner.verdict,
          action: miner.action,
          cannot: miner.cannot,
          held: miner.held,
          held_since: miner.heldSince?.toISOString() ?? null,
          collected_at: miner.collectedAt.toISOString(),
        })),
      }
    },
  },
]

function told({ updated_at, ...config }: ThermalConfig) {
  return { ...config, updated_at: updated_at?.toISOString() ?? null }
}
