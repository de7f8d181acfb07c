import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { removeEmbeddedData } from "#db/embedded-paths.ts"
import { until } from "#server/bench/product.ts"
import { childEnvironment } from "#server/config.ts"
import { PRODUCT_FILE, type RunningProduct } from "./running-product.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))

/** `npm start` itself, in a folder, on ports and on loopback networks of its own; stopped and checked after the run. */
export default async function setup(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "lamproom-e2e-"))
  chmodSync(dir, 0o755)
  const port = 20_000 + (process.pid % 20_000)
  const network = 100 + (process.pid % 50) * 2
  const child = spawn(process.execPath, ["server/cli/start.ts"], {
    cwd: ROOT,
    env: childEnvironment({
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      DATABASE_URL: undefined,
      LAMPROOM_DATA: join(dir, "data"),
      LAMPROOM_DEMO_NETWORK: String(network),
      LAMPROOM_ADMIN_PASSWORD: "a-lamp-for-every-miner",
    }),
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  child.stdout.on("data", (part: Buffer) => (output += part.toString()))
  child.stderr.on("data", (part: Buffer) => (output += part.toString()))
  await until(
    `the product is announced; so far it said:\n${output}`,
    () => /Ctrl-C stops/.test(output) || ended(child, output),
    120_000,
  )

  const logins = [...output.matchAll(/^ {2}(\S[\w ]*?) {2,}(\S+@\S+) +(\S+)$/gm)].map((match) => ({
    who: match[1] ?? "",
    email: match[2] ?? "",
    password: match[3] ?? "",
  }))
  const product: RunningProduct = {
    url: `http://127.0.0.1:${port}`,
    network,
    controlPort: 4_000 + network,
    logins,
  }
  mkdirSync(dirname(PRODUCT_FILE), { recursive: true })
  writeFileSync(PRODUCT_FILE, JSON.stringify(product))

  return async () => {
    const gone = new Promise((done) => child.once("exit", done))
    child.kill("SIGTERM")
    await gone
    removeEmbeddedData(join(dir, "data"))
    rmSync(dir, { recursive: true, force: true })
    rmSync(PRODUCT_FILE, { force: true })
  }
}

function ended(child: ChildProcess, output: string): boolean {
  if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`)
  return false
}
