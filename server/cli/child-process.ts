import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "../config.ts"
import type { Log } from "../log.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const LEAVE_WITH_PARENT = new URL("./leave-with-parent.ts", import.meta.url).href
const STOP_MS = 15_000
const STEADY_MS = 60_000

/** One process of the product under the all-in-one: restarted when it dies by itself, stopped in order. */
export type Supervised = { name: string; stop: () => Promise<void>; restarts: () => number }

/**
 * Starts `script` and keeps it running: a process that ends by itself is started again after a pause that grows from
 * half a second to ten. `stop` sends SIGTERM and, after 15 s, SIGKILL.
 */
export function supervise(options: {
  name: string
  script: string
  args?: string[]
  env: Record<string, string | undefined>
  log: Log
  onLine?: (line: string) => void
}): Supervised {
  let child: ChildProcess | null = null
  let stopping = false
  let restarts = 0
  let pauseMs = 500
  let again: NodeJS.Timeout | null = null

  const start = (): void => {
    const startedAt = performance.now()
    child = spawn(
      process.execPath,
      ["--import", LEAVE_WITH_PARENT, options.script, ...(options.args ?? [])],
      {
        cwd: ROOT,
        env: childEnvironment(options.env),
        stdio: ["ignore", options.onLine ? "pipe" : "ignore", "inherit", "ipc"],
        // A group of its own: Ctrl-C reaches the all-in-one alone, which then stops its processes in order.
        detached: true,
      },
    )
    if (options.onLine && child.stdout) splitLines(child.stdout, options.onLine)
    child.on("error", (error) =>
      options.log.error({ err: error, process: options.name }, "process did not start"),
    )
    child.on("exit", (code, signal) => {
      if (stopping) return
      restarts += 1
      if (performance.now() - startedAt > STEADY_MS) pauseMs = 500
      options.log.error(
        { process: options.name, exit_code: code, signal, again_in_ms: pauseMs },
        "process ended by itself; starting it again",
      )
      again = setTimeout(start, pauseMs)
      pauseMs = Math.min(pauseMs * 2, 10_000)
    })
  }
  start()
  return {
    name: options.name,
    restarts: () => restarts,
    stop: () => {
      stopping = true
      if (again) clearTimeout(again)
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return Promise.resolve()
      return new Promise((done) => {
        const kill = setTimeout(() => running.kill("SIGKILL"), STOP_MS)
        running.once("exit", () => {
          clearTimeout(kill)
          done()
        })
        running.kill("SIGTERM")
      })
    },
  }
}

function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ""
  stream.setEncoding("utf8")
  stream.on("data", (part: string) => {
    const lines = (rest + part).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) onLine(line)
  })
}
