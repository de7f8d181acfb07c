import { createHash } from "node:crypto"
import type { Socket } from "node:net"
import type { SimulatedMiner } from "../../miner.ts"
import { imageOf } from "../../upload.ts"

const HEAD_BYTES = 4_096
const MAX_BYTES = 1_000_000_000

/**
 * Takes a file behind its length (unsigned 32-bit, little-endian) on a connection that was told to send one, without
 * keeping it; `verdict` gets its answer out. An image for another model, or none at all, is refused.
 */
export function receiveImage(
  socket: Socket,
  miner: SimulatedMiner,
  model: string,
  verdict: (taken: boolean, after: () => void) => void,
): void {
  const hash = createHash("sha256")
  let head = Buffer.alloc(0)
  let length: number | null = null
  let got = 0
  let start = Buffer.alloc(0)
  const refuse = (reason: string) => {
    miner.act("refused", { command: "update_firmware", reason })
    verdict(false, () => {})
  }
  socket.on("data", (chunk: Buffer) => {
    let piece = chunk
    if (length === null) {
      start = Buffer.concat([start, chunk])
      if (start.length < 4) return
      length = start.readUInt32LE(0)
      piece = start.subarray(4)
      if (length === 0 || length > MAX_BYTES) return refuse("length")
    }
    if (got >= length) return
    piece = piece.subarray(0, length - got)
    got += piece.length
    hash.update(piece)
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES - head.length)])
    if (got < length) return
    const image = imageOf({ fileName: "", head: head.toString("latin1") })
    if (image.model !== null && image.model !== model) return refuse(`image for ${image.model}`)
    if (image.version === "") return refuse("no image")
    miner.act("upgrade", { bytes: got, sha256: hash.digest("hex"), version: image.version })
    verdict(true, () => miner.install(image.version))
  })
}
