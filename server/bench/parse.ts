import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { childEnvironment } from "../config.ts"
import { type BenchResult, benchResult } from "./bench.ts"

const LIMIT_RATIO = 0.3

/**
 * `parse`: each driver's way from the bytes of its answers to a reading, against `JSON.parse` of the same bytes. A family
 * counts by its slowest machine; `least` is the slowest family.
 */
export async function benchParse(): Promise<BenchResult> {
  const startedMs = performance.now()
  const { stdout } = await promisify(execFile)(process.execPath, ["edge/bench/parse.ts"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: childEnvironment({ LAMPROOM_LOG_LEVEL: "error" }),
  })
  const byFamily: Record<string, number> = {}
  for (const line of stdout.trim().split("\n")) {
    const { family, ratio } = JSON.parse(line) as { family: string; ratio: number }
    byFamily[family] = Math.min(byFamily[family] ?? Number.POSITIVE_INFINITY, Math.round(ratio * 100) / 100)
  }
  const least = Math.min(...Object.values(byFamily))
  return benchResult(
    "parse",
    startedMs,
    { least: { value: least, unit: "×", limit: LIMIT_RATIO, met: least >= LIMIT_RATIO } },
    byFamily,
  )
}
