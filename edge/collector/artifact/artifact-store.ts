import { mkdirSync } from "node:fs"
import { rename, stat, unlink } from "node:fs/promises"
import { join } from "node:path"
import type { FirmwareFile } from "#edge/drivers/driver.ts"
import { FIRMWARE_MAX_BYTES } from "#server/contract/budgets.ts"
import type { Log } from "#server/log.ts"
import type { GatewayApi } from "../ports.ts"
import { ArtifactError, fetchPieces, sha256OfFile, type WantedArtifact } from "./fetch-pieces.ts"
import { makeRoom, markUsed, pruneOld } from "./prune.ts"

/** Two of the largest files: the one that is being installed and its successor. */
const DISK_MAX_BYTES = 2 * FIRMWARE_MAX_BYTES
/** Leaves the gateway's 600 requests a minute to telemetry and commands: a piece is 1 MiB. */
const PIECE_GAP_MS = 400

/** A verified file that stays on disk until `release`. */
export type HeldArtifact = { file: FirmwareFile; release: () => void }

/**
 * Firmware files on the collector's disk, by their SHA-256. Many commands that want the same file share one download; one
 * that was cut is continued where it stopped, also after a restart; what does not match its sum is fetched once more.
 * Throws `ArtifactError` with a reason for a person, or the signal's own when it fires.
 */
export type ArtifactStore = {
  obtain: (wanted: WantedArtifact, signal: AbortSignal) => Promise<HeldArtifact>
  /** Removes what nobody has used for a week. */
  prune: (nowMs: number) => Promise<void>
}

type Download = { done: Promise<string>; waiting: number; abort: AbortController }

export function createArtifactStore(options: {
  directory: string
  gateway: () => Pick<GatewayApi, "artifact">
  log: Log
  random: () => number
  maxBytes?: number
  pieceGapMs?: number
}): ArtifactStore {
  const { directory, log } = options
  const maxBytes = options.maxBytes ?? DISK_MAX_BYTES
  const downloads = new Map<string, Download>()
  /** Files that must not go, by name, with the number of their users. */
  const inUse = new Map<string, number>()
  /** Verified by this process: the state of the file then, so that a hundred commands do not read it a hundred times. */
  const verified = new Map<string, { mtimeMs: number; size: number }>()

  const isWhole = async (path: string, wanted: WantedArtifact): Promise<boolean> => {
    const found = await stat(path).catch(() => null)
    if (found === null || found.size !== wanted.size_bytes) return false
    const before = verified.get(path)
    if (before?.mtimeMs === found.mtimeMs && before.size === found.size) return true
    return (await sha256OfFile(path)) === wanted.sha256
  }
  const remember = async (path: string) => {
    await markUsed(path)
    const { mtimeMs, size } = await stat(path)
    verified.set(path, { mtimeMs, size })
  }

  const download = async (wanted: WantedArtifact, signal: AbortSignal): Promise<string> => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const path = join(directory, `${wanted.sha256}.bin`)
    const part = join(directory, `${wanted.sha256}.part`)
    if (await isWhole(path, wanted)) {
      await remember(path)
      return path
    }
    if (wanted.size_bytes > Math.min(maxBytes, FIRMWARE_MAX_BYTES))
      throw new ArtifactError(`the file is larger than ${FIRMWARE_MAX_BYTES / 1_048_576} MiB`)
    await makeRoom(directory, maxBytes - wanted.size_bytes, new Set(inUse.keys()))
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const began = performance.now()
      await fetchPieces({
        wanted,
        part,
        gateway: options.gateway,
        gapMs: options.pieceGapMs ?? PIECE_GAP_MS,
        random: options.random,
        signal,
      })
      if ((await sha256OfFile(part)) === wanted.sha256) {
        await rename(part, path)
        await remember(path)
        log.info(
          {
            artifact_id: wanted.id,
            bytes: wanted.size_bytes,
            took_ms: Math.round(performance.now() - began),
          },
          "firmware file fetched and verified",
        )
        return path
      }
      await unlink(part)
      log.warn({ artifact_id: wanted.id, attempt }, "a firmware file does not match its checksum")
    }
    throw new ArtifactError("the file came twice with a wrong checksum")
  }
  /** The download that runs for this file, or a new one; it ends when nobody waits for it any more. */
  const joinDownload = async (wanted: WantedArtifact, signal: AbortSignal): Promise<Download> => {
    for (;;) {
      const running = downloads.get(wanted.sha256)
      if (running === undefined) break
      if (!running.abort.signal.aborted) return running
      // One that was given up still has the file open: two must never write it.
      await running.done.catch(() => {})
      signal.throwIfAborted()
    }
    const abort = new AbortController()
    const started: Download = { waiting: 0, abort, done: download(wanted, abort.signal) }
    downloads.set(wanted.sha256, started)
    const forget = () => void downloads.delete(wanted.sha256)
    started.done.then(forget, forget)
    return started
  }

  return {
    obtain: async (wanted, signal) => {
      signal.throwIfAborted()
      const release = hold(inUse, wanted.sha256)
      let shared: Download | null = null
      try {
        shared = await joinDownload(wanted, signal)
        shared.waiting += 1
        const path = await untilAborted(shared.done, signal)
        return {
          file: {
            path,
            fileName: wanted.file_name,
            version: wanted.version,
            sha256: wanted.sha256,
            sizeBytes: wanted.size_bytes,
          },
          release,
        }
      } catch (error) {
        release()
        throw error
      } finally {
        if (shared !== null) {
          shared.waiting -= 1
          if (shared.waiting === 0) shared.abort.abort()
        }
      }
    },
    prune: (nowMs) => pruneOld(directory, nowMs, new Set(inUse.keys())),
  }
}

/** Counts one more user of `key`; the answer takes him away again, once. */
function hold(users: Map<string, number>, key: string): () => void {
  users.set(key, (users.get(key) ?? 0) + 1)
  let held = true
  return () => {
    if (!held) return
    held = false
    const left = (users.get(key) ?? 1) - 1
    if (left === 0) users.delete(key)
    else users.set(key, left)
  }
}

/** The promise, unless the signal fires first; then the promise goes on without us. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason)
    signal.addEventListener("abort", end, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", end))
  })
}
