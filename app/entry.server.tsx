import { PassThrough } from "node:stream"
import type { AppLoadContext, EntryContext } from "@remix-run/node"
import { createReadableStreamFromReadable } from "@remix-run/node"
import { isRouteErrorResponse, RemixServer } from "@remix-run/react"
import { isbot } from "isbot"
import { renderToPipeableStream } from "react-dom/server"
import { NonceContext } from "./lib/nonce.ts"

/** Deferred parts of a page that are not there by then are given up. */
export const streamTimeout = 5_000

/** Renders a page: streamed to browsers, whole to robots. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  context: AppLoadContext,
): Promise<Response> {
  const { nonce, ctx } = context
  const whole = isbot(request.headers.get("User-Agent") ?? "")
  return new Promise((resolve, reject) => {
    let begun = false
    let finalStatus = status
    const send = () => {
      begun = true
      const body = new PassThrough()
      headers.set("Content-Type", "text/html; charset=utf-8")
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status: finalStatus }))
      pipe(body)
    }
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        ...(whole ? { onAllReady: send } : { onShellReady: send }),
        onShellError: reject,
        onError(error) {
          finalStatus = 500
          // Before the shell is out the rejection is reported by handleError.
          if (begun) ctx.log.error({ err: error }, "page rendering failed")
        },
      },
    )
    setTimeout(abort, streamTimeout + 1_000).unref()
  })
}

/**
 * What loaders and actions did not map themselves. Unknown addresses and readers who left are no errors of ours.
 */
export function handleError(
  error: unknown,
  { request, context }: { request: Request; context: AppLoadContext },
) {
  if (request.signal.aborted || isRouteErrorResponse(error)) return
  const { ctx } = context
  ctx.log.error({ err: error, url: new URL(request.url).pathname }, "page failed")
}
