import { existsSync, readdirSync } from "node:fs"
import { parseArgs } from "node:util"
import { SAMPLE_FIELDS, type TelemetrySample } from "#server/contract/telemetry.ts"
import type { MinerAddress } from "./drivers/driver.ts"
import { parseHostPort } from "./drivers/transport/address.ts"
import { PROBE_RETRY } from "./drivers/transport/retry.ts"
import { askMiner, type MinerAnswer, type ProbeRequest } from "./probe.ts"
import { readRecording, writeRecording } from "./recording/manifest.ts"
import { playedBack, recorded } from "./recording/recording.ts"

const RPC_PORT = 4028
const HELP = `Records what one miner answers, without what belongs to you, and plays recordings back.

  npm run -s capture -- HOST[:PORT] --out FOLDER [options]   ask the miner as a poll does, and keep its answers
  npm run -s capture -- play FOLDER                          read a recording as if it were the miner

  --web-port P   port of the web interface; 80 unless given
  --family F     do not look for the family, it is F
  --user U       log in as U with the password in LAMPROOM_MINER_PASSWORD
  --timeout MS   give up after this long in all; 25000
  --help         this text

Logins, workers, wallets, serial numbers, MAC and IP addresses, host and network names are replaced before anything is
written. Look the folder over before you share it. Nothing is ever written to the miner.`

type Wish = { request: ProbeRequest; out: string } | { play: string } | { problem: string } | null

/** Reads the command line. Null: help is wanted. */
export function parseCaptureArguments(argv: string[]): Wish {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    return { problem: (error as Error).message }
  }
  const { values, positionals } = parsed
  if (values.help === true) return null
  if (positionals[0] === "play")
    return positionals[1] === undefined
      ? { problem: "Give the folder of the recording." }
      : { play: positionals[1] }
  if (positionals.length !== 1) return { problem: "Give exactly one address: HOST or HOST:PORT." }
  if (values.out === undefined) return { problem: "Say where to: --out FOLDER." }
  if (existsSync(values.out) && readdirSync(values.out).length > 0)
    return { problem: `${values.out} is not empty; name a new folder.` }
  const address = parseHostPort(positionals[0]!, RPC_PORT)
  if (!address.ok) return { problem: `${positionals[0]}: ${address.fault.message}.` }
  const webPort = Number(values["web-port"] ?? 80)
  const timeoutMs = Number(values.timeout ?? 25_000)
  if (!Number.isInteger(webPort) || webPort < 1 || webPort > 65_535)
    return { problem: "--web-port must be within 1 and 65535." }
  if (!(timeoutMs >= 1 && timeoutMs <= 3_600_000))
    return { problem: "--timeout must be within 1 and 3600000 ms." }
  const { host, port } = address.value
  const request: ProbeRequest = {
    host,
    rpcPort: port,
    webPort,
    family: values.family ?? null,
    timeoutMs,
    json: true,
    user: values.user ?? null,
  }
  return { request, out: values.out }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      out: { type: "string" },
      "web-port": { type: "string" },
      family: { type: "string" },
      user: { type: "string" },
      timeout: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
}

/** Reads a miner and writes what it answered into `out`; the values a driver must read from it stand in its manifest. */
export async function captureMiner(
  request: ProbeRequest & Pick<MinerAddress, "ports">,
  out: string,
): Promise<{ files: number; sample: TelemetrySample } | string> {
  const { value, recording } = await recorded(() => askMiner(request, PROBE_RETRY))
  if (!value.ok) return `${value.fault.kind}: ${value.fault.message}`
  const { files } = writeRecording(out, recording, {
    identity: value.value.identity,
    expect: expected(value.value),
  })
  return { files, sample: value.value.sample }
}

let played = 0

/** Reads a recording in the miner's place. */
export async function playRecording(folder: string): Promise<Awaited<ReturnType<typeof askMiner>>> {
  const recording = readRecording(folder)
  played += 1
  const request = {
    // An address of its own: what was learnt of another recording (no joined commands) does not hold for this one.
    host: `127.0.${Math.floor(played / 250) % 250}.${(played % 250) + 1}`,
    rpcPort: RPC_PORT,
    webPort: 80,
    family: null,
    timeoutMs: 25_000,
    user: null,
  }
  return playedBack(recording, () => askMiner(request, []))
}

/** Without what is another thing at every reading. */
const PASSING = new Set(["miner_id", "ip_address", "collected_at", "latency_ms"])

function expected({ sample }: MinerAnswer): Record<string, unknown> {
  return Object.fromEntries(
    SAMPLE_FIELDS.filter((field) => !PASSING.has(field)).map((field) => [field, sample[field] ?? null]),
  )
}

async function main(argv: string[]): Promise<number> {
  const wish = parseCaptureArguments(argv)
  if (wish === null) {
    console.log(HELP)
    return 0
  }
  if ("problem" in wish) {
    console.error(wish.problem)
    return 2
  }
  if ("play" in wish) {
    const played = await playRecording(wish.play)
    if (!played.ok) {
      console.log(JSON.stringify({ error: played.fault }))
      return 1
    }
    console.log(JSON.stringify(played.value.sample))
    return 0
  }
  const done = await captureMiner(wish.request, wish.out)
  if (typeof done === "string") {
    console.error(done)
    return 1
  }
  console.log(
    `${done.files} answers of ${done.sample.make} ${done.sample.model ?? ""} are in ${wish.out}, scrubbed. Look them over before you share them.`,
  )
  return 0
}

if (import.meta.main)
  process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message)
    return 1
  })
