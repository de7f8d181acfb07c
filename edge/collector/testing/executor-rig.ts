import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CommandFeature } from "#server/contract/commands.ts"
import type { CommandResult } from "#server/contract/edge.ts"
import { silentLog } from "#server/log.ts"
import { createArtifactStore } from "../artifact/artifact-store.ts"
import { createEdgeClock, systemClock } from "../clock.ts"
import { createExecutor, type Executor } from "../execute/executor.ts"
import { type Journal, openJournal } from "../execute/journal.ts"
import { type Leases, startLeases } from "../execute/leases.ts"
import { createIdentityMap } from "../poll/identity-map.ts"
import { openLimitOverrides } from "../state/limit-overrides.ts"
import { fakeDrivers, fakeGateway, newKeys, SITE_LIMITS } from "./fakes.ts"

/** An executor with its journal on disk and machines in memory; `boot` starts it anew over the same disk. */
export function executorRig() {
  const dir = mkdtempSync(join(tmpdir(), "lamproom-executor-"))
  const farm = fakeDrivers()
  const gateway = fakeGateway()
  const keys = newKeys()
  const acted: string[] = []
  const lines: string[] = []
  const ended = new AbortController()
  const started: Leases[] = []
  let aheadMs = 0
  let tell: () => void = () => {}
  const tellLog = (...args: unknown[]) => void lines.push(JSON.stringify(args))
  const log = Object.assign(Object.create(silentLog) as typeof silentLog, {
    info: tellLog,
    warn: tellLog,
    error: tellLog,
  })
  const overrides = () => openLimitOverrides(join(dir, "limits.db")).overrides
  const start = (): { journal: Journal; executor: Executor; leases: Leases } => {
    const { journal } = openJournal(join(dir, "journal.db"))
    const limits = overrides()
    const leases = startLeases({ gateway: () => gateway.api, log: silentLog, signal: ended.signal })
    started.push(leases)
    const executor = createExecutor({
      journal,
      leases,
      clock: createEdgeClock({
        wallMs: () => systemClock.wallMs() + aheadMs,
        monotonicMs: systemClock.monotonicMs,
      }),
      log,
      perform: {
        drivers: farm.drivers,
        identities: {
          ...createIdentityMap(
            () => {},
            () => "x",
          ).identities,
          close: () => {},
        },
        keys,
        artifacts: createArtifactStore({
          directory: join(dir, "artifacts"),
          gateway: () => gateway.api,
          log: silentLog,
          random: () => 0,
          pieceGapMs: 0,
        }),
        overrides: limits,
        siteLimits: () => SITE_LIMITS,
        limits: (minerId) => limits.of(minerId, SITE_LIMITS),
        thermalHold: (minerId, feature) => rig.thermalHold(minerId, feature),
      },
      onFinished: () => tell(),
      onActed: (minerId, feature) => void acted.push(`${minerId} ${feature}`),
    })
    return { journal, executor, leases }
  }
  const rig = {
    dir,
    farm,
    gateway,
    keys,
    acted,
    lines,
    overrides,
    /** The thermal guard's word on a command. */
    thermalHold: (_minerId: string, _feature: CommandFeature): string | null => null,
    ...start(),
    /** Moves the collector's clock on. */
    later: (ms: number) => {
      aheadMs += ms
    },
    boot: () => void Object.assign(rig, start()),
    results: (count: number) =>
      new Promise<CommandResult[]>((resolve) => {
        tell = () => {
          if (rig.journal.countUnacked() >= count) resolve(rig.journal.unacked(count))
        }
        tell()
      }),
    end: async () => {
      await rig.executor.stop(0)
      ended.abort()
      for (const leases of started) leases.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return rig
}

export const deferred = () => {
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  return { gate, open }
}

export const DONE = {
  ok: true as const,
  value: { ran: "restart", message: "Restarted.", verified: true, before: null, after: null },
}
