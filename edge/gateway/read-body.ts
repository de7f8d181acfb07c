import { promisify } from "node:util"
import { constants, gunzip, zstdDecompress } from "node:zlib"
import { DomainError } from "#server/contract/errors.ts"

const inflateZstd = promisify(zstdDecompress)
const inflateGzip = promisify(gunzip)

/** A zstd frame may ask its reader for a window of any size; 16 MiB is more than our largest body. */
const ZSTD_WINDOW_LOG_MAX = 24

/** Telemetry shrinks about tenfold. Output of the usual 16 KiB a piece would cost a round through libuv for each. */
const EXPECTED_GROWTH = 12
const MIN_PIECE_BYTES = 16_384
const MAX_PIECE_BYTES = 1_048_576

export type BodyLimits = { wireBytes: number; inflatedBytes: number }

/**
 * Reads a body as text, plain or compressed with gzip or zstd. Both sizes are counted while they grow, so that neither
 * a flood nor a bomb is ever held whole. Throws PAYLOAD_TOO_LARGE or INVALID.
 */
export async function readBody(
  request: Pick<Request, "body" | "headers">,
  limits: BodyLimits,
): Promise<{ text: string; wireBytes: number }> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase()
  if (!["identity", "gzip", "zstd"].includes(encoding))
    throw new DomainError("INVALID", "Unsupported content-encoding: use zstd, gzip or none.")
  const wire = await readWire(request, limits.wireBytes)
  const bytes = await inflate(wire, encoding, limits.inflatedBytes)
  return { text: bytes.toString("utf8"), wireBytes: wire.length }
}

async function readWire(request: Pick<Request, "body" | "headers">, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge("body", maxBytes)
  const chunks: Uint8Array[] = []
  let size = 0
  // Node's web streams are iterable; the DOM's types do not say so.
  const body = (request.body ?? []) as unknown as AsyncIterable<Uint8Array>
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge("body", maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

async function inflate(wire: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (encoding === "identity") {
    if (wire.length > maxBytes) throw tooLarge("body", maxBytes)
    return wire
  }
  const chunkSize = Math.min(Math.max(wire.length * EXPECTED_GROWTH, MIN_PIECE_BYTES), MAX_PIECE_BYTES)
  try {
    if (encoding === "gzip") return await inflateGzip(wire, { maxOutputLength: maxBytes, chunkSize })
    return await inflateZstd(wire, {
      maxOutputLength: maxBytes,
      chunkSize,
      params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge("inflated body", maxBytes)
    throw new DomainError("INVALID", `The body is not valid ${encoding}.`, { cause: error })
  }
}

function tooLarge(what: string, maxBytes: number): DomainError {
  return new DomainError(
    "PAYLOAD_TOO_LARGE",
    `The ${what} is larger than ${Math.round(maxBytes / 1024)} KiB.`,
  )
}
