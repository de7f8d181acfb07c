import "./node-version.ts"
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "../config.ts"
import { runSteps, STEPS } from "./check.ts"
import { readCommandLine } from "./command-line.ts"

/** `npm test`: types, lint, pages, then every vitest file, the bad days, the browser journeys; one closing line. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const { argv } = readCommandLine(`
npm test                          types, lint, architecture, unit, database, contract and browser tests
npm run test:long -- --minutes N  repeats the tests with random seeds for N minutes (default 10)
`)

type Tally = { passed: number; failed: number; skipped: number }
const reports = mkdtempSync(join(tmpdir(), "lamproom-reports-"))

function run(args: string[], environment: Record<string, string | undefined>): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: "inherit",
      env: childEnvironment(environment),
    })
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process.once("SIGINT", pass)
    process.once("SIGTERM", pass)
    child.on("close", (code) => {
      process.off("SIGINT", pass)
      process.off("SIGTERM", pass)
      done(code ?? 1)
    })
  })
}

/** A runner that crashed, or says nothing, counts as one failure. */
function settle(code: number, tally: Tally | null): Tally {
  if (!tally) return { passed: 0, failed: 1, skipped: 0 }
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

async function runVitest(extra: string[] = [], seed?: number): Promise<Tally> {
  const file = join(reports, "vitest.json")
  rmSync(file, { force: true })
  const code = await run(
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=dot",
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...extra,
    ],
    { NODE_ENV: undefined, ...(seed === undefined ? {} : { LAMPROOM_TEST_SEED: String(seed) }) },
  )
  if (!existsSync(file)) return settle(code, null)
  const json = JSON.parse(readFileSync(file, "utf8")) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
  }
  return settle(code, {
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    skipped: json.numPendingTests,
  })
}

async function runPlaywright(): Promise<Tally> {
  const file = join(reports, "playwright.json")
  const code = await run(
    [
      join(ROOT, "node_modules/@playwright/test/cli.js"),
      "test",
      "--config",
      "e2e/playwright.config.ts",
      "--reporter=list,json",
    ],
    {
      NODE_ENV: undefined,
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    },
  )
  if (!existsSync(file)) return settle(code, null)
  const { stats } = JSON.parse(readFileSync(file, "utf8")) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  }
  return settle(code, {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  })
}

async function main(): Promise<void> {
  const long = argv.includes("--long")
  const total: Tally = { passed: 0, failed: 0, skipped: 0 }
  const add = (tally: Tally) => {
    total.passed += tally.passed
    total.failed += tally.failed
    total.skipped += tally.skipped
  }
  if (long) {
    const minutes = Number(argv[argv.indexOf("--minutes") + 1] ?? 10) || 10
    const until = performance.now() + minutes * 60_000
    while (performance.now() < until && total.failed === 0) {
      const seed = Date.now() % 2_147_483_647
      add(await runVitest(["--sequence.shuffle", `--sequence.seed=${seed}`], seed))
    }
  } else {
    const failed = await runSteps(STEPS)
    add({ passed: STEPS.length - failed.length, failed: failed.length, skipped: 0 })
    add(await runVitest())
    add(await runVitest(["--config", "e2e/vitest.faults.config.ts"]))
    add(await runPlaywright())
  }
  rmSync(reports, { recursive: true, force: true })
  console.log(
    `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
  )
  process.exitCode = total.failed === 0 ? 0 : 1
}

await main()
