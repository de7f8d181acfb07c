import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type ProcessName, type Product, until } from "#server/bench/product.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import type { Context } from "#server/context.ts"
import { pick, seededRandom } from "./seeded-random.ts"
import { quarantinedSamples, sampleKey, spooledSamples } from "./spool-file.ts"
import { startFarm } from "./start-farm.ts"

const MINERS = 500
const IN_FLIGHT = 100
const ROUNDS = 10
/** What dies in each round; every process twice. */
const VICTIMS: (ProcessName | "database")[] = [
  "collector",
  "web",
  "database",
  "worker",
  "simulator",
  "web",
  "collector",
  "database",
  "simulator",
  "worker",
]

describe("every process killed at random moments", () => {
  let product: Product
  let admin: Context
  const seen = new Set<string>()
  const simulatorKills: Date[] = []
  const random = seededRandom(20_261_120)
  const spoolFile = () => join(product.dir, "cache", "offline_cache.db")
  const look = () => {
    for (const sample of spooledSamples(spoolFile())) seen.add(sampleKey(sample))
  }
  const lastWords = () =>
    VICTIMS.flatMap((name) => (name === "database" ? [] : [`${name}: ${product.logs(name).slice(-600)}`]))
      .slice(0, 5)
      .join("\n")
  const reboots = () =>
    product.journal().filter((act) => act.kind === "reboot-hard" || act.kind === "reboot-soft")

  beforeAll(async () => {
    ;({ product, admin } = await startFarm(MINERS, {
      farm: flatSpec(MINERS, "127.90.0.0"),
      targets: ["127.90.0.1-127.90.0.250", "127.90.1.1-127.90.1.250"],
      pollIntervalS: 10,
      simulatorArgs: ["--speed", "10"],
    }))
  })
  afterAll(() => product?.stop())

  it("loses no spooled sample, stores none twice, runs no command twice and leaves none stuck", async () => {
    const miners = await product.database.sql<
      { id: number; address: string }[]
    >`select id, ip_address as address from hosting_miners order by id`
    for (const victim of VICTIMS.slice(0, ROUNDS)) {
      const before = reboots().length
      const targets = pick(random, miners, IN_FLIGHT)
      const requestId = randomUUID()
      const request = () =>
        requestCommand(admin, {
          requestId,
          targets: { minerIds: targets.map((miner) => miner.id) },
          // One wave: what this test is about is many in flight at once.
          waveSize: IN_FLIGHT,
          action: { type: "REBOOT", parameters: { mode: "soft" } },
        })
      await request()
      const moment = before + 1 + Math.floor(random() * 60)
      await until(`${moment - before} acts of round ${victim}`, () => reboots().length >= moment, 30_000)
      look()
      if (victim === "database") {
        await product.killDatabase()
        await product.startDatabase()
      } else {
        await product.end(victim, "SIGKILL")
        if (victim === "simulator") simulatorKills.push(new Date())
        look()
        await product.start(victim)
      }
      await until(
        `uploads go on after ${victim} was killed; ${lastWords()}`,
        async () => {
          const [row] = await product.database.sql<
            { n: number }[]
          >`select count(*)::int as n from collector_upload_logs where received_at > now() - interval '5 seconds'`.catch(
            () => [{ n: 0 }],
          )
          look()
          return (row?.n ?? 0) > 0
        },
        90_000,
      )
    }

    await until(
      "every command has ended",
      async () => {
        look()
        const [row] = await product.database.sql<
          { n: number }[]
        >`select count(*)::int as n from remote_commands where status not in ('SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELLED')`
        return row?.n === 0
      },
      300_000,
      500,
    )

    const open = await product.database
      .sql`select 1 from remote_command_results where result_status in ('PENDING', 'RUNNING')`
    expect(open).toHaveLength(0)

    // A simulator that is killed between its journal and the act leaves an act that never took effect, and the
    // collector rightly finds that the machine did not restart: only such a command may count as failed.
    const acts = Map.groupBy(reboots(), (act) => String(act.address))
    const results = await product.database.sql<
      { address: string; succeeded: number; unknown: number; cut: number }[]
    >`
      select m.ip_address as address, count(*) filter (where r.result_status = 'SUCCEEDED')::int as succeeded,
             count(*) filter (where r.result_code = 5)::int as unknown,
             count(*) filter (where r.result_code = 1 and exists (
               select 1 from unnest(${`{${simulatorKills.map((kill) => kill.toISOString()).join(",")}}`}::text::timestamptz[]) k where k between c.requested_at and r.finished_at))::int as cut
      from hosting_miners m
      left join remote_command_results r on r.site_id = m.site_id and r.miner_id = m.id
      left join remote_commands c on c.site_id = r.site_id and c.id = r.command_id
      group by 1`
    const wrong = results.filter((row) => {
      const ran = acts.get(row.address)?.length ?? 0
      return ran < row.succeeded || ran > row.succeeded + row.unknown + row.cut
    })
    expect(
      wrong.map((row) => ({ ...row, ran: acts.get(row.address)?.length ?? 0 })),
      "commands that ran twice, or that only seem to have run",
    ).toEqual([])
    expect(reboots().length).toBeGreaterThan(ROUNDS * IN_FLIGHT * 0.5)

    look()
    await product.end("collector", "SIGTERM")
    look()
    await product.start("collector")
    await until(
      "the spool is drained",
      () =>
        !spooledSamples(spoolFile()).some((sample) => Date.parse(sample.collected_at) < Date.now() - 15_000),
      120_000,
    )
    const stored = await product.database.sql<
      {
        miner: string
        at: Date
        online: boolean
        accepted: number | null
        uptime: number | null
        address: string
      }[]
    >`
      select m.miner_key as miner, r.collected_at as at, r.online, r.accepted_shares::float8 as accepted, r.uptime_seconds as uptime, m.ip_address as address
      from telemetry_raw_24h r join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id`
    const keys = stored.map((row) => `${row.miner} ${row.at.toISOString()}`)
    expect(new Set(keys).size, "samples stored twice").toBe(keys.length)
    const inDatabase = new Set(keys)
    const still = new Set(spooledSamples(spoolFile()).map(sampleKey))
    expect(
      [...seen].filter((key) => !inDatabase.has(key) && !still.has(key)),
      "samples of the spool lost",
    ).toEqual([])
    expect(seen.size).toBeGreaterThan(MINERS)
    expect(quarantinedSamples(spoolFile()), "good samples put aside as refused").toBe(0)

    // A machine in its first second has counted nothing yet that could be told apart.
    const reads = new Map<string, number>()
    for (const read of product.journal().filter((entry) => entry.kind === "read")) {
      const key = `${read.address} ${read.accepted} ${read.elapsed}`
      reads.set(key, (reads.get(key) ?? 0) + 1)
    }
    const madeUp = stored.filter(
      (row) =>
        row.online &&
        row.accepted !== null &&
        (row.uptime ?? 0) > 0 &&
        !reads.has(`${row.address} ${row.accepted} ${row.uptime}`),
    )
    expect(madeUp, "samples that no machine answered").toEqual([])
  })
})
