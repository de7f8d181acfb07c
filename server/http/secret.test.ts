import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { readConfig } from "../config.ts"
import { requireProductionSettings, resolveSecret } from "./secret.ts"

describe("the secret", () => {
  const dir = mkdtempSync(join(tmpdir(), "lamproom-secret-"))
  afterAll(() => rmSync(dir, { recursive: true }))
  const config = (values: Record<string, string>) => readConfig([], { LAMPROOM_DATA: dir, ...values }, dir)

  it("is made once, for its owner's eyes, and a given one wins", () => {
    const made = resolveSecret(config({}))
    expect(made).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(resolveSecret(config({}))).toBe(made)
    expect(statSync(join(dir, "secret")).mode & 0o777).toBe(0o600)
    expect(resolveSecret(config({ LAMPROOM_SECRET: "x".repeat(40) }))).toBe("x".repeat(40))
  })

  it("and the base URL are asked for in production on a real server, both in one error", () => {
    const DATABASE_URL = "postgres://db.example/lamproom"
    const production = (values: Record<string, string>) => () =>
      requireProductionSettings(config({ NODE_ENV: "production", DATABASE_URL, ...values }))
    expect(production({})).toThrow(/LAMPROOM_SECRET[\s\S]*LAMPROOM_BASE_URL/)
    const LAMPROOM_SECRET = "x".repeat(40)
    expect(production({ LAMPROOM_SECRET, LAMPROOM_BASE_URL: "https://farm.example" })).not.toThrow()
    expect(() => requireProductionSettings(config({ DATABASE_URL }))).not.toThrow()
    expect(() => requireProductionSettings(config({ NODE_ENV: "production" }))).not.toThrow()
  })
})
