import { describe, expect, it } from "vitest"
import { dropPartitionsBefore, ensurePartitions, listPartitions } from "../partitions.ts"
import { useDatabase } from "./database.ts"

describe("partitions", () => {
  const database = useDatabase()

  it("are made ahead once and dropped whole when old", async () => {
    const now = new Date("2030-03-31T12:34:56Z")
    expect(await ensurePartitions(database.sql, now)).toBeGreaterThan(30)
    expect(await ensurePartitions(database.sql, now)).toBe(0)
    const cut = new Date("2030-03-31T00:00:00Z")
    const dropped = await dropPartitionsBefore(database.sql, "telemetry_raw_24h", cut)
    expect(dropped).toContain("telemetry_raw_24h_20300330h23")
    const left = await listPartitions(database.sql, "telemetry_raw_24h")
    expect(left.every((partition) => partition.endsAt > cut)).toBe(true)
  })
})
