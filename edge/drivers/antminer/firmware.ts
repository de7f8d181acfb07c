import { stat } from "node:fs/promises"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { alreadySo, done, lost, notDone } from "../outcomes.ts"
import { text } from "../transport/coerce.ts"
import { webObject } from "../transport/digest-web.ts"
import { fileForm } from "../transport/file-form.ts"
import { fitsMachine, readBmu } from "./bmu.ts"
import { refusal } from "./refusal.ts"
import { getWeb, sendWeb } from "./web.ts"

const UPGRADE_PAGE = "upgrade.cgi"
/** The board checks and writes the whole file before it answers; until then the upload may stand still this long. */
const UPGRADE_TIMEOUT_MS = 10 * 60_000

/** Uploads a file, once, from disk. The board takes it (U000), and reboots by itself; minutes later it tells its version. */
export async function updateFirmware(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<ActOutcome> {
  const before = { firmware_version: identity.firmwareVersion }
  if (identity.firmwareVersion === file.version)
    return alreadySo("get_system_info.cgi", `It runs ${file.version} already.`, before)
  const fits = await checkFile(context, identity, file)
  if (!fits.ok) return { ok: false, fault: fits.fault, sent: false }
  // Proves the login and fetches the nonce, so that the file is not sent twice.
  const info = await getWeb(context, "get_system_info")
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }

  const answer = await sendWeb(context, {
    method: "POST",
    path: `/cgi-bin/${UPGRADE_PAGE}`,
    ...fileForm(file, { part: "firmware" }),
    timeoutMs: UPGRADE_TIMEOUT_MS,
    fresh: true,
  })
  if (!answer.ok) return lost(answer)
  if (answer.status === 404) return notDone("unsupported", "This miner's web interface has no upgrade.cgi.")
  const refused = answer.status >= 300 ? `HTTP ${answer.status}` : refusal(answer.text)
  if (refused !== null) return notDone("refused", `The miner refused the firmware: ${refused}.`)
  const reply = webObject(answer, UPGRADE_PAGE)
  if (!reply.ok || reply.value.code !== "U000")
    return {
      ok: false,
      sent: true,
      fault: { kind: "timeout", message: "The miner took the file and did not say what it does with it." },
    }
  return done({
    ran: UPGRADE_PAGE,
    message: `The miner accepted ${file.fileName} (${file.version}) and reboots to install it.`,
    verified: false,
    before,
    after: null,
  })
}

/** Everything about the file that can be known before it is sent. */
async function checkFile(
  context: DriverContext,
  identity: Identity,
  file: FirmwareFile,
): Promise<Outcome<true>> {
  try {
    const { size } = await stat(file.path)
    if (size !== file.sizeBytes)
      return fault("refused", `The firmware file has ${size} bytes instead of ${file.sizeBytes}.`)
    const items = await readBmu(file.path)
    if (!items.ok) return items
    if (items.value === null)
      return /\.bmu$/i.test(file.fileName)
        ? fault("refused", `${file.fileName} is no firmware bundle: its beginning is another.`)
        : ok(true)
    const names = await machineNames(context, identity)
    if (items.value.some((item) => fitsMachine(item, names))) return ok(true)
    const models = [...new Set(items.value.map((item) => item.model))].slice(0, 5).join(", ")
    return fault(
      "refused",
      `The firmware bundle is for ${models}; this machine is ${names.join(" / ") || "of an unknown model"}.`,
    )
  } catch (error) {
    return fault("refused", `The firmware file cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** Names that a bundle may mean: what `miner_type.cgi` says (many images have none), and the model. */
async function machineNames(context: DriverContext, identity: Identity): Promise<string[]> {
  const type = await getWeb(context, "miner_type")
  const told = type.ok ? [text(type.value.subtype, 128), text(type.value.miner_type, 128)] : []
  const parts = told.flatMap((name) => name?.split("_") ?? [])
  return [...new Set([...told, ...parts, identity.model])].filter((name): name is string => Boolean(name))
}
