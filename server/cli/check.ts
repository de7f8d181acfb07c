import "./node-version.ts"
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "../config.ts"
import { buildApp } from "./build-app.ts"

/** `npm run check`: types, lint, the browser bundle, architecture and unit tests. No database. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const packageRequire = createRequire(import.meta.url)

type Step = { name: string; run: () => Promise<{ ok: boolean; output: string }> }

export const STEPS: Step[] = [
  { name: "types", run: () => node([packageRequire.resolve("typescript/bin/tsc"), "--noEmit", "-p", "."]) },
  {
    name: "lint",
    run: () =>
      node([join(ROOT, "node_modules/@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."]),
  },
  { name: "pages", run: async () => attempt(() => buildApp()) },
]

const vitest = join(ROOT, "node_modules/vitest/vitest.mjs")

async function attempt(work: () => void): Promise<{ ok: boolean; output: string }> {
  try {
    work()
    return { ok: true, output: "" }
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error) }
  }
}

function node(args: string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: childEnvironment({ NODE_ENV: undefined }),
      stdio: ["ignore", "pipe", "pipe"],
    })
    let output = ""
    child.stdout.on("data", (part) => (output += part))
    child.stderr.on("data", (part) => (output += part))
    child.on("close", (code) => done({ ok: code === 0, output }))
  })
}

/** Runs the steps, types and lint beside each other. Returns the names of those that failed, having printed why. */
export async function runSteps(steps: Step[]): Promise<string[]> {
  const outcomes = await Promise.all(steps.map(async (step) => ({ step, outcome: await step.run() })))
  for (const { step, outcome } of outcomes)
    console.log(outcome.ok ? `ok      ${step.name}` : `failed  ${step.name}\n${outcome.output}`)
  return outcomes.filter(({ outcome }) => !outcome.ok).map(({ step }) => step.name)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failed = await runSteps(STEPS)
  const unit: Step = {
    name: "architecture and unit tests",
    run: () => node([vitest, "run", "--config", "server/cli/vitest.check.config.ts"]),
  }
  failed.push(...(await runSteps([unit])))
  process.exit(failed.length === 0 ? 0 : 1)
}
