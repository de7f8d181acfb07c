import zlib from "node:zlib"

/** Bodies up to this stay plain: compression would cost more than it saves. */
const COMPRESS_ABOVE_BYTES = 1_024

/** `fetch` that sends larger JSON bodies as zstd with `content-encoding`. */
export async function compressingFetch(url: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body = init?.body
  if (typeof body !== "string" || body.length <= COMPRESS_ABOVE_BYTES) return fetch(url, init)
  const headers = new Headers(init?.headers)
  headers.set("content-encoding", "zstd")
  return fetch(url, { ...init, headers, body: zlib.zstdCompressSync(body) })
}
