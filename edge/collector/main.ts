import "./lean-heap.ts"
import { driverFor, identifyMiner } from "#edge/drivers/registry.ts"
import { ConfigError, readConfig } from "#server/config.ts"
import { createLog, type Log } from "#server/log.ts"
import { createEnrollCall, createGatewayClient } from "./client/gateway-client.ts"
import { createPause } from "./client/pause.ts"
import { checkServerUrl } from "./client/server-url.ts"
import { startCollector } from "./collector.ts"
import { obtainKey } from "./enroll.ts"
import { serveMetrics } from "./serve-metrics.ts"
import { openCacheDir, StartupError } from "./state/cache-dir.ts"
import { readOrCreateEdgeIdentity } from "./state/edge-identity.ts"
import { EDGE_VERSION } from "./version.ts"

const USAGE = `Lamproom collector ${EDGE_VERSION}: reads the miners of a site and runs commands on them; it only dials out.

Usage: collector [flags]      every flag is also an environment variable, and a line of .env
  --lamproom-server-url URL          the app, https (http only on this machine); default http://127.0.0.1:3000
  --lamproom-enroll-code CODE        first start: the code of the collectors page, valid once and for 15 minutes
  --lamproom-collector-key KEY       or a key (hsc_…) instead of a code
  --lamproom-cache-dir DIR           where spool, journal and identity live; default ./cache
  --lamproom-spool-max-mb N          bound of the spool on disk; default 2048
  --lamproom-poll-concurrency N      miners read at the same time; default 256
  --lamproom-collector-port PORT     /metrics and /healthz on 127.0.0.1; off by default
  --lamproom-log-level LEVEL         trace, debug, info, warn, error or silent; default info
  --help                             this text

Stops on SIGTERM and Ctrl-C within seconds; nothing that was read is lost.`

const argv = process.argv.slice(2)
if (argv.includes("--help") || argv.includes("-h")) {
  console.log(USAGE)
  process.exit(0)
}

let log: Log | null = null
try {
  await run()
} catch (error) {
  if (!(error instanceof StartupError || error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exit(2)
}

async function run(): Promise<void> {
  const config = readConfig(argv)
  const serverUrl = checkServerUrl(config.LAMPROOM_SERVER_URL)
  log = createLog({ name: "collector", level: config.LAMPROOM_LOG_LEVEL })
  const dir = openCacheDir(config.LAMPROOM_CACHE_DIR)
  const identity = readOrCreateEdgeIdentity(dir)
  const stop = stopSignal(log)
  const key = await obtainKey({
    dir,
    identity,
    configuredKey: config.LAMPROOM_COLLECTOR_KEY,
    code: config.LAMPROOM_ENROLL_CODE,
    edgeVersion: EDGE_VERSION,
    enroll: createEnrollCall(serverUrl),
    log,
    pause: createPause(stop),
    stopped: () => stop.aborted,
  })
  if (key === null) return dir.release()
  const collector = startCollector({
    dir,
    identity,
    gateway: createGatewayClient({ serverUrl, key, instanceId: identity.instanceId }),
    drivers: { identify: (context, family) => identifyMiner(context, { family }), driverOf: driverFor },
    log,
    pollConcurrency: config.LAMPROOM_POLL_CONCURRENCY,
    spoolMaxBytes: config.LAMPROOM_SPOOL_MAX_MB * 1_048_576,
  })
  const port = config.LAMPROOM_COLLECTOR_PORT
  const metrics = port === undefined ? null : await serveMetrics(port, collector.health)
  log.info({ server: serverUrl.origin, cache_dir: dir.path, version: EDGE_VERSION }, "collector started")
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener("abort", () => resolve(), { once: true })
  })
  metrics?.close()
  metrics?.closeAllConnections()
  await collector.stop()
  dir.release()
  log.info("collector stopped")
}

/** Aborted by the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(log: Log): AbortSignal {
  const stop = new AbortController()
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1)
      log.info({ signal: name }, "stopping")
      stop.abort()
    })
  return stop.signal
}
