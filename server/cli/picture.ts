import "./node-version.ts"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright"
import { childEnvironment } from "../config.ts"
import { findBrowser } from "./browser.ts"
import { readCommandLine } from "./command-line.ts"

/** Takes the README's picture of a running product. */
const OUT = fileURLToPath(new URL("../../e2e/pictures/overview.png", import.meta.url))
const { config } = readCommandLine(`
npm run picture   takes the README's picture (${OUT}) of the product that runs on PORT,
                  as LAMPROOM_ADMIN_EMAIL with LAMPROOM_ADMIN_PASSWORD
`)
const found = findBrowser(config.CHROMIUM_PATH)
const browser = await chromium.launch({
  ...found,
  env: childEnvironment(found.env) as Record<string, string>,
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" })
  await page.goto(`http://${config.HOST}:${config.PORT}/login`)
  await page.getByLabel("E-mail").fill(config.LAMPROOM_ADMIN_EMAIL)
  await page.getByLabel("Password", { exact: true }).fill(config.LAMPROOM_ADMIN_PASSWORD ?? "")
  await page.getByRole("button", { name: "Log in" }).click()
  await page.waitForURL((url) => url.pathname === "/")
  await page.getByRole("heading", { name: "Overview" }).waitFor()
  await page.screenshot({ path: OUT })
  console.log(`Wrote ${OUT}`)
} finally {
  await browser.close()
}
