import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Metafile } from "esbuild"
import { afterAll, beforeAll, expect, it } from "vitest"
import { childEnvironment } from "../config.ts"
import { buildCollector } from "./build-collector.ts"

const dir = mkdtempSync(join(tmpdir(), "lamproom-bundle-"))
const file = join(dir, "collector.mjs")
let metafile: Metafile

beforeAll(async () => {
  metafile = await buildCollector(file)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const run = (...args: string[]) =>
  spawnSync(process.execPath, [file, ...args], {
    cwd: dir,
    encoding: "utf8",
    env: childEnvironment({ LAMPROOM_SERVER_URL: undefined, LAMPROOM_ENROLL_CODE: undefined }),
  })

it("holds the collector, its drivers and the leaves, and nothing of database, verbs or pages", () => {
  const used = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs)
      .filter(([, part]) => part.bytesInOutput > 0)
      .map(([path]) => path),
  )
  expect(used).toContain("edge/collector/main.ts")
  const foreign = used.filter(
    (path) =>
      /^(db|jobs|app)\//.test(path) ||
      /^edge\/(gateway|simulator)\//.test(path) ||
      (path.startsWith("server/") &&
        !/^server\/(contract\/|config\.ts|log\.ts|metrics\.ts|sealed-box\.ts)/.test(path)) ||
      /node_modules\/(react|react-dom|postgres|pg|pg-boss|drizzle-orm|lucia|hono|@hono|@remix-run)\//.test(
        path,
      ),
  )
  expect(foreign).toEqual([])
})

it("imports nothing that is not built into Node", () => {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map((item) => item.path))
  expect(imports.filter((path) => !process.getBuiltinModule(path))).toEqual([])
  expect(imports).not.toContain("node:sqlite")
})

it("starts by itself, away from the checkout", () => {
  const help = run("--help")
  expect(help.stderr).toBe("")
  expect(help.stdout).toContain("--lamproom-enroll-code")
  expect(help.status).toBe(0)
})

it("says what is missing in one line, and refuses plain http to another machine", () => {
  const without = run("--lamproom-cache-dir", join(dir, "cache"))
  expect([without.status, without.stderr.trim().split("\n").length]).toEqual([2, 1])
  expect(without.stderr).toContain("not enrolled")
  const plain = run("--lamproom-server-url", "http://farm.example:3000")
  expect([plain.status, plain.stderr.trim().split("\n").length]).toEqual([2, 1])
  expect(plain.stderr).toContain("Use https")
})
