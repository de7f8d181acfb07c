import { sql } from "drizzle-orm"
import type { CapabilitiesInput } from "#server/contract/edge.ts"
import type { Executor } from "../client.ts"
import { timestamp } from "./commands.ts"
import { storableJson } from "./commands-edge.ts"

/** What models and firmwares of a site can do; of two profiles of one key the last counts. Returns how many changed. */
export async function upsertCapabilities(
  db: Executor,
  device: { siteId: number; deviceId: number },
  profiles: CapabilitiesInput["profiles"],
  at: Date,
): Promise<number> {
  const rows = await db.execute(sql`
    insert into miner_capabilities as c (site_id, make, model, firmware, firmware_version, features, device_id, reported_at)
    select distinct on (2, 3, 4, 5) ${device.siteId}::int, coalesce(p.value ->> 'make', ''),
      coalesce(p.value ->> 'model', ''), coalesce(p.value ->> 'firmware', ''),
      coalesce(p.value ->> 'firmware_version', ''), p.value -> 'features', ${device.deviceId}::int, ${timestamp(at)}
    from jsonb_array_elements(${storableJson(profiles)}::jsonb) with ordinality as p(value, place)
    order by 2, 3, 4, 5, p.place desc
    on conflict (site_id, make, model, firmware, firmware_version) do update
      set features = excluded.features, device_id = excluded.device_id, reported_at = excluded.reported_at
      where c.features <> excluded.features or c.device_id <> excluded.device_id
        or c.reported_at < excluded.reported_at - interval '1 hour'
    returning 1`)
  return rows.length
}
