import type { LoaderFunctionArgs } from "@remix-run/node"
import type { Context } from "#server/context.ts"
import { type Reading, reads } from "./page.ts"
import type { Problem } from "./respond.ts"

/**
 * The loader of a route that is a file: sends the lines of the story's CSV as they come. What it throws before the first
 * line becomes an answer in plain words with its status; a failure later breaks the download off, so that half a file
 * does not pass for a whole one.
 */
export async function downloadsCsv(
  args: LoaderFunctionArgs,
  story: (reading: Reading) => Promise<{ fileName: string; lines: AsyncIterable<string> }>,
): Promise<Response> {
  try {
    return await reads(args, async (reading) => {
      const { fileName, lines } = await story(reading)
      return new Response(streamOf(lines, reading.ctx), {
        headers: {
          "Content-Type": "text/csv; charset=utf-8",
          "Content-Disposition": `attachment; filename="${fileName.replace(/[^\w.-]+/g, "-")}"`,
          "Cache-Control": "no-store",
        },
      })
    })
  } catch (error) {
    if (error instanceof Response) throw error
    const { data, init } = error as { data: Problem; init: ResponseInit }
    return new Response(`${data.message ?? `Request ${data.requestId} failed.`}\n`, {
      ...init,
      headers: { ...init.headers, "Content-Type": "text/plain; charset=utf-8" },
    })
  }
}

const PIECE_CHARACTERS = 32_768

function streamOf(lines: AsyncIterable<string>, ctx: Context): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        let piece = ""
        while (piece.length < PIECE_CHARACTERS) {
          const { value, done } = await iterator.next()
          if (done) {
            if (piece) controller.enqueue(encoder.encode(piece))
            return controller.close()
          }
          piece += value
        }
        controller.enqueue(encoder.encode(piece))
      } catch (error) {
        ctx.log.error({ err: error }, "a download broke off")
        controller.error(error)
      }
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}
