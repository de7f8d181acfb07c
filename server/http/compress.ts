import { Readable } from "node:stream"
import { constants, createGzip } from "node:zlib"
import type { MiddlewareHandler } from "hono"

const COMPRESSIBLE =
  /^(text\/(?!event-stream)|application\/(json|javascript|manifest\+json|xml|x-script)|image\/svg\+xml)/
const MIN_BYTES = 1_024

/** gzip that sends every chunk on as it comes, so that streamed pages still stream. */
export function compress(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    const response = c.res
    const length = response.headers.get("content-length")
    if (
      !response.body ||
      c.req.method === "HEAD" ||
      response.headers.has("content-encoding") ||
      !/\bgzip\b/.test(c.req.header("accept-encoding") ?? "") ||
      !COMPRESSIBLE.test(response.headers.get("content-type") ?? "") ||
      (length !== null && Number(length) < MIN_BYTES)
    )
      return
    const gzip = createGzip({ level: 5, flush: constants.Z_SYNC_FLUSH })
    const source = Readable.fromWeb(response.body as import("node:stream/web").ReadableStream)
    source.on("error", (error) => gzip.destroy(error))
    gzip.on("close", () => source.destroy())
    const body = Readable.toWeb(source.pipe(gzip)) as unknown as ReadableStream
    // Hono copies the old headers onto an assigned response: change them afterwards.
    c.res = new Response(body, response)
    c.res.headers.set("content-encoding", "gzip")
    c.res.headers.append("vary", "accept-encoding")
    c.res.headers.delete("content-length")
  }
}
