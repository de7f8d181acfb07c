import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { chromium } from "playwright"
import { childEnvironment } from "../config.ts"

/** A browser for the tests: where it is, how it must be started, and in one line where it came from. */
export type Browser = { executablePath: string; args: string[]; env: Record<string, string>; origin: string }

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
]
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/chromium", import.meta.url))
/** Quiet on a closed network; no sandbox where the tests run as root. */
const ARGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
]

/**
 * Finds a Chromium in the order of `decisions.md` 34: CHROMIUM_PATH, an installed one, Playwright's own, the one that
 * npm brought, apt as root. `only` narrows the search: `packaged` to
 * npm's (for its test), `present` to what needs no installing (for the doctor). Throws with what to do.
 */
export function findBrowser(chromiumPath: string | undefined, only?: "packaged" | "present"): Browser {
  if (chromiumPath && only !== "packaged") {
    if (!existsSync(chromiumPath))
      throw new Error(`CHROMIUM_PATH is ${chromiumPath}, and there is no such file.`)
    return plain(chromiumPath, "CHROMIUM_PATH")
  }
  const installed = INSTALLED.find((path) => existsSync(path))
  if (installed && only !== "packaged") return plain(installed, "installed on this machine")
  if (only !== "packaged" && existsSync(chromium.executablePath()))
    return plain(chromium.executablePath(), "Playwright's own")
  const packaged = packagedBrowser()
  if (packaged) return packaged
  if (process.getuid?.() === 0 && only !== "present") {
    spawnSync("apt-get", ["update"], { stdio: "ignore" })
    spawnSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { stdio: "ignore" })
    const path = INSTALLED.find((candidate) => existsSync(candidate))
    if (path) return plain(path, "installed now with apt")
  }
  throw new Error("No browser found. Install chromium (apt-get install chromium) or set CHROMIUM_PATH.")
}

function plain(executablePath: string, origin: string): Browser {
  return { executablePath, args: ARGS, env: {}, origin }
}

/** `@sparticuz/chromium` carries the browser and the libraries it needs, packed; they are unpacked once into the cache. */
function packagedBrowser(): Browser | null {
  const executablePath = join(CACHE, "chromium")
  const env = {
    LD_LIBRARY_PATH: join(CACHE, "al2023", "lib"),
    FONTCONFIG_FILE: join(CACHE, "fonts.conf"),
    HOME: CACHE,
  }
  if (!existsSync(executablePath) || !existsSync(env.LD_LIBRARY_PATH)) {
    mkdirSync(CACHE, { recursive: true })
    const entry = pathToFileURL(createRequire(import.meta.url).resolve("@sparticuz/chromium")).href
    const unpack = `const { inflate } = await import(${JSON.stringify(entry)}); const bin = ${JSON.stringify(join(fileURLToPath(entry), "../../bin"))};
      for (const part of ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"]) await inflate(bin + "/" + part)`
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", unpack], {
      env: childEnvironment({ TMPDIR: CACHE }),
      encoding: "utf8",
    })
    if (run.status !== 0) return null
  }
  // The package's own fonts.conf names folders of the machine it was made for; without a font the browser dies.
  writeFileSync(
    join(CACHE, "fonts.conf"),
    `<?xml version="1.0"?><fontconfig><dir>${join(CACHE, "fonts")}</dir><dir>/usr/share/fonts</dir><cachedir>${join(CACHE, "fonts-cache")}</cachedir></fontconfig>\n`,
  )
  const works = spawnSync(executablePath, ["--version", "--no-sandbox"], {
    env: childEnvironment(env),
    encoding: "utf8",
  })
  if (works.status !== 0) return null
  return {
    executablePath,
    args: [...ARGS, "--no-sandbox", "--no-zygote", "--disable-gpu"],
    env,
    origin: "@sparticuz/chromium from npm",
  }
}
