import { createHash } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** One file, bare or in a multipart form, of any size, and the text fields before it; `head` is its beginning, as text. */
export type Upload = {
  field: string
  fileName: string
  bytes: number
  sha256: string
  head: string
  fields: Record<string, string>
}

const FORM_HEAD_MAX_BYTES = 8_192
const HEAD_BYTES = 4_096

type FilePart = { field: string; fileName: string; at: number; fields: Record<string, string> }

/** Reads it to its end without keeping it. Null: no whole form with one file at its end. */
export async function receiveUpload(request: IncomingMessage): Promise<Upload | null> {
  const boundary = /boundary="?([^";]+)/.exec(request.headers["content-type"] ?? "")?.[1]
  const total = Number(request.headers["content-length"])
  if (boundary === undefined) return receiveBare(request, total)
  const tail = `\r\n--${boundary}--\r\n`
  const hash = createHash("sha256")
  let form = Buffer.alloc(0)
  let part: (FilePart & { left: number; bytes: number }) | null = null
  let head = Buffer.alloc(0)
  let end = ""
  for await (const chunk of request as AsyncIterable<Buffer>) {
    let content = chunk
    if (part === null) {
      form = Buffer.concat([form, chunk])
      const found = filePart(form.toString("latin1", 0, FORM_HEAD_MAX_BYTES), boundary)
      if (found === null && form.length > FORM_HEAD_MAX_BYTES) break
      if (found === null) continue
      const bytes = total - found.at - tail.length
      part = { ...found, left: bytes, bytes }
      content = form.subarray(found.at)
    }
    const file = content.subarray(0, Math.max(0, part.left))
    part.left -= file.length
    hash.update(file)
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, file.subarray(0, HEAD_BYTES - head.length)])
    end += content.toString("latin1", file.length)
  }
  request.resume()
  if (part === null || part.bytes < 1 || end !== tail) return null
  const { field, fileName, bytes, fields } = part
  return { field, fileName, bytes, sha256: hash.digest("hex"), head: head.toString("latin1"), fields }
}

/** The body is the file itself, and has no name. */
async function receiveBare(request: IncomingMessage, total: number): Promise<Upload | null> {
  const hash = createHash("sha256")
  let head = Buffer.alloc(0)
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    hash.update(chunk)
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)])
  }
  if (bytes === 0 || bytes !== total) return null
  return {
    field: "",
    fileName: "",
    bytes,
    sha256: hash.digest("hex"),
    head: head.toString("latin1"),
    fields: {},
  }
}

/** Where the file's content begins, behind the text fields of the form. Null: not there yet. */
function filePart(text: string, boundary: string): FilePart | null {
  const fields: Record<string, string> = {}
  let from = 0
  for (;;) {
    const at = text.indexOf("\r\n\r\n", from)
    if (at < 0) return null
    const header = text.slice(from, at)
    const named = (name: string) => new RegExp(`[; ]${name}="([^"]*)"`).exec(header)?.[1]
    const fileName = named("filename")
    if (fileName !== undefined) return { field: named("name") ?? "", fileName, at: at + 4, fields }
    const end = text.indexOf(`\r\n--${boundary}`, at + 4)
    if (end < 0) return null
    fields[named("name") ?? ""] = text.slice(at + 4, end)
    from = end + 2
  }
}

/**
 * What an image says of itself: lines `version=…` and `model=…` near its beginning, else its file's name without the
 * ending.
 */
export function imageOf({ fileName, head }: Pick<Upload, "fileName" | "head">): {
  version: string
  model: string | null
} {
  const line = (name: string) => new RegExp(`(?:^|\\n)${name}=([^\\r\\n\\0]{1,64})`).exec(head)?.[1] ?? null
  return {
    version: line("version") ?? fileName.replace(/\.(?:tar\.gz|bmu|bin|zip)$/i, ""),
    model: line("model"),
  }
}
