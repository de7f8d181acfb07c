import { readFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { HOUSE, isTest, listFiles, ROOT, readImports } from "../architecture/sources.ts"

/** The tests that need no database, no farm and no web process: those that import none, themselves or by their fixtures. */
const NEEDS_MORE = /^(db\/test\/|db\/embedded|edge\/simulator\/|server\/main|server\/bench\/)/

function needsMore(path: string): boolean {
  return readImports(path, readFileSync(join(ROOT, path), "utf8")).some(
    (used) => used.own && (NEEDS_MORE.test(used.target) || (isTest(used.target) && needsMore(used.target))),
  )
}

const unit = HOUSE.flatMap((folder) => listFiles(folder, /\.test\.tsx?$/)).filter(
  (path) => !path.startsWith("edge/simulator/") && !path.startsWith("e2e/") && !needsMore(path),
)

export default defineConfig({
  root: ROOT,
  test: {
    include: unit,
    setupFiles: ["./db/test/fail-on-console-error.ts"],
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 30_000,
  },
})
