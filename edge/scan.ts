import "./scanner/lean-heap.ts"
import { existsSync, readFileSync, statSync } from "node:fs"
import { parseArgs } from "node:util"
import {
  type AddressRange,
  countAddresses,
  mergeRanges,
  parseAddressRange,
  SCAN_MAX_ADDRESSES,
  textsOfFile,
  textsOfList,
} from "#server/contract/address-ranges.ts"
import { DEFAULT_TEMP_LIMITS } from "./drivers/limits.ts"
import { identifyMiner } from "./drivers/registry.ts"
import { type FoundLine, foundLine } from "./scanner/found-line.ts"
import { readNeighbours } from "./scanner/neighbours.ts"
import { GPU_PORTS, MINER_PORTS } from "./scanner/ports.ts"
import { CONNECT_TIMEOUT_MS, type ScanProgress, scanAddresses, type UnknownDevice } from "./scanner/scan.ts"
import { DEFAULT_SOCKETS, MAX_SOCKETS } from "./scanner/socket-limit.ts"

const FILE_MAX_BYTES = 32 * 1_048_576

const HELP = `Looks for miners. Only asks, never writes to a machine.

  npm run -s scan -- RANGE... [options]

  RANGE            10.0.3.7, 10.0.3.10-10.0.3.90, 10.0.3.0/24 (any prefix), or the name of a file;
                   ${SCAN_MAX_ADDRESSES} addresses in all at most
  --file F         one range a line, # for remarks, or a CSV with the address in its first column
  --ports P,P      ports to look for; ${MINER_PORTS.join(",")}
  --gpu            also the ports of GPU mining programs: ${GPU_PORTS.join(",")}
  --concurrency N  sockets at the same time, at most ${MAX_SOCKETS} and what the process may open; ${DEFAULT_SOCKETS}
  --timeout MS     how long a connection may take; ${CONNECT_TIMEOUT_MS}
  --include-edges  network and broadcast address of a network, too
  --all            also what answers and is no known miner
  --json           one JSON object a line
  --csv            one line a machine, with a heading
  --quiet          no progress
  --help           this text

Exit code 0 when every address was looked at, 1 when not, 130 when interrupted.`

export type ScanRequest = {
  ranges: AddressRange[]
  ports: number[]
  gpu: boolean
  sockets: number
  connectTimeoutMs: number
  all: boolean
  output: "table" | "json" | "csv"
  quiet: boolean
}

/** Reads the command line. Null: help is wanted. Throws an error that says what is wrong. */
export function parseScanArguments(argv: string[]): ScanRequest | null {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      file: { type: "string", multiple: true },
      ports: { type: "string" },
      gpu: { type: "boolean" },
      concurrency: { type: "string" },
      timeout: { type: "string" },
      "include-edges": { type: "boolean" },
      all: { type: "boolean" },
      json: { type: "boolean" },
      csv: { type: "boolean" },
      quiet: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help === true) return null
  if (values.json === true && values.csv === true) throw new Error("Choose one of --json and --csv.")
  const texts = [
    ...positionals.flatMap((text) => (isFile(text) ? textsOfFile(readRanges(text)) : textsOfList(text))),
    ...(values.file ?? []).flatMap((file) => textsOfFile(readRanges(file))),
  ]
  if (texts.length === 0) throw new Error("Say what to look at: an address, a range, a network or a file.")
  const ports = textsOfList(values.ports ?? "").map((text) => whole("--ports", text, 1, 65_535))
  return {
    ranges: rangesOf(texts, values["include-edges"] === true),
    ports,
    gpu: values.gpu === true,
    sockets: whole("--concurrency", values.concurrency ?? String(DEFAULT_SOCKETS), 1, MAX_SOCKETS),
    connectTimeoutMs: whole("--timeout", values.timeout ?? String(CONNECT_TIMEOUT_MS), 1, 60_000),
    all: values.all === true,
    output: values.json === true ? "json" : values.csv === true ? "csv" : "table",
    quiet: values.quiet === true,
  }
}

function rangesOf(texts: string[], edges: boolean): AddressRange[] {
  const parsed = texts.map((text) => parseAddressRange(text, { edges }))
  const problems = parsed.filter((one) => typeof one === "string")
  if (problems.length > 0) {
    const more = problems.length > 5 ? `\n  … and ${problems.length - 5} more` : ""
    throw new Error(`Not understood:\n  ${problems.slice(0, 5).join("\n  ")}${more}`)
  }
  const ranges = mergeRanges(parsed as AddressRange[])
  const total = countAddresses(ranges)
  if (total > SCAN_MAX_ADDRESSES)
    throw new Error(`These are ${total} addresses; ${SCAN_MAX_ADDRESSES} at most. Scan them in parts.`)
  return ranges
}

function isFile(text: string): boolean {
  return existsSync(text) && statSync(text).isFile()
}

function readRanges(file: string): string {
  if (!isFile(file)) throw new Error(`There is no file ${file}.`)
  if (statSync(file).size > FILE_MAX_BYTES) throw new Error(`${file} is larger than 32 MiB.`)
  return readFileSync(file, "utf8")
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`${name} ${text}: give a whole number from ${least} to ${most}.`)
  return value
}

async function main(argv: string[]): Promise<number> {
  let request: ScanRequest | null
  try {
    request = parseScanArguments(argv)
  } catch (error) {
    return fail((error as Error).message, argv.includes("--json"))
  }
  if (request === null) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const stop = new AbortController()
  process.once("SIGINT", () => stop.abort())
  process.once("SIGTERM", () => stop.abort())
  // A reader that has seen enough (`| head`) ends the scan.
  process.stdout.on("error", () => stop.abort())
  const print = printer(request)
  try {
    const last = await scanAddresses({
      ...request,
      seed: process.pid,
      limits: DEFAULT_TEMP_LIMITS,
      signal: stop.signal,
      identify: (context) => identifyMiner(context),
      onMachine: (machine) => print.machine(foundLine(machine, readNeighbours().get(machine.host) ?? null)),
      onDevice: (device) => request.all && print.device(device),
      onProgress: (progress) => print.progress(progress),
    })
    print.end(last, stop.signal.aborted)
    return stop.signal.aborted ? 130 : 0
  } catch (error) {
    return fail((error as Error).message, request.output === "json")
  }
}

function fail(message: string, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ error: { kind: "invalid", message } })}\n`)
  else process.stderr.write(`${message}\n`)
  return 1
}

const COLUMNS = [
  "address",
  "family",
  "make",
  "model",
  "firmware",
  "firmware_version",
  "mac",
  "serial",
  "ports",
  "confidence",
  "needs_login",
] as const
const WIDTHS: Partial<Record<(typeof COLUMNS)[number], number>> = {
  address: 15,
  family: 19,
  make: 10,
  model: 18,
  firmware: 12,
  firmware_version: 30,
  mac: 17,
  serial: 18,
}

function printer({ output, quiet, all }: ScanRequest) {
  const out = (line: string) => void process.stdout.write(`${line}\n`)
  const onTerminal = process.stderr.isTTY === true
  const shown = (value: unknown) => (Array.isArray(value) ? value.join(" ") : String(value ?? ""))
  const csv = (value: unknown) => {
    const text = shown(value)
    return /[",\n]|^[=+@-]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const row = (line: Record<(typeof COLUMNS)[number], unknown>) =>
    output === "csv"
      ? COLUMNS.map((name) => csv(line[name])).join(",")
      : COLUMNS.slice(0, 8)
          .map((name) => shown(line[name] ?? "–").padEnd(WIDTHS[name] ?? 0))
          .join(" ")
          .trimEnd()
  if (output !== "json") out(row(Object.fromEntries(COLUMNS.map((name) => [name, name])) as never))
  const wipe = () => onTerminal && process.stderr.write("\r\x1b[K")
  return {
    machine: (line: FoundLine) => {
      wipe()
      out(output === "json" ? JSON.stringify(line) : row(line))
    },
    device: ({ host, ports, seen }: UnknownDevice) => {
      wipe()
      if (output === "json") out(JSON.stringify({ address: host, ports, family: null, seen }))
      else if (output === "table") out(`${host.padEnd(15)} no known miner: ${seen.join("; ")}`)
    },
    progress: (progress: ScanProgress) => {
      if (quiet || !onTerminal) return
      const left = progress.secondsLeft === null ? "" : `, ${Math.ceil(progress.secondsLeft)} s left`
      process.stderr.write(
        `\r\x1b[K${progress.done} of ${progress.total}, ${progress.found} found, ${Math.round(progress.perSecond)}/s${left}`,
      )
    },
    end: (last: ScanProgress, interrupted: boolean) => {
      wipe()
      if (quiet) return
      const { done, total, found, unknown, closed, absent, seconds } = last
      const of = interrupted ? `${done} of ${total}` : String(total)
      const hint = unknown > 0 && !all ? " (--all lists them)" : ""
      process.stderr.write(
        `${found} miners at ${of} addresses in ${seconds.toFixed(1)} s; ${unknown} other devices${hint}, ${closed} without these ports, ${absent} silent.\n`,
      )
    },
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
