import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import { onTestFinished } from "vitest"
import type { FirmwareFile } from "../driver.ts"

/** A firmware file on disk, gone when the test is over. */
export function firmwareFile(content: Buffer | string, fileName: string, version: string): FirmwareFile {
  const folder = mkdtempSync(join(tmpdir(), "firmware-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const bytes = Buffer.from(content)
  const path = join(folder, "file")
  writeFileSync(path, bytes)
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  return { path, fileName, version, sha256, sizeBytes: bytes.length }
}

const HEADER = 36
const ITEM = 172

/** A bundle as the vendor makes them, around any content. */
export function bundle(items: { hardware: string; model: string }[], content: Buffer): Buffer {
  const header = Buffer.alloc(HEADER)
  header.writeUInt32LE(0xabababab, 0)
  header.writeUInt32LE(HEADER, 8)
  header.writeUInt32LE(items.length, 12)
  header.writeUInt32LE(ITEM, 16)
  const table = items.map(({ hardware, model }) => {
    const item = Buffer.alloc(ITEM)
    item.write("update.bin", 4)
    item.write("BM1398", 68)
    item.write(hardware, 100)
    item.write(model, 132)
    item.writeUInt32LE(HEADER + items.length * ITEM, 164)
    item.writeUInt32LE(content.length, 168)
    return item
  })
  const whole = Buffer.concat([header, ...table, content])
  whole.writeUInt32LE(crc32(whole), 24)
  return whole
}
