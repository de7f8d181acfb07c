import { spawn } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { openDatabase } from "#db/client.ts"
import { findEmbedded } from "#db/embedded.ts"
import { removeEmbeddedData } from "#db/embedded-paths.ts"
import { childEnvironment } from "../config.ts"
import { type BenchResult, benchResult } from "./bench.ts"
import { until } from "./product.ts"

/** `start`: from `npm start` in a folder without data to the first machine's live telemetry in the database that the pages read. */
export async function benchStart(): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), "lamproom-start-"))
  chmodSync(dir, 0o755)
  const data = join(dir, "data")
  const startedAt = performance.now()
  const child = spawn(process.execPath, ["server/cli/start.ts"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: childEnvironment({
      NODE_ENV: "production",
      PORT: String(21_000 + (process.pid % 10_000)),
      DATABASE_URL: undefined,
      LAMPROOM_DATA: data,
      LAMPROOM_DEMO_NETWORK: String(200 + (process.pid % 20) * 2),
    }),
    stdio: ["ignore", "pipe", "inherit"],
  })
  let output = ""
  child.stdout.on("data", (part: Buffer) => (output += part.toString()))
  try {
    await until("the product is announced", () => /Ctrl-C stops/.test(output), 120_000)
    const url = findEmbedded(data)?.url
    if (!url) throw new Error("npm start runs without its database.")
    const { sql, close } = openDatabase(url, { max: 1, name: "lamproom-bench" })
    await until(
      "live telemetry",
      async () => (await sql`select 1 from miner_telemetry_live where online limit 1`).length > 0,
      120_000,
    )
    const seconds = (performance.now() - startedAt) / 1000
    await close()
    return benchResult("start", startedAt, {
      seconds_to_live: { value: seconds, unit: "s", limit: 30, met: seconds <= 30 },
    })
  } finally {
    const gone = new Promise((done) => child.once("exit", done))
    child.kill("SIGTERM")
    await gone
    removeEmbeddedData(data)
    rmSync(dir, { recursive: true, force: true })
  }
}
