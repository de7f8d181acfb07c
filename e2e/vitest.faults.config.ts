import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** The bad days: one at a time, since each kills processes of a whole product. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["e2e/faults/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 180_000,
  },
})
