import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "../config.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const STAMP = join(ROOT, "build/stamp")

/** What the bundle is made of: the pages, the contract they share with the server, and the build's own settings. */
const INPUTS = ["app", "server/contract", "remix.config.js", "tailwind.config.ts", "package-lock.json"]

/** Builds the pages when their sources changed since the last build. Returns whether it built. Throws with the build's own words. */
export function buildApp(options: { force?: boolean } = {}): boolean {
  const stamp = fingerprint()
  const fresh =
    existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp && existsSync(join(ROOT, "build/index.js"))
  if (fresh && !options.force) return false
  const remix = createRequire(import.meta.url).resolve("@remix-run/dev/dist/cli.js")
  const run = spawnSync(process.execPath, [remix, "build"], {
    cwd: ROOT,
    encoding: "utf8",
    env: childEnvironment({ NODE_ENV: "production" }),
  })
  if (run.status !== 0) throw new Error(`The pages do not build:\n${run.stdout}${run.stderr}`)
  mkdirSync(join(ROOT, "build"), { recursive: true })
  writeFileSync(STAMP, stamp)
  return true
}

function fingerprint(): string {
  const hash = createHash("sha256")
  const add = (path: string) => hash.update(path).update(readFileSync(join(ROOT, path)))
  for (const input of INPUTS) {
    if (!existsSync(join(ROOT, input))) continue
    if (/\.[a-z]+$/.test(input)) add(input)
    else
      for (const entry of readdirSync(join(ROOT, input), { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile() && !/\.(test\.tsx?|md)$/.test(file.name))
        .map((file) => join(file.parentPath, file.name).slice(ROOT.length))
        .sort())
        add(entry)
  }
  return hash.digest("hex")
}
