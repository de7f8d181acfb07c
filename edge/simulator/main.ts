import { parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { ConfigError, readConfig } from "#server/config.ts"
import { createLog } from "#server/log.ts"
import { DEFAULT_CONTROL_PORT, startControl } from "./control.ts"
import { askControl } from "./control-client.ts"
import { startFarm } from "./farm.ts"
import { readFarmSpec } from "./farm-spec.ts"
import { faultKinds } from "./faults.ts"
import { profileNames } from "./profiles.ts"

const HELP = `Plays a farm of miners on loopback sockets.

  npm run simulator -- [--farm demo|flat:N[@127.x.0.0][:family]|FILE.json] [options]
  npm run simulator -- fault ADDRESS KIND [TIMES]  let something go wrong with a running miner
  npm run simulator -- release ADDRESS        let the acts go on that act-hold holds
  npm run simulator -- list                   the miners of a running simulator
  npm run simulator -- acts [ADDRESS]         what was done to them

  --farm SPEC        the farm (default demo). Families: antminer, whatsminer, cgminer, mix
  --speed N          boot, reload and warm-up go N times as fast (default 1)
  --rpc-port PORT    default 4028; 0 gives each miner a port of its own
  --web-port PORT    default 80, or 8080 where 80 is not permitted; 0 as above
  --control PORT     control port on 127.0.0.1 (default ${DEFAULT_CONTROL_PORT}), also of a running simulator
  --journal FILE     append every act as a JSON line before it takes effect
  --journal-reads    append every whole summary that was served, too
  --help

  Faults: ${faultKinds.join(", ")}, clear
  Models: ${profileNames.join(", ")}

When it listens it prints one JSON line: {"ready":true,"miners":…,"rpc_port":…,"web_port":…,"control_port":…}
`

const options = {
  farm: { type: "string", default: "demo" },
  speed: { type: "string", default: "1" },
  "rpc-port": { type: "string", default: "4028" },
  "web-port": { type: "string" },
  control: { type: "string", default: String(DEFAULT_CONTROL_PORT) },
  journal: { type: "string" },
  "journal-reads": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const

function readArguments() {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const number = (name: string, text: string, max: number) => {
    const value = Number(text)
    if (text === "" || !(value >= 0 && value <= max))
      throw new Error(`--${name} ${text} is not a number to ${max}`)
    return value
  }
  const webPort = values["web-port"]
  const speed = number("speed", values.speed, 1_000_000)
  if (speed === 0) throw new Error("--speed must be above 0")
  return {
    ...values,
    positionals,
    speed,
    control: number("control", values.control, 65_535),
    rpcPort: number("rpc-port", values["rpc-port"], 65_535),
    webPort: webPort === undefined ? undefined : number("web-port", webPort, 65_535),
  }
}

async function tellRunning([command, address, kind, times]: string[], port: number): Promise<void> {
  if (command === "list") {
    const miners = (await askControl(port, "/miners")) as Record<string, unknown>[]
    for (const miner of miners) console.log(JSON.stringify(miner))
  } else if (command === "acts") {
    const acts = await askControl(port, `/acts${address ? `?address=${address}` : ""}`)
    for (const act of acts as object[]) console.log(JSON.stringify(act))
  } else if (command === "fault" && address && kind) {
    const fault = times === undefined ? { kind } : { kind, times: Number(times) }
    console.log(JSON.stringify(await askControl(port, `/miners/${address}/fault`, fault)))
  } else if (command === "release" && address) {
    console.log(JSON.stringify(await askControl(port, `/miners/${address}/release`, {})))
  } else throw new Error(`${command} is not understood; see --help`)
}

// Answers live for a millisecond: a small young generation keeps 5,000 miners 100 MB smaller under load.
setFlagsFromString("--semi-space-growth-factor=1")

async function run(): Promise<void> {
  const startedMs = performance.now()
  const wanted = readArguments()
  if (wanted.help) return console.log(HELP)
  if (wanted.positionals.length > 0) return tellRunning(wanted.positionals, wanted.control)
  const log = createLog({ name: "simulator", level: readConfig([]).LAMPROOM_LOG_LEVEL })
  const farm = await startFarm(readFarmSpec(wanted.farm), {
    speed: wanted.speed,
    rpcPort: wanted.rpcPort,
    log,
    journalReads: wanted["journal-reads"],
    ...(wanted.webPort === undefined ? {} : { webPort: wanted.webPort }),
    ...(wanted.journal === undefined ? {} : { journal: wanted.journal }),
  })
  const control = await startControl(farm, wanted.control).catch(async (error: NodeJS.ErrnoException) => {
    await farm.close()
    throw new Error(
      `Cannot listen on control port ${wanted.control} (${error.code}); choose one with --control`,
    )
  })
  const stop = (signal: string) => {
    log.info({ event: "stopping", signal })
    void Promise.all([farm.close(), control.close()]).then(() => log.info({ event: "stopped" }))
  }
  process.once("SIGTERM", stop)
  process.once("SIGINT", stop)
  const ready = {
    miners: farm.miners.length,
    rpc_port: wanted.rpcPort === 0 ? null : wanted.rpcPort,
    web_port: farm.webPort,
    control_port: control.port,
    own_addresses: farm.ownAddresses,
  }
  console.log(JSON.stringify({ ready: true, ...ready }))
  log.info({
    event: "ready",
    farm: wanted.farm,
    ...ready,
    start_ms: Math.round(performance.now() - startedMs),
    rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
  })
}

run().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = error instanceof ConfigError ? 2 : 1
})
