import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "../config.ts"
import { type BenchResult, benchResult, type Figure } from "./bench.ts"

const MINERS = 1_000
const SILENT = 4_000
const DEAF = 4_000
/** Of 256 addresses each: where the silent and the deaf begin. */
const SILENT_FIRST = 64 * 256
const DEAF_FIRST = 128 * 256
/** A process of hosts stays within 4,096 open files. */
const HOSTS_A_PROCESS = 1_000
const LIMIT_S = 120
const LIMIT_MB = 300

/**
 * `scan`: the scanner as a person starts it over 65,536 loopback addresses. 1,000 of them are simulated miners of several
 * makes, 4,000 accept on port 4028 and keep silent, 4,000 never answer there, the others refuse. Its memory is that of
 * its own process at its highest.
 */
export async function benchScan(): Promise<BenchResult> {
  const startedMs = performance.now()
  const network = `127.${100 + (process.pid % 100)}`
  const children: ChildProcess[] = []
  try {
    const start = (args: string[]) => {
      const child = node(args)
      children.push(child)
      return child
    }
    const farm = `flat:${MINERS}@${network}.0.0:mix`
    const port = String(20_000 + (process.pid % 20_000))
    await ready(start(["edge/simulator/main.ts", "--farm", farm, "--control", port]))
    const hosts = (kind: string, first: number, count: number) =>
      Array.from({ length: count / HOSTS_A_PROCESS }, (_, n) =>
        start([HOSTS, kind, network, String(first + n * HOSTS_A_PROCESS), String(HOSTS_A_PROCESS)]),
      )
    await Promise.all(hosts("silent", SILENT_FIRST, SILENT).map(ready))
    const deaf = hosts("deaf", DEAF_FIRST, DEAF)
    await Promise.all(deaf.map(ready))
    for (const child of deaf) child.kill("SIGSTOP")
    await Promise.all(hosts("fill", DEAF_FIRST, DEAF).map(ready))

    const scan = await runScanner(`${network}.0.0/16`)
    const miners = new Set(
      Array.from({ length: MINERS }, (_, at) => `${network}.${Math.floor(at / 250)}.${(at % 250) + 1}`),
    )
    const wrong = scan.found.filter((address) => !miners.has(address)).length
    const missed = MINERS - new Set(scan.found.filter((address) => miners.has(address))).size
    const twice = scan.found.length - new Set(scan.found).size
    return benchResult(
      "scan",
      startedMs,
      {
        seconds_65536: atMost(scan.seconds, "s", LIMIT_S),
        rss_mb: atMost(scan.rssMb, "MB", LIMIT_MB),
        missed: atMost(missed, "machines", 0),
        false: atMost(wrong + twice, "machines", 0),
      },
      { said: scan.said },
    )
  } finally {
    for (const child of children) child.kill("SIGKILL")
  }
}

const HOSTS = "server/bench/scan-hosts.ts"

function node(args: string[]): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: childEnvironment({ LAMPROOM_LOG_LEVEL: "error" }),
    stdio: ["ignore", "pipe", "pipe"],
  })
}

/** Resolves with the child's first line. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ""
    child.stderr?.on("data", (part: Buffer) => {
      said += part.toString()
    })
    child.stdout?.once("data", () => resolve())
    child.once("exit", (code) => reject(new Error(`A process of the benchmark ended with ${code}: ${said}`)))
  })
}

async function runScanner(range: string) {
  const began = performance.now()
  const child = node(["edge/scan.ts", range, "--include-edges", "--json"])
  let output = ""
  let said = ""
  let rssMb = 0
  child.stdout?.on("data", (part: Buffer) => {
    output += part.toString()
  })
  child.stderr?.on("data", (part: Buffer) => {
    said += part.toString()
  })
  const looking = setInterval(() => {
    rssMb = Math.max(rssMb, highestRssMb(child.pid))
  }, 250)
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  clearInterval(looking)
  if (code !== 0) throw new Error(`The scanner ended with ${code}: ${output.slice(-500)} ${said.slice(-500)}`)
  const found = output
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { address: string }).address)
  return { found, rssMb, seconds: (performance.now() - began) / 1000, said: said.trim() }
}

/** The most that a process has had in memory, MB; 0 when it is gone. */
function highestRssMb(pid: number | undefined): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
    return Math.round(Number(line?.[1] ?? 0) / 1_024)
  } catch {
    // It ended between two looks.
    return 0
  }
}

function atMost(value: number, unit: string, limit: number): Figure {
  return { value: Math.round(value * 10) / 10, unit, limit, met: value <= limit }
}
