import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import type { FirmwareFile } from "../driver.ts"
import type { HttpRequest, StreamedBody } from "./http-client.ts"

const BOUNDARY = "----lamproom-firmware-7d83f1c0a94e"

/**
 * A multipart form with one file, streamed from disk, behind the text fields that go with it. `part` names the file's
 * field; `fileName` the file where the machine wants another than the file's own name.
 */
export function fileForm(
  file: Pick<FirmwareFile, "path" | "fileName" | "sizeBytes">,
  { part, fields = {}, fileName = file.fileName }: FileFormShape,
): Pick<HttpRequest, "headers" | "body"> {
  const name = fileName.replace(/[^\x20-\x7e]|["\\]/g, "_")
  const texts = Object.entries(fields).map(
    ([field, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  )
  const head = Buffer.from(
    `${texts.join("")}--${BOUNDARY}\r\nContent-Disposition: form-data; name="${part}"; filename="${name}"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n",
  )
  const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
  async function* pieces() {
    yield head
    yield* createReadStream(file.path, { end: file.sizeBytes - 1 })
    yield tail
  }
  const body: StreamedBody = {
    sizeBytes: head.length + file.sizeBytes + tail.length,
    open: () => Readable.from(pieces(), { objectMode: false }),
  }
  return { headers: { "Content-Type": `multipart/form-data; boundary=${BOUNDARY}` }, body }
}

export type FileFormShape = { part: string; fields?: Record<string, string>; fileName?: string }
