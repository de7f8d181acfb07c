import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { JOBS } from "#server/contract/jobs.ts"
import { PERMISSIONS } from "#server/contract/permissions.ts"
import { API, PROCEDURES, ROUTES } from "#server/contract/surface.ts"
import { breachesOf } from "./import-rules.ts"
import { isTest, listFiles, ROOT, readImports, readSources } from "./sources.ts"

const sources = readSources()
const product = sources.filter((source) => !isTest(source.path))

describe("imports", () => {
  it("go only where the house allows", () => {
    expect(sources.flatMap(breachesOf)).toEqual([])
  })

  it.each([
    ["jobs/x.ts", `import { a } from "#app/root.tsx"`],
    ["app/routes/x.tsx", `import { a } from "#db/client.ts"`],
    ["app/routes/x.tsx", `import { a } from "../../server/fleet/read-miner.ts"`],
    ["edge/collector/x.ts", `import { a } from "#db/client.ts"`],
    ["edge/collector/x.ts", `import { gateway } from "#edge/gateway/router.ts"`],
    ["edge/drivers/x.ts", `import { a } from "#edge/simulator/farm.ts"`],
    ["server/fleet/x.ts", `import { redirect } from "@remix-run/node"`],
    ["server/fleet/x.ts", `import { PgBoss } from "pg-boss"`],
    ["server/contract/x.ts", `import { a } from "../log.ts"`],
    ["db/queries/x.ts", `import { a } from "#server/fleet/read-miner.ts"`],
  ])("a breach in %s is found: %s", (path, text) => {
    expect(breachesOf({ path, text, imports: readImports(path, text) })).toHaveLength(1)
  })

  it("name own files with their ending, and code of another room by its alias", () => {
    const bad = product.flatMap((source) =>
      source.imports
        .filter((used) => used.own && !/\.(tsx?|css|json)(\?url)?$/.test(used.specifier))
        .map((used) => `${source.path}: ${used.specifier}`),
    )
    expect(bad).toEqual([])
  })
})

describe("single homes", () => {
  it("process.env is read in server/config.ts only", () => {
    const readers = product.filter(
      (source) => /\bprocess\s*\.\s*env\b/.test(source.text) && source.path !== "server/config.ts",
    )
    expect(readers.map((source) => source.path)).toEqual([])
  })

  it("the straight lines are tagged completely", () => {
    for (const [line, stops] of [
      ["telemetry", 8],
      ["command", 10],
    ] as const) {
      const tags = product.flatMap((source) =>
        [...source.text.matchAll(new RegExp(`path: ${line} (\\d+)/(\\d+)`, "g"))].map((match) => ({
          stop: Number(match[1]),
          of: Number(match[2]),
        })),
      )
      expect(new Set(tags.map((tag) => tag.of)), line).toEqual(new Set([stops]))
      expect(
        [...new Set(tags.map((tag) => tag.stop))].sort((a, b) => a - b),
        line,
      ).toEqual(Array.from({ length: stops }, (_, index) => index + 1))
    }
  })
})

describe("the README", () => {
  it("draws every stop of the straight lines where the code has it", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8")
    const drawn = [...readme.matchAll(/(\d+) [\w ()]+<br>([\w./$-]+\.tsx?)/g)].map((match) => ({
      stop: match[1] ?? "",
      path: match[2] ?? "",
    }))
    expect(drawn.length).toBe(18)
    const astray = drawn.filter(
      ({ stop, path }) =>
        !product.find((source) => source.path === path)?.text.match(new RegExp(`path: \\w+ ${stop}/`)),
    )
    expect(astray).toEqual([])
  })
})

describe("catalogues", () => {
  it("every route is in the permission catalogue, and no more", () => {
    const routes = listFiles("app/routes", /\.tsx?$/)
      .filter((path) => !isTest(path))
      .map((path) => path.replace(/^app\/routes\//, "").replace(/(\/route)?\.tsx?$/, ""))
    expect(routes.sort()).toEqual(Object.keys(ROUTES).sort())
  })

  it("every gateway procedure is in the permission catalogue, and no more", async () => {
    const { gateway } = await import("#edge/gateway/router.ts")
    expect(Object.keys(gateway._def.procedures).sort()).toEqual(Object.keys(PROCEDURES).sort())
  })

  it("every door of the REST API is in the permission catalogue, and no more", async () => {
    const { ENDPOINTS } = await import("#server/http/api/endpoints.ts")
    expect(ENDPOINTS.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(API).sort())
  })

  it("route permissions are permissions of the catalogue", () => {
    for (const rule of [...Object.values(ROUTES), ...Object.values(API)])
      if (rule.access === "permission") expect(PERMISSIONS).toContain(rule.permission)
  })

  it("every job of the catalogue has a handler that is registered", () => {
    const register = sources.find((source) => source.path === "jobs/register.ts")?.text ?? ""
    expect(Object.keys(JOBS).filter((name) => !register.includes(`"${name}"`))).toEqual([])
  })
})

describe("the browser bundle", () => {
  const metafile = join(ROOT, "build/metafile.js.json")
  it.runIf(existsSync(metafile))("holds no server code", () => {
    type Metafile = { outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }
    const { outputs } = JSON.parse(readFileSync(metafile, "utf8")) as Metafile
    const inputs = Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs)
        .filter(([, size]) => size.bytesInOutput > 0)
        .map(([path]) => path),
    )
    const leak =
      /^(server\/(?!contract\/)|db\/|jobs\/|edge\/)|node_modules\/(postgres|drizzle-orm|pg|pg-boss|lucia|hono|@hono|@trpc\/server|pino)\//
    expect(inputs.filter((path) => leak.test(path))).toEqual([])
    expect(inputs.length).toBeGreaterThan(10)
  })
})

describe("words", () => {
  it("stand in the string catalogue, not in components", () => {
    const found = product
      .filter((source) => source.path.startsWith("app/") && source.path.endsWith(".tsx"))
      .flatMap((source) =>
        [...source.text.matchAll(/>\s*([A-Za-z][A-Za-z ,.'’-]{2,})\s*<\//g)].map(
          (match) => `${source.path}: ${match[1]}`,
        ),
      )
    expect(found).toEqual([])
  })

  it("nothing unfinished is marked or switched off", () => {
    const marks = sources
      .filter((source) => !source.path.startsWith("server/architecture/"))
      .flatMap((source) =>
        [
          ...source.text.matchAll(
            /\b(TODO|FIXME|XXX)\b|\b(it|test|describe)\.(only|skip)\(|@ts-(ignore|nocheck)/g,
          ),
        ].map((match) => `${source.path}: ${match[0]}`),
      )
    expect(marks).toEqual([])
  })
})
