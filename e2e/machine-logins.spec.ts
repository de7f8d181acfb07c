import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, startProduct, until } from "#server/bench/product.ts"
import { expect, test } from "./fixtures.ts"

/** Three Antminers, one of which somebody gave a password by hand: until it is told, given, and all have a new one. */
const BY_HAND = "set-by-hand-1"
const NEW = "n3w-from-the-page"
const MINERS = 3

test.describe("logins of machines", () => {
  let product: Product
  test.beforeAll(async () => {
    const farm = flatSpec(MINERS, "127.97.0.0")
    farm.miners[0] = { ...farm.miners[0]!, password: BY_HAND }
    product = await startProduct({
      farm,
      targets: [`127.97.0.1-127.97.0.${MINERS}`],
      pollIntervalS: 10,
      simulatorArgs: ["--speed", "30"],
    })
    const { sql } = product.database
    await until("every machine is online and one wants a login", async () => {
      const online = await sql`select 1 from miner_telemetry_live where online`
      return online.length >= MINERS && (await sql`select 1 from miner_login_refusals`).length === 1
    })
  })
  test.afterAll(() => product?.stop())

  test("D19 C15 a machine that needs one says so, takes the one it is given, and all take a new password", async ({
    browser,
  }) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const [name = "", value = ""] = (await product.cookie()).split("=")
    await context.addCookies([{ name, value, url: product.url }])
    const page = await context.newPage()

    await page.goto(`${product.url}/miners?status=needs_login`)
    const rows = page.locator("tbody tr")
    await expect(rows).toHaveCount(1)
    await expect(rows.first()).toContainText("Needs login")
    await rows.first().getByRole("link").first().click()
    await expect(page.getByText("This machine refuses the user root")).toBeVisible()
    await page.getByRole("link", { name: "Give its login" }).first().click()
    await page.getByLabel("User name").fill("root")
    await page.getByLabel("Password", { exact: true }).fill("root")
    await expect(page.getByText("leave the factory with this password")).toBeVisible()
    await page.getByLabel("Password", { exact: true }).fill(BY_HAND)
    await page.getByRole("button", { name: "Give it to the collectors" }).click()
    await expect(page.getByText("The login is sealed to 1 collector")).toBeVisible()
    await expect(page.getByText("Its collector has it")).toBeVisible()
    expect(await page.content()).not.toContain(BY_HAND)
    await expect(page.getByText("Every machine takes the login")).toBeVisible()
    await page.goto(`${product.url}/miners?status=needs_login`)
    await expect(page.getByText("No machine matches")).toBeVisible()

    await page.goto(`${product.url}/miners`)
    await page.getByRole("checkbox", { name: "Select all" }).check()
    await page.getByText("Send a command").click()
    await page.getByRole("button", { name: "Change password…" }).click()
    await page.getByLabel("New password").fill(NEW)
    await page.getByLabel("The same again").fill("another")
    await page.getByRole("button", { name: "change the password of 3 machines" }).click()
    await expect(page.getByText("The two passwords differ.").first()).toBeVisible()
    await page.getByLabel("New password").fill(NEW)
    await page.getByLabel("The same again").fill(NEW)
    await page.getByRole("button", { name: "change the password of 3 machines" }).click()
    await page.waitForURL(/\/commands\/[0-9a-f-]{36}/)
    await expect(page.getByText("Succeeded").first()).toBeVisible()
    expect(await page.content()).not.toContain(NEW)

    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${product.url}/sites/test-site/logins`)
    await expect(page.getByText("Its collector has it")).toHaveCount(MINERS)
    const [{ stored } = { stored: 0 }] = await product.database.sql<{ stored: number }[]>`
      select count(*)::int as stored from miner_credentials where command_id is not null`
    expect(stored).toBe(MINERS)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, "nothing sticks out on a phone").toBeLessThanOrEqual(390)
    await context.close()
  })
})
