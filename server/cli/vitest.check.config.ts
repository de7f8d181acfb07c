import { readFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { HOUSE, listFiles, ROOT, readImports } from "../architecture/sources.ts"

/** The tests that need no database, no farm and no web process: those that import none. */
const NEEDS_MORE = /^(db\/test\/|db\/embedded|edge\/simulator\/|server\/main|server\/bench\/)/
const unit = HOUSE.flatMap((folder) => listFiles(folder, /\.test\.tsx?$/)).filter(
  (path) =>
    !path.startsWith("edge/simulator/") &&
    !path.startsWith("e2e/") &&
    !readImports(path, readFileSync(join(ROOT, path), "utf8")).some((used) => NEEDS_MORE.test(used.target)),
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
