import { stat } from "node:fs/promises"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo, notDone } from "../outcomes.ts"
import { seconds } from "../transport/coerce.ts"
import { fileForm } from "../transport/file-form.ts"
import { objectAt } from "../transport/http-reads.ts"
import { acceptedWrite } from "../verified-write.ts"
import { identify } from "./identify.ts"
import { getProto, writeProto } from "./web.ts"

/** The rig takes the whole file before it answers. */
const UPLOAD_TIMEOUT_MS = 10 * 60_000

export async function reboot(context: DriverContext): Promise<ActOutcome> {
  const system = await getProto(context, "system")
  const uptime = system.ok ? seconds(objectAt(system.value, "system-info").uptime_seconds) : null
  return acceptedWrite({
    ran: "POST system/reboot",
    send: () => writeProto(context, "POST", "system/reboot"),
    message: "The rig accepted to reboot.",
    before: system.ok ? { uptime_seconds: uptime } : null,
    dropIsYes: true,
  })
}

/** The light stays on until it is told otherwise (`led_on_time=0`); the rig does not tell whether it is. */
export function locate(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return acceptedWrite({
    ran: `POST system/locate ${on ? "on" : "off"}`,
    send: () => writeProto(context, "POST", `system/locate?led_on_time=0&enable=${on}`),
    message: on
      ? "The rig lights its lamp; older firmware puts it out by itself."
      : "The rig puts its lamp out; older firmware does so only by itself.",
  })
}

/** Uploads a `.swu`, once, from disk; the rig installs it and reboots. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (identity.firmwareVersion === file.version)
    return alreadySo("GET system", `It runs ${file.version} already.`, before)
  try {
    const { size } = await stat(file.path)
    if (size !== file.sizeBytes)
      return notDone("refused", `The firmware file has ${size} bytes instead of ${file.sizeBytes}.`)
  } catch (error) {
    return notDone("refused", `The firmware file cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  // Proves the login, so that the file is not sent twice.
  const proof = await getProto(context, "cooling")
  if (!proof.ok) return { ok: false, fault: proof.fault, sent: false }
  return acceptedWrite({
    ran: "PUT system/update",
    send: () =>
      writeProto(context, "PUT", "system/update", undefined, {
        ...fileForm(file, { part: "file" }),
        timeoutMs: UPLOAD_TIMEOUT_MS,
      }),
    message: `The rig took ${file.fileName} (${file.version}) and installs it.`,
    before,
  })
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
  if (version === file.version) return ok(true)
  return ok(before.firmwareVersion === null ? null : version !== before.firmwareVersion)
}
