import { addressOf, expect, test } from "./fixtures.ts"

test("an admin watches the farm, reboots a machine and sees it come back", async ({ logInAs, product }) => {
  const page = await logInAs("admin")
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible()
  await expect(page.getByText("60 machines at 2 sites")).toBeVisible()

  const address = addressOf(product, "a", 1)
  await page.goto(`/miners?q=${address}`)
  const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: address, exact: true }) })
  await expect(row.getByText("Online").last()).toBeVisible()
  await row.getByRole("link").first().click()
  await expect(page.getByText("Reading from")).toBeVisible()
  const minerPage = page.url()

  await page.getByText("Send a command").click()
  await page.getByText("Reboot the machine…").click()
  await expect(page.getByText("It will run on this machine.")).toBeVisible()
  await page.getByRole("button", { name: "Reboot" }).click()

  await page.goto("/commands")
  await page
    .getByRole("link", { name: /Reboot/ })
    .first()
    .click()
  await expect(page.getByText("Succeeded").first()).toBeVisible()
  const timeline = page.getByRole("region", { name: "What happened" })
  for (const step of ["Asked for", "Queued for the collectors", "First machine taken up", "Ended"])
    await expect(timeline.getByText(step)).toBeVisible()

  await page.goto(minerPage)
  await expect(page.getByText(/Uptime: \d+ s/)).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText("Online").first()).toBeVisible()
})

test("a machine that dies raises a notice and stands in the list of changes", async ({
  logInAs,
  product,
  fault,
}) => {
  const page = await logInAs("operator")
  const address = addressOf(product, "b", 3)
  await page.goto(`/miners?q=${address}`)
  const name = await page.getByRole("row").filter({ hasText: address }).getByRole("link").first().innerText()
  await page.goto("/")
  await fault(address, "offline")
  await expect(page.getByText(`${name} went offline`).first()).toBeVisible({ timeout: 75_000 })
  await page.goto("/miners?status=offline")
  await expect(page.getByRole("row").filter({ hasText: address })).toContainText("Offline")
  await fault(address, "clear")
  await expect(page.getByRole("row").filter({ hasText: address })).toHaveCount(0, { timeout: 75_000 })
})

test("a hosting client sees his own machines, and only his", async ({ logInAs, browser, product }) => {
  const page = await logInAs("hosting client")
  await page.goto("/miners")
  const own = await page.getByRole("row").count()
  expect(own).toBeGreaterThan(5)
  await expect(page.getByText("Aurora Mining")).toHaveCount(0)

  const other = await browser.newContext({ baseURL: product.url })
  const admin = await other.newPage()
  const login = product.logins.find((one) => one.who === "admin")
  await admin.goto("/login")
  await admin.getByLabel("E-mail").fill(login?.email ?? "")
  await admin.getByLabel("Password", { exact: true }).fill(login?.password ?? "")
  await admin.getByRole("button", { name: "Log in" }).click()
  await admin.waitForURL((url) => !url.pathname.startsWith("/login"))
  await admin.goto("/miners?owner=none")
  const foreign = await admin.getByRole("row").nth(1).getByRole("link").first().getAttribute("href")
  await other.close()

  const answer = await page.goto(foreign ?? "")
  expect(answer?.status()).toBe(404)
  await expect(page.getByText("Nothing here")).toBeVisible()
})

test("the status page is public and tells nothing of the machines", async ({ page }) => {
  await page.goto("/status/hollow-ridge")
  await expect(page.getByRole("heading", { name: "Hollow Ridge" })).toBeVisible()
  await expect(page.getByText(/Operational|Degraded/).first()).toBeVisible()
  const text = await page.locator("body").innerText()
  expect(text).not.toMatch(/127\.|Antminer|stratum|Northfjord|Aurora/)
  expect((await page.goto("/status/no-such-site"))?.status()).toBe(404)
})

test("reading works without JavaScript", async ({ browser, product }) => {
  const context = await browser.newContext({ baseURL: product.url, javaScriptEnabled: false })
  const page = await context.newPage()
  const login = product.logins.find((one) => one.who === "operator")
  await page.goto("/login")
  await page.getByLabel("E-mail").fill(login?.email ?? "")
  await page.getByLabel("Password", { exact: true }).fill(login?.password ?? "")
  await page.getByRole("button", { name: "Log in" }).click()
  for (const path of ["/", "/miners?status=hot", "/sites/fjord-hall", "/commands"]) {
    expect((await page.goto(path))?.status(), path).toBe(200)
    await expect(page.getByRole("heading").first()).toBeVisible()
  }
  await context.close()
})

for (const width of [360, 1440, 3840])
  test(`no page scrolls sideways at ${width} px, in both themes`, async ({ logInAs }) => {
    const page = await logInAs("admin")
    await page.setViewportSize({ width, height: 900 })
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const path of [
        "/",
        "/miners",
        "/sites",
        "/sites/hollow-ridge",
        "/sites/hollow-ridge/settings",
        "/sites/hollow-ridge/thermal",
        "/sites/hollow-ridge/logins",
        "/discovery",
        "/discovery/new",
        "/docs/miners",
        "/commands",
        "/approvals",
        "/collectors",
        "/settings/users",
        "/settings/clients",
        "/audit",
        "/account",
        "/status/fjord-hall",
      ]) {
        expect((await page.goto(path))?.status(), path).toBe(200)
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(wide, `${path} at ${width} px, ${scheme}`).toBeLessThanOrEqual(0)
      }
    }
  })
