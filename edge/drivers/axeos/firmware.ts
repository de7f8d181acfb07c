import { createReadStream } from "node:fs"
import { open } from "node:fs/promises"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo } from "../outcomes.ts"
import { acceptedWrite } from "../verified-write.ts"
import { identify } from "./identify.ts"
import { endOf, sendAxe } from "./web.ts"

const OTA = "/api/system/OTA"
/** The board writes while it receives, over Wi-Fi. */
const UPLOAD_TIMEOUT_MS = 5 * 60_000
/** What a page, an archive or a text would begin with: nothing that may be written over the firmware. */
const NO_IMAGE = ["<", "PK\u0003\u0004", "\u001f\u008b"]

/** Uploads `esp-miner.bin` as it is, once, from disk. The board writes it and restarts by itself. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (isVersion(identity.firmwareVersion, file.version))
    return alreadySo("GET /api/system/info", `It runs ${file.version} already.`, before)
  const fits = await checkFile(file)
  if (!fits.ok) return { ok: false, fault: fits.fault, sent: false }
  return acceptedWrite({
    ran: `POST ${OTA}`,
    send: async () =>
      endOf(
        await sendAxe(context, {
          method: "POST",
          path: OTA,
          headers: { "Content-Type": "application/octet-stream" },
          body: {
            sizeBytes: file.sizeBytes,
            open: () => createReadStream(file.path, { end: file.sizeBytes - 1 }),
          },
          timeoutMs: UPLOAD_TIMEOUT_MS,
        }),
        OTA,
      ),
    message: `The board took ${file.fileName} (${file.version}) and restarts with it.`,
    before,
  })
}

async function checkFile(file: FirmwareFile): Promise<Outcome<true>> {
  if (/^www\.bin$/i.test(file.fileName))
    return fault("refused", `${file.fileName} is the web interface, not the firmware (esp-miner.bin).`)
  try {
    const handle = await open(file.path)
    try {
      const { size } = await handle.stat()
      if (size !== file.sizeBytes)
        return fault("refused", `The firmware file has ${size} bytes instead of ${file.sizeBytes}.`)
      const head = (await handle.read(Buffer.alloc(16), 0, 16, 0)).buffer.toString("latin1")
      return NO_IMAGE.some((start) => head.trimStart().startsWith(start))
        ? fault("refused", `${file.fileName} is no firmware image: its beginning is another.`)
        : ok(true)
    } finally {
      await handle.close()
    }
  } catch (error) {
    return fault("refused", `The firmware file cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** By its version: the file's, or another than before. */
export async function isUpdated(
  context: DriverContext,
  before: Identity,
  file: FirmwareFile,
): Promise<Outcome<boolean | null>> {
  const now = await identify(context)
  if (!now.ok) return now
  const version = now.value.firmwareVersion
  if (version === null) return ok(null)
  if (isVersion(version, file.version)) return ok(true)
  return ok(before.firmwareVersion === null ? null : version !== before.firmwareVersion)
}

/** With or without the letter v. */
function isVersion(one: string | null, other: string): boolean {
  return one !== null && one.replace(/^v/i, "") === other.replace(/^v/i, "")
}
