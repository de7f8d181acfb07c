import { defineConfig } from "@playwright/test"
import { findBrowser } from "#server/cli/browser.ts"
import { readConfig } from "#server/config.ts"

const browser = findBrowser(readConfig([]).CHROMIUM_PATH)
if (process.argv.includes("test")) console.log(`Browser: ${browser.executablePath} (${browser.origin})`)

/** The journeys, against the all-in-one with its simulator: one product for the run, started by the global set-up. */
export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results",
  globalSetup: "./global-setup.ts",
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 60_000 },
  use: {
    launchOptions: {
      executablePath: browser.executablePath,
      args: browser.args,
      env: { ...(process as unknown as { env: Record<string, string> }).env, ...browser.env },
    },
    trace: "off",
    screenshot: "only-on-failure",
  },
})
