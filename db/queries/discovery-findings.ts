import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** What one scan found, address by address. */
export type NewFinding = {
  address: string
  addressNumber: number
  discoveredId: number | null
  ports: number[]
  seen: string[]
}

/** Takes each address of a scan once; what is told again changes nothing. */
export async function insertFindings(
  tx: Executor,
  scanId: string,
  rows: readonly NewFinding[],
  at: Date,
): Promise<void> {
  if (rows.length === 0) return
  await tx.execute(sql`
    insert into discovery_findings (scan_id, address, address_number, discovered_id, ports, seen, at)
    select ${scanId}::uuid, f.address, f."addressNumber", f."discoveredId",
      coalesce((select array_agg(p::int) from jsonb_array_elements_text(f.ports) p), '{}'),
      coalesce((select array_agg(s) from jsonb_array_elements_text(f.seen) s), '{}'), ${at.toISOString()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as f(
      address text, "addressNumber" bigint, "discoveredId" int, ports jsonb, seen jsonb)
    on conflict (scan_id, address) do nothing`)
}

export type UnknownRow = { address: string; ports: number[]; seen: string[]; at: Date }

/** Devices that answered a scan and are no machine that we know, by address. */
export async function selectUnknown(
  db: Executor,
  scanId: string,
  page: { limit: number; offset: number },
): Promise<UnknownRow[]> {
  return db.execute<UnknownRow>(sql`
    select address, ports, seen, at from discovery_findings
    where scan_id = ${scanId}::uuid and discovered_id is null
    order by address_number limit ${page.limit} offset ${page.offset}`)
}

export async function countFindings(
  db: Executor,
  scanId: string,
): Promise<{ machines: number; unknown: number }> {
  const [row] = await db.execute<{ machines: number; unknown: number }>(sql`
    select count(discovered_id)::int as machines, (count(*) - count(discovered_id))::int as unknown
    from discovery_findings where scan_id = ${scanId}::uuid`)
  return row ?? { machines: 0, unknown: 0 }
}
