import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    globals: false,
    pool: "forks",
    maxWorkers: 2,
    maxConcurrency: 8,
    include: ["{app,server,edge,db,jobs}/**/*.test.{ts,tsx}", "e2e/model/**/*.test.ts"],
    setupFiles: ["./db/test/fail-on-console-error.ts"],
    globalSetup: ["./db/test/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
