import type { Browser, Page } from "@playwright/test"
import type { MinerSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, startProduct, until } from "#server/bench/product.ts"
import { expect, test } from "./fixtures.ts"

/** A collector that reads nothing yet, on a network with machines of seven makes, and two that cannot take pools. */
const NETWORK = "127.97.0"
const FLOOR: MinerSpec["profile"][] = [
  "s19j-pro",
  "m50s",
  "m60s",
  "avalon-1566",
  "luxos-s21",
  "bos-s19-xp",
  "vnish-s19j-pro",
  "proto-rig",
  "mskminer-s19",
  "gpu-teamredminer",
]

test.describe("a floor of many makes", () => {
  let product: Product

  test.beforeAll(async () => {
    product = await startProduct({
      farm: {
        seed: 7,
        miners: FLOOR.map((profile, at) => ({
          address: `${NETWORK}.${at + 11}`,
          profile,
          worker: `acct.w${at + 1}`,
        })),
      },
      targets: [],
      pollIntervalS: 10,
      simulatorArgs: ["--speed", "30"],
    })
  })
  test.afterAll(() => product?.stop())

  async function hashing(): Promise<number> {
    const rows = await product.database
      .sql`select 1 from miner_telemetry_live where online and coalesce(hashrate_5s_ghs, hashrate_ghs) > 0`
    return rows.length
  }

  async function adminPage(browser: Browser): Promise<Page> {
    const context = await browser.newContext({ baseURL: product.url })
    const [admin] = await product.database.sql<
      { id: number }[]
    >`select id from user_access where global_role = 'admin'`
    const [name = "", value = ""] = (await product.cookie(admin?.id ?? 0)).split("=")
    await context.addCookies([{ name, value, url: product.url }])
    return context.newPage()
  }

  test("is looked for from the page, accepted, and its pools are changed whoever made the machine", async ({
    browser,
  }) => {
    const page = await adminPage(browser)
    await until(
      "the collector has enrolled",
      async () => (await product.database.sql`select 1 from edge_devices`).length > 0,
      60_000,
    )
    await page.goto("/discovery")
    await page.getByRole("link", { name: "Look for machines" }).first().click()
    await page.getByRole("textbox", { name: "Addresses" }).fill(`${NETWORK}.0/26`)
    await page.getByRole("button", { name: "Begin" }).click()
    await page.waitForURL(/\/discovery\/scans\//)
    await expect(page.getByText("Done").first()).toBeVisible({ timeout: 60_000 })
    for (const make of ["Avalon", "WhatsMiner", "Proto"])
      await expect(page.getByText(new RegExp(make)).first()).toBeVisible()

    await page.goto("/discovery")
    await page.getByLabel("Choose all on this page").check()
    await expect(page.getByText(`${FLOOR.length} chosen`)).toBeVisible()
    await page.getByRole("button", { name: "Accept" }).click()
    await expect(page.getByText(`${FLOOR.length} machines were accepted`).first()).toBeVisible()

    await page.goto("/miners")
    await expect(page.getByText(`${FLOOR.length} machines`).first()).toBeVisible({ timeout: 60_000 })
    await until("every machine hashes", async () => (await hashing()) === FLOOR.length, 120_000)
    await expect(page.getByRole("row").filter({ hasText: "Online" })).toHaveCount(FLOOR.length)

    await until(
      "the collector has told what each can",
      async () =>
        (await product.database.sql`select distinct make, model, firmware from miner_capabilities`).length >=
        FLOOR.length,
      60_000,
    )

    await page.goto("/commands/new")
    await page.getByRole("button", { name: "Take these" }).click()
    await expect(page.getByText(`All ${FLOOR.length} machines that match`)).toBeVisible()
    await page.getByRole("link", { name: "Change pool…" }).click()
    await page.getByLabel("Address").first().fill("stratum+tcp://new-pool.example:3333")
    await page.getByLabel("Worker").first().fill("newacct.{worker}")
    await page.getByRole("button", { name: "Preview" }).click()
    // Two that cannot say why before anything is asked of anybody.
    await expect(
      page.getByText("It will run on 8 of these 10 machines; the others are skipped."),
    ).toBeVisible()
    await page.getByLabel("Password of pool 1").fill("a-pool-password")
    await page.getByRole("button", { name: /hange pool on \d+ machines/ }).click()
    await page.waitForURL(/\/commands\/[0-9a-f-]{36}/)

    const [command] = await product.database.sql<{ id: string }[]>`
      select id from remote_commands order by requested_at desc limit 1`
    await expect(page.getByText("Succeeded").first()).toBeVisible({ timeout: 120_000 })
    // A machine that restarts its mining process answers later than the others.
    await until(
      "every machine has answered",
      async () =>
        (
          await product.database
            .sql`select 1 from remote_command_results where command_id = ${command?.id ?? ""}::uuid and result_status in ('PENDING', 'RUNNING')`
        ).length === 0,
      120_000,
    )
    const results = await product.database.sql<
      { make: string; status: string; message: string; before: unknown; after: unknown }[]
    >`select m.make, r.result_status as status, r.result_message as message, r.before, r.after
      from remote_command_results r join hosting_miners m on m.id = r.miner_id
      where r.command_id = ${command?.id ?? ""}::uuid`
    const changed = results.filter(({ status }) => status === "SUCCEEDED")
    expect(new Set(changed.map(({ make }) => make)).size).toBeGreaterThanOrEqual(4)
    expect(changed.map(({ message }) => message)).toHaveLength(FLOOR.length - 2)
    for (const { before, after } of changed) {
      expect(JSON.stringify(before)).not.toContain("new-pool.example")
      expect(JSON.stringify(after)).toContain("new-pool.example")
    }

    // The page tells each machine's before and after, and of the two that cannot the reason.
    await page.goto(`/commands/${command?.id}`)
    await expect(page.getByText("Skipped").first()).toBeVisible()
    await expect(page.getByText(/meridianpool/).first()).toBeVisible()
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })
})
