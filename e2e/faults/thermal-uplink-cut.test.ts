import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, startProduct, until } from "#server/bench/product.ts"
import { saveThermalConfig } from "#server/thermal/save-thermal-config.ts"

const MINERS = 4
const POLL_S = 10
const COOL_DOWN_S = 5
/** A reading within one interval, and the time that an act and its reading take. */
const REACTS_MS = (POLL_S + 10) * 1_000
const FIRST = "127.93.0.1"

/** What the machine itself says of its power mode, by the simulator's journal of posted configurations. */
const MODES: Record<number, string> = { 0: "normal", 1: "sleep", 3: "eco" }

describe("C08 a fan fails while the uplink is cut", () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct({
      // All of one model that knows low power.
      farm: {
        ...flatSpec(MINERS, "127.93.0.0"),
        miners: flatSpec(MINERS, "127.93.0.0").miners.map((miner) => ({
          ...miner,
          profile: "s19-pro" as const,
        })),
      },
      targets: ["127.93.0.1-127.93.0.4"],
      pollIntervalS: POLL_S,
      simulatorArgs: ["--speed", "100"],
    })
    await saveThermalConfig(product.ctx, {
      siteId: product.siteId,
      armed: true,
      warning_c: 85,
      critical_c: 95,
      resume_c: 76,
      actions: ["eco", "sleep"],
      cool_down_s: { fan_up: 60, eco: COOL_DOWN_S, sleep: COOL_DOWN_S, off: 60 },
      max_actions_per_minute: 30,
    })
    const { sql } = product.database
    await until(
      "every machine is online and the collector has the policy",
      async () => {
        const [row] = await sql<{ n: number; has: boolean }[]>`
          select (select count(*)::int from miner_telemetry_live where online) as n,
            bool_and(d.config_version = s.config_version) as has
          from edge_devices d join hosting_sites s on s.id = d.site_id`
        return (row?.n ?? 0) >= MINERS && row?.has === true
      },
      120_000,
    )
  })
  afterAll(() => product?.stop())

  const fault = async (kind: string) => {
    const answer = await fetch(`${product.controlUrl}/miners/${FIRST}/fault`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind }),
    })
    expect(answer.status).toBe(200)
  }
  const posted = (since: number) =>
    product
      .journal()
      .filter((act) => act.kind === "conf" && Date.parse(String(act.at)) >= since)
      .map((act) => ({
        address: String(act.address),
        mode: MODES[Number((act.detail as Record<string, unknown>).mode)] ?? "?",
        atMs: Date.parse(String(act.at)),
      }))

  it("goes to low power, then to sleep, and comes back when the fan turns again; each event arrives once", async () => {
    const { sql } = product.database
    await product.end("web", "SIGKILL")
    const failedMs = Date.now()
    await fault("fan-failure")
    const acted = (mode: string, times = 1) =>
      until(
        `the machine is put to ${mode}`,
        () => posted(failedMs).filter((act) => act.mode === mode).length >= times,
      )
    await acted("eco")
    expect(Date.now() - failedMs).toBeLessThanOrEqual(REACTS_MS)
    await acted("sleep")
    const [eco, sleep] = posted(failedMs)
    expect([eco?.mode, sleep?.mode]).toEqual(["eco", "sleep"])
    const betweenMs = (sleep?.atMs ?? 0) - (eco?.atMs ?? 0)
    expect(betweenMs).toBeGreaterThanOrEqual(COOL_DOWN_S * 1_000)
    expect(betweenMs).toBeLessThanOrEqual(COOL_DOWN_S * 1_000 + REACTS_MS)

    await fault("clear")
    // The collector dies and starts without an uplink: it goes by what is on its disk.
    await product.end("collector", "SIGKILL")
    await product.start("collector")
    await until("the machine works as before", () => posted(failedMs).at(-1)?.mode === "normal", 120_000)
    expect(posted(failedMs).every((act) => act.address === FIRST)).toBe(true)
    expect(await sql`select 1 from thermal_events`).toHaveLength(0)

    await product.start("web")
    await until(
      "the events have arrived",
      async () => (await sql`select 1 from thermal_events where kind = 'cleared'`).length > 0,
      120_000,
    )
    const events = await sql<{ kind: string; action: string | null; miner: string; at: Date }[]>`
      select e.kind, e.action, m.ip_address as miner, e.at from thermal_events e
      join hosting_miners m on m.id = e.miner_id order by e.seq`
    expect(new Set(events.map((event) => event.miner))).toEqual(new Set([FIRST]))
    const told = events.map((event) => `${event.kind} ${event.action ?? ""}`.trim())
    expect(told.slice(0, 4)).toEqual(["warning", "action eco", "held", "action sleep"])
    expect(told.slice(-3)).toEqual(["resumed sleep", "resumed eco", "cleared"])
    // Every act that the machine saw is told, and none twice.
    const acts = told.filter((each) => each.startsWith("action") || each.startsWith("resumed"))
    expect(acts).toHaveLength(posted(failedMs).length)
    const audited = await sql`select 1 from audit_log where action in ('thermal.action', 'thermal.resume')`
    expect(audited).toHaveLength(acts.length)
    expect(await sql`select 1 from thermal_holds`).toHaveLength(0)
    const [doubled] = await sql<{ n: number }[]>`
      select count(*)::int as n from (select at, kind, action from thermal_events group by 1, 2, 3 having count(*) > 1) twice`
    expect(doubled?.n).toBe(0)
  })
})
