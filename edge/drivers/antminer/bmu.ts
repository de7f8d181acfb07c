import { open } from "node:fs/promises"
import { crc32 } from "node:zlib"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"

/**
 * Bitmain's firmware bundle: magic, a little-endian header of 36 bytes (header size at 8, number of items at 12, size
 * of an item at 16, CRC-32 of the whole file with this field zeroed at 24), then the items (chip at 68, hardware at
 * 100, model at 132, each NUL-padded to 32 bytes).
 */
const MAGIC = 0xabababab
const HEADER_BYTES = 36
const ITEM_BYTES_MIN = 172
const ITEMS_MAX = 256
const CRC_AT = 24
const PIECE_BYTES = 1_048_576

export type BmuItem = { chip: string; hardware: string; model: string }

/** The items of a bundle that is whole; null: this is no bundle. Reads the file once, a piece at a time. */
export async function readBmu(path: string): Promise<Outcome<BmuItem[] | null>> {
  await using file = await open(path, "r")
  const header = Buffer.alloc(HEADER_BYTES)
  const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0)
  if (bytesRead < 4 || header.readUInt32LE(0) !== MAGIC) return ok(null)
  const damaged = fault("refused", "The firmware file is damaged: its header does not fit it.")
  const [headerBytes, items, itemBytes] = [8, 12, 16].map((at) => header.readUInt32LE(at)) as [
    number,
    number,
    number,
  ]
  const { size } = await file.stat()
  if (bytesRead < HEADER_BYTES || headerBytes < HEADER_BYTES || itemBytes < ITEM_BYTES_MIN) return damaged
  if (items < 1 || items > ITEMS_MAX || headerBytes + items * itemBytes > size) return damaged

  let sum = 0
  const piece = Buffer.alloc(PIECE_BYTES)
  for (let at = 0; at < size; ) {
    const { bytesRead: got } = await file.read(piece, 0, PIECE_BYTES, at)
    if (got === 0) return damaged
    if (at === 0) piece.fill(0, CRC_AT, CRC_AT + 4)
    sum = crc32(piece.subarray(0, got), sum)
    at += got
  }
  if (sum !== header.readUInt32LE(CRC_AT))
    return fault("refused", "The firmware file is damaged: its checksum does not fit its content.")

  const table = Buffer.alloc(items * itemBytes)
  await file.read(table, 0, table.length, headerBytes)
  return ok(
    Array.from({ length: items }, (_, index) => {
      const word = (at: number) => padded(table.subarray(index * itemBytes + at, index * itemBytes + at + 32))
      return { chip: word(68), hardware: word(100), model: word(132) }
    }),
  )
}

function padded(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString("latin1")
}

const plain = (name: string) =>
  name
    .replace(/antminer/i, "")
    .replace(/[\s._-]/g, "")
    .toUpperCase()

/** Whether an item is for a machine that goes by these names; `x` in an item's name stands for any character. */
export function fitsMachine(item: BmuItem, names: readonly string[]): boolean {
  const wanted = [item.model, `${item.hardware}${item.model}`].map(plain).filter(Boolean)
  return names.map(plain).some((name) => wanted.some((pattern) => sameName(pattern, name)))
}

function sameName(pattern: string, name: string): boolean {
  return pattern.length === name.length && [...pattern].every((sign, at) => sign === "X" || sign === name[at])
}
