import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { open } from "node:fs/promises"
import { ARTIFACT_PIECE_BYTES, type LeasedCommand } from "#server/contract/edge.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, type GatewayErrorCode } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { GatewayApi } from "../ports.ts"
import { isDiskFull } from "../state/open-database.ts"

export type WantedArtifact = NonNullable<LeasedCommand["artifact"]>

/** Why there is no file, for a person: "the update did not run: …". */
export class ArtifactError extends Error {}

/** The server will say the same again; everything else may pass. */
const FINAL: readonly GatewayErrorCode[] = ["NOT_FOUND", "FORBIDDEN", "INVALID", "PAYLOAD_TOO_LARGE"]

/**
 * Fills `part` from where it ends until it has the wanted size, and flushes it to disk. A cut line is waited for until
 * the signal fires. Throws `ArtifactError`, or the signal's reason.
 */
export async function fetchPieces(options: {
  wanted: WantedArtifact
  part: string
  gateway: () => Pick<GatewayApi, "artifact">
  gapMs: number
  random: () => number
  signal: AbortSignal
}): Promise<void> {
  const { wanted, signal } = options
  const pause = createPause(signal)
  const backoff = createBackoff({ baseMs: 500, maxMs: 15_000, random: options.random })
  const file = await open(options.part, "a+", 0o600)
  try {
    let offset = (await file.stat()).size
    if (offset > wanted.size_bytes) {
      await file.truncate(0)
      offset = 0
    }
    while (offset < wanted.size_bytes) {
      signal.throwIfAborted()
      try {
        const answer = await options.gateway().artifact(wanted.id, offset, signal)
        const piece = Buffer.from(answer.piece, "base64")
        if (answer.size_bytes !== wanted.size_bytes || answer.sha256 !== wanted.sha256)
          throw new ArtifactError("the server offers another file than the command names")
        const fits = piece.length <= Math.min(ARTIFACT_PIECE_BYTES, wanted.size_bytes - offset)
        if (answer.offset !== offset || piece.length === 0 || !fits)
          throw new ArtifactError("the server sent a piece that does not fit")
        await file.appendFile(piece)
        offset += piece.length
        backoff.reset()
        if (offset < wanted.size_bytes) await pause.wait(options.gapMs)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof ArtifactError) throw error
        if (isDiskFull(error)) throw new ArtifactError("the collector's disk is full")
        const failure = asGatewayError(error)
        if (FINAL.includes(failure.code))
          throw new ArtifactError(`the server does not give the file (${failure.message})`)
        await pause.wait(backoff.nextMs(failure.retryAfterMs))
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const piece of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(piece as Buffer)
  return hash.digest("hex")
}
