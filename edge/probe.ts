import { parseArgs } from "node:util"
import { readConfig } from "#server/config.ts"
import type { FaultKind, Outcome } from "#server/contract/driver-faults.ts"
import { SAMPLE_FIELDS, type TelemetrySample } from "#server/contract/telemetry.ts"
import type { DriverContext, Identity, MinerAddress, Reading } from "./drivers/driver.ts"
import { DEFAULT_TEMP_LIMITS } from "./drivers/limits.ts"
import { driverFor, FAMILIES, identifyMiner, readMiner } from "./drivers/registry.ts"
import { parseHostPort, portProblem, showAddress } from "./drivers/transport/address.ts"
import { PROBE_RETRY, type RetryPolicy } from "./drivers/transport/retry.ts"

const RPC_PORT = 4028
const WEB_PORT = 80
/** Four tries of a silent miner with their pauses. */
const TIMEOUT_MS = 25_000

const HELP = `Asks one miner what it is and how it is. Never writes to the miner.

  npm run -s probe -- HOST[:PORT] [options]

  HOST[:PORT]      address or name; port ${RPC_PORT} unless given
  --web-port P     port of the web interface; ${WEB_PORT}, or 8080 where ${WEB_PORT} refuses
  --family F       do not look for the family, it is F:
                   ${FAMILIES.join(", ").replace(/(.{60,76}?), /g, "$1,\n                   ")}
  --user U         log in as U with the password in LAMPROOM_MINER_PASSWORD; else the family's factory login
  --timeout MS     give up after this long in all; ${TIMEOUT_MS}
  --json           one JSON object: the telemetry sample, or {"error":{"kind","message"}} and exit 1
  --help           this text`

export type ProbeFault = { kind: FaultKind | "invalid"; message: string }
export type ProbeRequest = {
  host: string
  rpcPort: number
  webPort: number
  family: string | null
  timeoutMs: number
  json: boolean
  /** Whose login is tried; its password stands in the environment, never on a command line. Null: the factory's. */
  user: string | null
}

/** Reads the command line. Null: help is wanted. Throws nothing: what is wrong is a fault of kind `invalid`. */
export function parseProbeArguments(argv: string[]): ProbeRequest | ProbeFault | null {
  const invalid = (message: string): ProbeFault => ({ kind: "invalid", message })
  const whole = (name: string, given: string | undefined, otherwise: number): number | string =>
    given === undefined
      ? otherwise
      : /^\d{1,9}$/.test(given)
        ? Number(given)
        : `--${name} must be a whole number, not "${given}"`
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    return invalid((error as Error).message)
  }
  const { values, positionals } = parsed
  if (values.help === true) return null
  if (positionals.length !== 1) return invalid("Give exactly one address: HOST or HOST:PORT.")
  const address = parseHostPort(positionals[0]!, RPC_PORT)
  if (!address.ok) return invalid(`${positionals[0]}: ${address.fault.message}.`)
  const webPort = whole("web-port", values["web-port"], WEB_PORT)
  if (typeof webPort === "string") return invalid(webPort)
  const webProblem = portProblem(webPort)
  if (webProblem !== null) return invalid(`--web-port: ${webProblem}`)
  const timeoutMs = whole("timeout", values.timeout, TIMEOUT_MS)
  if (typeof timeoutMs === "string") return invalid(timeoutMs)
  if (timeoutMs < 1 || timeoutMs > 3_600_000) return invalid("--timeout must be within 1 and 3600000 ms")
  const family = values.family ?? null
  if (family !== null && driverFor(family) === null)
    return invalid(`--family "${family}" is unknown; one of ${FAMILIES.join(", ")}`)
  const { host, port } = address.value
  return {
    host,
    rpcPort: port,
    webPort,
    family,
    timeoutMs,
    json: values.json === true,
    user: values.user ?? null,
  }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      "web-port": { type: "string" },
      family: { type: "string" },
      user: { type: "string" },
      timeout: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  })
}

/** The sample of one miner as `probe` prints it, every field present and in wire order, and what the miner is. */
export type MinerAnswer = { identity: Identity; sample: TelemetrySample }

export async function askMiner(
  request: Omit<ProbeRequest, "json"> & Pick<MinerAddress, "ports">,
  retry: RetryPolicy = PROBE_RETRY,
): Promise<Outcome<MinerAnswer>> {
  const { host, rpcPort, webPort, ports, user } = request
  const password = user === null ? undefined : readConfig([]).LAMPROOM_MINER_PASSWORD
  const context: DriverContext = {
    address: { host, rpcPort, webPort, ...(ports ? { ports } : {}) },
    credentials: user === null ? null : { username: user, password: password ?? "" },
    limits: DEFAULT_TEMP_LIMITS,
    signal: AbortSignal.timeout(request.timeoutMs),
    retry,
  }
  const identity = await identifyMiner(context, { family: request.family })
  if (!identity.ok) return identity
  const reading = await readMiner(context, identity.value)
  if (!reading.ok) return reading
  const sample = sampleOf(reading.value, identity.value, showAddress(host, rpcPort))
  return { ok: true, value: { identity: identity.value, sample } }
}

/** The sample alone. */
export async function probeMiner(
  request: Omit<ProbeRequest, "json" | "user"> & { user?: string | null },
  retry: RetryPolicy = PROBE_RETRY,
): Promise<Outcome<TelemetrySample>> {
  const answer = await askMiner({ ...request, user: request.user ?? null }, retry)
  return answer.ok ? { ok: true, value: answer.value.sample } : answer
}

function sampleOf(reading: Reading, identity: Identity, address: string): TelemetrySample {
  const miner_id = reading.serial ?? identity.serial ?? reading.mac ?? identity.mac ?? address
  const sample: TelemetrySample = { ...reading, miner_id, collected_at: new Date().toISOString() }
  return Object.fromEntries(SAMPLE_FIELDS.map((field) => [field, sample[field] ?? null])) as TelemetrySample
}

async function main(argv: string[]): Promise<number> {
  const request = parseProbeArguments(argv)
  if (request === null) {
    console.log(HELP)
    return 0
  }
  if ("kind" in request) return fail(request, argv.includes("--json"))
  const outcome = await probeMiner(request)
  if (!outcome.ok) return fail(outcome.fault, request.json)
  console.log(request.json ? JSON.stringify(outcome.value) : table(outcome.value))
  return 0
}

function fail({ kind, message }: ProbeFault, json: boolean): number {
  if (json) console.log(JSON.stringify({ error: { kind, message } }))
  else console.error(`${kind}: ${message}`)
  return 1
}

function table(sample: TelemetrySample): string {
  const show = (value: unknown): string =>
    value === null
      ? "–"
      : Array.isArray(value)
        ? value
            .map((each) => (typeof each === "object" && each !== null ? `\n    ${flat(each)}` : show(each)))
            .join(" ")
        : String(value)
  const flat = (row: object) =>
    Object.entries(row)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => `${key} ${value}`)
      .join("  ")
  return SAMPLE_FIELDS.map((field) => `${field.padEnd(24)}${show(sample[field])}`).join("\n")
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
