import { readFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { HOUSE, listFiles, ROOT } from "../architecture/sources.ts"

/** The tests that need neither a database nor a farm: those that import no harness. */
const NEEDS_MORE = /#db\/test\/|\.\/test\/database|\/simulator\/farm|edge\/simulator|from "\.\/database\.ts"/
const unit = HOUSE.flatMap((folder) => listFiles(folder, /\.test\.tsx?$/)).filter(
  (path) => !path.startsWith("edge/simulator/") && !NEEDS_MORE.test(readFileSync(join(ROOT, path), "utf8")),
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
