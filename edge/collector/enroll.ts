import { hostname } from "node:os"
import type { Log } from "#server/log.ts"
import { createBackoff } from "./client/backoff.ts"
import { asGatewayError } from "./client/gateway-error.ts"
import type { Pause } from "./client/pause.ts"
import type { EnrollCall } from "./ports.ts"
import { type CacheDir, StartupError } from "./state/cache-dir.ts"
import { checkKey, type EdgeIdentity, hashCode, readStoredKey, storeKey } from "./state/edge-identity.ts"

/**
 * The key to work with: the configured one, else the one of an earlier enrolment, else a new one for the code. A code
 * that was not used here before enrols again and replaces the stored key. Waits for a server that does not answer yet. Throws
 * `StartupError` when there is neither key nor usable code; null when stopped while waiting.
 */
export async function obtainKey(options: {
  dir: CacheDir
  identity: EdgeIdentity
  configuredKey: string | undefined
  code: string | undefined
  edgeVersion: string
  enroll: EnrollCall
  log: Log
  pause: Pause
  stopped: () => boolean
}): Promise<string | null> {
  const { dir, code, log } = options
  if (options.configuredKey !== undefined) return checkKey(options.configuredKey)
  const stored = readStoredKey(dir)
  if (code === undefined || (stored !== null && stored.codeHash === hashCode(code))) {
    if (stored !== null) return checkKey(stored.key)
    throw new StartupError(
      "This collector is not enrolled. Get a code on the collectors page and start it with LAMPROOM_ENROLL_CODE (or --lamproom-enroll-code), or give it a key with LAMPROOM_COLLECTOR_KEY.",
    )
  }
  const backoff = createBackoff({ baseMs: 500, maxMs: 10_000, random: Math.random })
  while (!options.stopped()) {
    try {
      const answer = await options.enroll({
        code,
        instance_id: options.identity.instanceId,
        public_key: options.identity.publicKey,
        edge_version: options.edgeVersion,
        hostname: hostname().slice(0, 255),
        platform: `${process.platform} ${process.arch} node ${process.versions.node}`,
      })
      storeKey(dir, { key: checkKey(answer.key), codeHash: hashCode(code) })
      log.info(
        { site: answer.site.slug, device: answer.device_name, device_id: answer.device_id },
        "enrolled",
      )
      return answer.key
    } catch (error) {
      if (error instanceof StartupError) throw error
      const failure = asGatewayError(error)
      const transient = ["UNREACHABLE", "UNAVAILABLE", "INTERNAL", "RATE_LIMITED"].includes(failure.code)
      if (!transient && stored !== null) {
        log.warn(
          { reason: failure.message },
          "the new code was refused; going on with the key of the last enrolment",
        )
        return checkKey(stored.key)
      }
      if (!transient)
        throw new StartupError(
          `The server refused the enrolment code: ${failure.message} Codes work once and for 15 minutes; get a new one on the collectors page.`,
        )
      const waitMs = backoff.nextMs(failure.retryAfterMs)
      if (backoff.failures() === 1) log.warn({ reason: failure.message }, "waiting for the server to enrol")
      await options.pause.wait(waitMs)
    }
  }
  return null
}
