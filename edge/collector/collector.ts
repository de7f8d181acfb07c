import { forgetRefusedLogins } from "#edge/drivers/transport/refused-logins.ts"
import type { EdgeConfig } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { createArtifactStore } from "./artifact/artifact-store.ts"
import { createCapabilityReport } from "./beat/capabilities.ts"
import { createEdgeEvents } from "./beat/events.ts"
import { startHeartbeat } from "./beat/heartbeat.ts"
import { createEdgeClock, systemClock } from "./clock.ts"
import { readStoredConfig, storeConfig } from "./config-store.ts"
import { openAtRest } from "./credentials/at-rest.ts"
import { openLoginStore } from "./credentials/login-store.ts"
import { createLogins } from "./credentials/logins.ts"
import { createLoginSender } from "./credentials/send-logins.ts"
import { createTryAgain } from "./credentials/try-again.ts"
import { driversWithLogins } from "./credentials/with-logins.ts"
import { startAckSender } from "./execute/ack-results.ts"
import { startCommandLoop } from "./execute/command-loop.ts"
import { createExecutor, DEFAULT_COMMAND_CAP } from "./execute/executor.ts"
import { openJournal } from "./execute/journal.ts"
import { startLeases } from "./execute/leases.ts"
import { createFollowUps } from "./poll/follow-ups.ts"
import { openIdentityMap } from "./poll/identity-map.ts"
import { startPoller } from "./poll/poller.ts"
import type { Drivers, GatewayApi } from "./ports.ts"
import { startDiscoveryLoop } from "./scan/discovery-loop.ts"
import { openDiscoveryStore } from "./scan/discovery-store.ts"
import { startHealer } from "./scan/heal.ts"
import { createScanRunner } from "./scan/scan-runner.ts"
import { createRecorder } from "./spool/recorder.ts"
import { openSpool } from "./spool/spool.ts"
import type { CacheDir } from "./state/cache-dir.ts"
import type { EdgeIdentity } from "./state/edge-identity.ts"
import { openLimitOverrides } from "./state/limit-overrides.ts"
import { startThermalGuard } from "./thermal/guard.ts"
import { policyOf } from "./thermal/policy-of.ts"
import { startThermalSender } from "./thermal/send-thermal.ts"
import { openThermalStore } from "./thermal/thermal-store.ts"
import { startUploader } from "./upload/uploader.ts"
import { EDGE_VERSION } from "./version.ts"

const HOUSEKEEPING_MS = 30_000
const CLOCK_OFFSET = "clock_offset_ms"

export type Collector = {
  /** Dials nothing more, writes what was read, ends or leaves journalled what runs, tries one last upload. Within 12 s. */
  stop: () => Promise<void>
  health: () => { site: string | null; config_version: number; miners_known: number; miners_online: number }
}

/** Puts the collector together and starts it: the only place that knows all of its parts. */
export function startCollector(options: {
  dir: CacheDir
  identity: EdgeIdentity
  gateway: GatewayApi
  drivers: Drivers
  log: Log
  pollConcurrency: number
  spoolMaxBytes: number
}): Collector {
  const { dir, identity, log } = options
  const gateway = () => options.gateway
  const startedAt = performance.now()
  const instanceId = identity.instanceId
  const stopping = new AbortController()
  let config: EdgeConfig | null = readStoredConfig(dir)
  let haveVersion = 0

  let nowMs: () => number = Date.now
  const spoolFile = dir.file("offline_cache.db")
  const opened = openSpool({
    file: spoolFile,
    edgeVersion: EDGE_VERSION,
    maxBytes: options.spoolMaxBytes,
    nowMs: () => nowMs(),
  })
  const { spool } = opened
  const clock = createEdgeClock(systemClock, spool.counter(CLOCK_OFFSET))
  nowMs = clock.nowMs
  const events = createEdgeEvents({ instanceId, log, iso: clock.iso, gateway })
  const { identities, movedAside: minersAside } = openIdentityMap(dir.file("miners.db"))
  const loginsOnDisk = openLoginStore(dir.file("logins.db"), openAtRest(dir))
  const logins = createLogins({
    store: loginsOnDisk.store,
    keys: identity,
    log,
    nowMs: () => nowMs(),
    familyOf: (minerId) => identities.byId(minerId)?.identity?.family ?? null,
    tryAgain: (minerId) => tryAgain.add(minerId),
    forgetAddress: forgetRefusedLogins,
    onNews: () => loginSender.wake(),
  })
  const drivers = driversWithLogins(options.drivers, { logins, identities })
  if (loginsOnDisk.unreadable > 0)
    log.error({ logins: loginsOnDisk.unreadable }, "logins on disk cannot be read: their key was lost")
  const discovered = openDiscoveryStore(dir.file("discovery.db"))
  const { overrides, movedAside: limitsAside } = openLimitOverrides(dir.file("limits.db"))
  const journalled = openJournal(dir.file("journal.db"))
  const { journal } = journalled
  const { store: thermalStore, movedAside: thermalAside } = openThermalStore(dir.file("thermal.db"))
  for (const [what, aside] of [
    ["spool", opened.movedAside],
    ["list of miners", minersAside],
    ["list of the machines' own limits", limitsAside],
    ["store of logins", loginsOnDisk.movedAside],
    ["list of found machines", discovered.movedAside],
    ["journal", journalled.movedAside],
    ["memory of the thermal guard", thermalAside],
  ] as const)
    if (aside !== null) log.error({ moved_to: aside }, `the ${what} on disk was broken and is moved aside`)
  if (opened.movedAside !== null)
    events.tell(
      "spool_dropped",
      "critical",
      "The spool's file was broken and is moved aside; a new one is begun.",
    )
  if (journalled.movedAside !== null || (journalled.created && !identity.created))
    events.tell("journal_lost", "critical", "The command journal was lost; a new one is begun.")
  events.tell("started", "info", `Collector ${EDGE_VERSION} started.`)

  const recorder = createRecorder({
    spool,
    log,
    events,
    nowMs: () => performance.now(),
    uplinkHealthy: () => uploader.healthy(),
    onSealed: () => uploader.wake(),
  })
  const uploader = startUploader({
    spool,
    gateway,
    events,
    log,
    nowMs: clock.nowMs,
    random: Math.random,
    signal: stopping.signal,
    siteLabel: () => config?.site.slug ?? "unknown",
  })
  const capabilities = createCapabilityReport({
    drivers,
    gateway,
    log,
    monotonicMs: () => performance.now(),
    random: Math.random,
  })
  const poller = startPoller({
    drivers,
    identities,
    clock,
    log,
    concurrency: options.pollConcurrency,
    random: Math.random,
    record: recorder.record,
    limitsOf: overrides.of,
    moved: { targets: discovered.store.movedTargets, covered: discovered.store.dropMovedTargets },
    onSample: (identity, sample) => {
      capabilities.see(identity, sample)
      guard.see(sample)
    },
  })
  const tryAgain = createTryAgain({ identities, tryLogin: poller.tryLogin })
  const loginSender = createLoginSender({
    logins,
    store: loginsOnDisk.store,
    gateway,
    log,
    iso: (ms) => new Date(ms).toISOString(),
    monotonicMs: () => performance.now(),
    random: Math.random,
  })
  const followUps = createFollowUps({
    read: poller.readNow,
    hashrateBefore: poller.lastHashrateGhs,
    intervalMs: poller.intervalMs,
    random: Math.random,
  })
  const artifacts = createArtifactStore({
    directory: dir.file("artifacts"),
    gateway,
    log,
    random: Math.random,
  })
  const acks = startAckSender({ journal, gateway, log, random: Math.random })
  const leases = startLeases({ gateway, log, signal: stopping.signal })
  const executor = createExecutor({
    journal,
    leases,
    clock,
    log,
    perform: {
      drivers,
      identities,
      artifacts,
      overrides,
      keys: { publicKey: identity.publicKey, privateKey: identity.privateKey },
      siteLimits: poller.limits,
      limits: (minerId) => overrides.of(minerId, poller.limits()),
      needsLogin: logins.refusals.isWaiting,
      thermalHold: (minerId, feature) => guard.refusal(minerId, feature),
    },
    onFinished: () => acks.wake(),
    onActed: (minerId, feature) => {
      guard.commandActed(minerId, feature)
      followUps.follow(minerId, feature)
    },
  })
  const guard = startThermalGuard({
    store: thermalStore,
    clock,
    log,
    locate: { drivers, identities, limits: (minerId) => overrides.of(minerId, poller.limits()) },
    siteLimits: poller.limits,
    reserve: executor.reserve,
    readNow: poller.readNow,
    intervalMs: poller.intervalMs,
    onActed: followUps.follow,
    onNews: () => thermalSender.wake(),
  })
  const thermalSender = startThermalSender({
    store: thermalStore,
    holds: guard.holds,
    gateway,
    log,
    random: Math.random,
  })
  executor.recover()

  const apply = (next: EdgeConfig) => {
    config = next
    const intervalMs = next.poll_interval_s * 1000
    recorder.setPollInterval(intervalMs)
    uploader.setPollInterval(intervalMs)
    logins.take(next)
    poller.configure(next)
    // A configuration on disk or of an older server may lack these two.
    executor.setCap(next.command_cap ?? DEFAULT_COMMAND_CAP)
    executor.setPaused("config", next.commands_paused ?? false)
    guard.setPolicy(policyOf(next))
  }
  if (config !== null) apply(config)

  const fetchConfig = async (newest: number, signal: AbortSignal) => {
    if (haveVersion === newest && config !== null) return
    const answer = await options.gateway.config(haveVersion, signal)
    if (answer.unchanged) {
      haveVersion = answer.version
      return
    }
    const { unchanged: _, ...next } = answer
    apply(next)
    storeConfig(dir, next)
    haveVersion = next.version
    log.info(
      {
        version: next.version,
        site: next.site.slug,
        targets: next.targets.length,
        interval_s: next.poll_interval_s,
      },
      "configuration taken",
    )
  }
  const heartbeat = startHeartbeat({
    gateway,
    clock,
    source: systemClock,
    log,
    facts: () => {
      const counts = poller.counts()
      const depth = spool.depth()
      return {
        instance_id: instanceId,
        edge_version: EDGE_VERSION,
        uptime_s: Math.round((performance.now() - startedAt) / 1000),
        config_version: haveVersion,
        miners_known: counts.known,
        miners_online: counts.online,
        spool: { ...depth, dropped_samples: depth.dropped_samples + recorder.droppedFromMemory() },
        rss_bytes: process.memoryUsage.rss(),
        last_poll_cycle_ms: counts.lastCycleMs,
        unacked_results: journal.countUnacked(),
      }
    },
    onBeat: async (newest, signal) => {
      uploader.uplinkSeen()
      commands?.uplinkSeen()
      acks.wake()
      thermalSender.wake()
      if (Math.abs(clock.offsetMs() - spool.counter(CLOCK_OFFSET)) > 1_000)
        spool.setCounter(CLOCK_OFFSET, clock.offsetMs())
      await fetchConfig(newest, signal)
      await events.flush(signal)
      await capabilities.flush(signal)
      tryAgain.goOn()
      await loginSender.flush(signal)
    },
  })
  let commands: ReturnType<typeof startCommandLoop> | null = null
  // Leases are judged by the server's clock, so nothing is leased before it was read once.
  const commandsStarted = heartbeat.first.then(() => {
    if (!stopping.signal.aborted)
      commands = startCommandLoop({
        instanceId,
        gateway,
        executor,
        journal,
        log,
        random: Math.random,
        onDiscovery: () => discovery.wake(),
      })
  })

  const runner = createScanRunner({
    store: discovered.store,
    drivers,
    limits: poller.limits,
    log,
    onNews: () => discovery.wake(),
  })
  const discovery = startDiscoveryLoop({
    gateway,
    store: discovered.store,
    runner,
    log,
    random: Math.random,
  })
  const healer = startHealer({
    poller,
    identities,
    drivers,
    store: discovered.store,
    limits: poller.limits,
    log,
    iso: clock.iso,
    monotonicMs: () => performance.now(),
    onMoved: () => discovery.wake(),
  })

  const housekeeping = setInterval(() => {
    try {
      const dropped = spool.enforceBounds(uploader.inFlight())
      if (dropped > 0) {
        log.error({ dropped_samples: dropped }, "samples dropped: the spool is full or they are a day old")
        events.countDropped(dropped)
      }
      journal.prune(clock.nowMs())
      artifacts
        .prune(Date.now())
        .catch((error: unknown) => log.error({ err: error }, "old firmware files could not be removed"))
    } catch (error) {
      log.error({ err: error }, "the spool's bounds could not be kept")
    }
  }, HOUSEKEEPING_MS)

  return {
    health: () => ({
      site: config?.site.slug ?? null,
      config_version: haveVersion,
      miners_known: poller.counts().known,
      miners_online: poller.counts().online,
    }),
    stop: async () => {
      stopping.abort()
      clearInterval(housekeeping)
      followUps.stop()
      loginSender.stop()
      events.tell("stopping", "info", "Collector is stopping.")
      await heartbeat.stop()
      await commandsStarted
      await Promise.all([
        commands?.stop(),
        runner.stop(),
        healer.stop(),
        discovery.stop(),
        poller.stop(2_000),
        guard.stop(5_000),
        executor.stop(5_000),
      ])
      recorder.stop()
      if (!recorder.flush()) log.error("the last samples could not be written: the disk takes nothing")
      const last = AbortSignal.timeout(3_000)
      await Promise.all([
        uploader.finish(3_000),
        acks.finish(3_000),
        thermalSender.finish(3_000),
        events.flush(last),
      ])
      leases.stop()
      for (const part of [
        spool,
        journal,
        identities,
        overrides,
        discovered.store,
        thermalStore,
        loginsOnDisk.store,
      ])
        part.close()
    },
  }
}
