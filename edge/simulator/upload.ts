import { createHash } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** One file of a multipart form, of any size; `head` is its beginning, as text. */
export type Upload = { field: string; fileName: string; bytes: number; sha256: string; head: string }

const FORM_HEAD_MAX_BYTES = 8_192
const HEAD_BYTES = 4_096

/** Reads it to its end without keeping it. Null: no whole form with one file in it. */
export async function receiveUpload(request: IncomingMessage): Promise<Upload | null> {
  const boundary = /boundary="?([^";]+)/.exec(request.headers["content-type"] ?? "")?.[1]
  const total = Number(request.headers["content-length"])
  const tail = `\r\n--${boundary}--\r\n`
  const hash = createHash("sha256")
  let form = Buffer.alloc(0)
  let part: { field: string; fileName: string; left: number; bytes: number } | null = null
  let head = Buffer.alloc(0)
  let end = ""
  for await (const chunk of request as AsyncIterable<Buffer>) {
    let content = chunk
    if (part === null) {
      form = Buffer.concat([form, chunk])
      const at = form.indexOf("\r\n\r\n")
      if (at < 0 && form.length > FORM_HEAD_MAX_BYTES) break
      if (at < 0) continue
      const bytes = total - (at + 4) - tail.length
      const text = form.toString("latin1", 0, at)
      const named = (name: string) => new RegExp(`[; ]${name}="([^"]*)"`).exec(text)?.[1] ?? ""
      part = { field: named("name"), fileName: named("filename"), left: bytes, bytes }
      content = form.subarray(at + 4)
    }
    const file = content.subarray(0, Math.max(0, part.left))
    part.left -= file.length
    hash.update(file)
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, file.subarray(0, HEAD_BYTES - head.length)])
    end += content.toString("latin1", file.length)
  }
  request.resume()
  if (boundary === undefined || part === null || part.bytes < 1 || end !== tail) return null
  const { field, fileName, bytes } = part
  return { field, fileName, bytes, sha256: hash.digest("hex"), head: head.toString("latin1") }
}

/**
 * What an image says of itself: lines `version=…` and `model=…` near its beginning, else its file's name without the
 * ending.
 */
export function imageOf({ fileName, head }: Upload): { version: string; model: string | null } {
  const line = (name: string) => new RegExp(`(?:^|\\n)${name}=([^\\r\\n\\0]{1,64})`).exec(head)?.[1] ?? null
  return {
    version: line("version") ?? fileName.replace(/\.(?:tar\.gz|bmu|bin)$/i, ""),
    model: line("model"),
  }
}
