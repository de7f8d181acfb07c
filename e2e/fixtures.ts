import { test as base, expect, type Page } from "@playwright/test"
import { type RunningProduct, runningProduct } from "./running-product.ts"

/** Journeys get the running product, a log-in, and a page that must stay free of console errors. */
type Fixtures = {
  product: RunningProduct
  /** Logs in as one of the demo's accounts, through the form. */
  logInAs: (who: string) => Promise<Page>
  /** Lets something go wrong with a machine of the simulated farm, e.g. `fault("127.1.0.3", "offline")`. */
  fault: (address: string, kind: string) => Promise<void>
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's form
  product: async ({}, use) => use(runningProduct()),
  baseURL: async ({ product }, use) => use(product.url),
  page: async ({ page }, use) => {
    const errors: string[] = []
    page.on("pageerror", (error) => errors.push(error.message))
    page.on("console", (message) => {
      // Chromium itself logs a line for every answer above 399; those that a journey provokes are asserted there.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        errors.push(message.text())
    })
    await use(page)
    expect(errors, "the console stays clean").toEqual([])
  },
  logInAs: async ({ page, product }, use) =>
    use(async (who) => {
      const login = product.logins.find((one) => one.who === who)
      if (!login)
        throw new Error(`The product printed no login for ${who}: ${product.logins.map((one) => one.who)}`)
      await page.goto("/login")
      await page.getByLabel("E-mail").fill(login.email)
      await page.getByLabel("Password", { exact: true }).fill(login.password)
      await page.getByRole("button", { name: "Log in" }).click()
      await page.waitForURL((url) => !url.pathname.startsWith("/login"))
      return page
    }),
  fault: async ({ product }, use) =>
    use(async (address, kind) => {
      const answer = await fetch(`http://127.0.0.1:${product.controlPort}/miners/${address}/fault`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ kind }),
      })
      expect(answer.ok).toBe(true)
    }),
})
export { expect }

/** Address `n` of the demo's first or second site. */
export function addressOf(product: RunningProduct, site: "a" | "b", n: number): string {
  return `127.${product.network + (site === "a" ? 0 : 1)}.0.${n}`
}
