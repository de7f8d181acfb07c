import { stat } from "node:fs/promises"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo, notDone } from "../outcomes.ts"
import { needsLogin } from "../transport/digest-web.ts"
import { fileForm } from "../transport/file-form.ts"
import { acceptedWrite, type SentWrite } from "../verified-write.ts"
import { presentLogin } from "./login.ts"
import { postWith } from "./web.ts"

/** The machine checks and writes the whole file before it answers. */
const UPDATE_TIMEOUT_MS = 10 * 60_000
const PART = "update.zip"

export const sameVersion = (one: string | null, other: string): boolean =>
  one?.replace(/^v/i, "") === other.replace(/^v/i, "")

/** Uploads an image with its sha-256, once, from disk; the settings are kept. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (sameVersion(identity.firmwareVersion, file.version))
    return alreadySo("summary", `It runs ${file.version} already.`, before)
  const size = await stat(file.path).then(
    (stats) => stats.size,
    () => null,
  )
  if (size !== file.sizeBytes)
    return notDone("refused", `The firmware file has ${size ?? 0} bytes instead of ${file.sizeBytes}.`)
  const login = await presentLogin(context)
  if (!login.ok) return { ok: false, fault: login.fault, sent: false }
  const fields = { password: login.value.password, checksum: file.sha256, keepsettings: "true" }
  const form = fileForm(file, { part: PART, fileName: PART, fields })
  return acceptedWrite({
    ran: "systemupdate",
    send: async (): Promise<SentWrite> => {
      const end = await postWith(context, "systemupdate", {
        ...form,
        timeoutMs: UPDATE_TIMEOUT_MS,
      })
      return end.kind === "wrong-password"
        ? { kind: "unsent", fault: needsLogin(context.address.host).fault }
        : end
    },
    message: `The miner accepted ${file.fileName} (${file.version}) and reboots to install it.`,
    before,
  })
}
