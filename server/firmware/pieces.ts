import { DomainError } from "#server/contract/errors.ts"

/**
 * A stream in pieces of one size (the last may be shorter), held one at a time. Throws PAYLOAD_TOO_LARGE past
 * `maxBytes` and UNAVAILABLE when nothing came for `stallMs`.
 */
export async function* inPieces(
  stream: AsyncIterable<Uint8Array>,
  limits: { pieceBytes: number; maxBytes: number; stallMs: number },
): AsyncGenerator<Uint8Array> {
  let piece = Buffer.alloc(limits.pieceBytes)
  let filled = 0
  let seen = 0
  for await (const chunk of heard(stream, limits.stallMs)) {
    seen += chunk.byteLength
    if (seen > limits.maxBytes)
      throw new DomainError(
        "PAYLOAD_TOO_LARGE",
        `The file is larger than ${Math.round(limits.maxBytes / 1_048_576)} MiB. Nothing was stored.`,
      )
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + limits.pieceBytes - filled)
      piece.set(part, filled)
      filled += part.byteLength
      at += part.byteLength
      if (filled < limits.pieceBytes) continue
      yield piece
      piece = Buffer.alloc(limits.pieceBytes)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

async function* heard(stream: AsyncIterable<Uint8Array>, stallMs: number): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = await within(stallMs, chunks.next())
      if (next.done) {
        ended = true
        return
      }
      yield next.value
    }
  } finally {
    // A sender that stands still would not answer this either: nobody waits for it.
    if (!ended) void chunks.return?.()?.catch(() => undefined)
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new DomainError("UNAVAILABLE", "The upload stood still and was given up. Nothing was stored."),
        ),
      ms,
    )
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
