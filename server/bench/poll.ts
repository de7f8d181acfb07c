import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "../config.ts"
import type { EdgeConfig } from "../contract/edge.ts"
import { type BenchResult, benchResult, type Figure } from "./bench.ts"
import { freePorts } from "./product.ts"

/** A simulator holds two listeners a machine, and a process 20,000 open files. */
const MACHINES_A_FARM = 5_000
const LIMIT_RATIO = 0.5
const LIMIT_MB = 250

/**
 * `poll`: 10,000 and 20,000 simulated Antminers on loopback. First bare sockets that send the same three requests to each and
 * throw the answers away, and the collector's way from socket to spool at the same parallelism, both as fast as they
 * can: their ratio. Then the real collector without a server, at an interval of 20 and 50 s: how long until every machine
 * has been read anew. Collector and sockets have one core, the machines the other, where `taskset` is there.
 */
export async function benchPoll(): Promise<BenchResult> {
  const startedMs = performance.now()
  const children: ChildProcess[] = []
  try {
    const base = 100 + (process.pid % 100)
    const networks = [0, 1, 2, 3].map((at) => `127.${base + at}`)
    const controls = await startFarms(networks.slice(0, 2), children)
    const ten = networks.slice(0, 2)
    const bare = await measure("edge/bench/poll-sockets.ts", ten, 10_000)
    const reads = await measure("edge/bench/poll-reads.ts", ten, 10_000)
    const bareAgain = await measure("edge/bench/poll-sockets.ts", ten, 10_000)
    const bareSeconds = Math.min(bare.seconds, bareAgain.seconds)
    const round10 = await collectorRound(ten, controls, 10_000, 20, children)
    controls.push(...(await startFarms(networks.slice(2), children)))
    const round20 = await collectorRound(networks, controls, 20_000, 50, children)
    return benchResult(
      "poll",
      startedMs,
      {
        ratio_to_bare_sockets: atLeast(bareSeconds / reads.seconds, LIMIT_RATIO),
        round_10000: atMost(round10.seconds, "s", 30),
        rss_10000: atMost(round10.rssMb, "MB", LIMIT_MB),
        round_20000: atMost(round20.seconds, "s", 60),
        rss_20000: { value: Math.round(round20.rssMb), unit: "MB", limit: null, met: null },
      },
      {
        bare_sockets_per_s: Math.round(30_000 / bareSeconds),
        reads_per_s: Math.round(10_000 / reads.seconds),
        reads_rss_mb: Math.round(reads.rss_mb ?? 0),
        collector_cpu_share: [round10.cpuShare, round20.cpuShare],
      },
    )
  } finally {
    for (const child of children) child.kill("SIGKILL")
  }
}

async function startFarms(networks: string[], children: ChildProcess[]): Promise<number[]> {
  const controls: number[] = []
  for (const network of networks) {
    const [control = 0] = await freePorts(1)
    const farm = `flat:${MACHINES_A_FARM}@${network}.0.0:antminer`
    const child = onCore(1, ["edge/simulator/main.ts", "--farm", farm, "--control", String(control)])
    children.push(child)
    await firstLine(child)
    controls.push(control)
  }
  return controls
}

async function measure(script: string, networks: string[], count: number) {
  const child = onCore(0, [script, networks.join(","), String(count)])
  const line = await firstLine(child)
  return JSON.parse(line) as { machines: number; seconds: number; rss_mb?: number }
}

/**
 * One round of the real collector: from the moment when every machine was read once, until every machine has been read
 * again. The simulators tell when each was read last.
 */
async function collectorRound(
  networks: string[],
  controls: number[],
  count: number,
  intervalS: number,
  children: ChildProcess[],
) {
  const dir = mkdtempSync(join(tmpdir(), "lamproom-poll-"))
  writeFileSync(join(dir, "config.json"), JSON.stringify(configOf(networks, intervalS)))
  const [nowhere = 0] = await freePorts(1)
  const collector = onCore(0, ["edge/collector/main.ts"], {
    LAMPROOM_CACHE_DIR: dir,
    LAMPROOM_SERVER_URL: `http://127.0.0.1:${nowhere}`,
    LAMPROOM_COLLECTOR_KEY: `hsc_${randomBytes(30).toString("base64url")}`,
    LAMPROOM_LOG_LEVEL: "error",
  })
  children.push(collector)
  try {
    await readSince(controls, count, 0)
    // The rhythm after the start: whatever the start did, the next round is an ordinary one.
    await wait(intervalS * 1000)
    const fromMs = Date.now()
    const cpuBefore = cpuSeconds(collector.pid!)
    await readSince(controls, count, fromMs)
    const seconds = (Date.now() - fromMs) / 1000
    const cpuShare = Math.round(((cpuSeconds(collector.pid!) - cpuBefore) / seconds) * 100) / 100
    return { seconds, rssMb: highestRssMb(collector.pid!), cpuShare }
  } finally {
    collector.kill("SIGKILL")
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Resolves when all machines were read after `sinceMs`; looks once a second. */
async function readSince(controls: number[], count: number, sinceMs: number): Promise<void> {
  const deadline = Date.now() + 600_000
  for (;;) {
    await wait(1_000)
    let read = 0
    for (const control of controls) {
      const response = await fetch(`http://127.0.0.1:${control}/read-since?ms=${sinceMs}`)
      read += ((await response.json()) as { summaries: number }).summaries
    }
    if (read >= count) return
    if (Date.now() > deadline)
      throw new Error(`Only ${read} of ${count} machines were read within 10 minutes`)
  }
}

function configOf(networks: string[], intervalS: number): EdgeConfig {
  return {
    version: 1,
    site: { id: 1, slug: "bench", name: "Bench", timezone: "UTC" },
    device: { id: 1, name: "bench" },
    poll_interval_s: intervalS,
    command_cap: 32,
    commands_paused: false,
    targets: networks.map((network, id) => ({
      id,
      value: `${network}.0.0-${network}.19.250`,
      web_port: null,
      family: null,
    })),
    limits: { chip_warning_c: 85, chip_critical_c: 95, board_warning_c: 70, board_critical_c: 80 },
    miners: [],
  }
}

function onCore(core: 0 | 1, args: string[], environment: Record<string, string> = {}): ChildProcess {
  const [command, rest] = hasTaskset
    ? ["taskset", ["-c", String(core), process.execPath, ...args]]
    : [process.execPath, args]
  return spawn(command, rest, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: childEnvironment({ LAMPROOM_LOG_LEVEL: "error", ...environment }),
    stdio: ["ignore", "pipe", "inherit"],
  })
}

const hasTaskset = ["/usr/bin/taskset", "/bin/taskset"].some((path) => {
  try {
    return readFileSync(path).length > 0
  } catch {
    return false // no such tool here: the scheduler shares the cores out
  }
})

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ""
    child.stdout!.on("data", (part: Buffer) => {
      said += part.toString()
      const end = said.indexOf("\n")
      if (end >= 0) resolve(said.slice(0, end))
    })
    child.once("exit", (code) => reject(new Error(`A process of the benchmark ended with ${code}: ${said}`)))
  })
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function highestRssMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024
}

const atLeast = (value: number, limit: number): Figure => ({
  value: Math.round(value * 100) / 100,
  unit: "×",
  limit,
  met: value >= limit,
})
const atMost = (value: number, unit: string, limit: number): Figure => ({
  value: Math.round(value * 10) / 10,
  unit,
  limit,
  met: value <= limit,
})
