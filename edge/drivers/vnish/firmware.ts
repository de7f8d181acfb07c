import { stat } from "node:fs/promises"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo, notDone } from "../outcomes.ts"
import { fileForm } from "../transport/file-form.ts"
import { acceptedWrite } from "../verified-write.ts"
import { readSettings } from "./settings.ts"
import { postVnish } from "./web.ts"

/** The machine checks and writes the whole file before it answers. */
const UPDATE_TIMEOUT_MS = 10 * 60_000

/** Uploads an image, once, from disk; the settings are kept. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (identity.firmwareVersion === file.version)
    return alreadySo("info", `It runs ${file.version} already.`, before)
  const size = await stat(file.path).then(
    (stats) => stats.size,
    () => null,
  )
  if (size !== file.sizeBytes)
    return notDone("refused", `The firmware file has ${size ?? 0} bytes instead of ${file.sizeBytes}.`)
  // Proves the login, so that the file is not sent twice.
  const settings = await readSettings(context)
  if (!settings.ok) return { ok: false, fault: settings.fault, sent: false }
  const form = fileForm(file, { part: "file", fields: { keep_settings: "true" } })
  return acceptedWrite({
    ran: "firmware/update",
    send: () => postVnish(context, "firmware/update", { ...form, timeoutMs: UPDATE_TIMEOUT_MS }),
    message: `The miner accepted ${file.fileName} (${file.version}) and reboots to install it.`,
    before,
  })
}
