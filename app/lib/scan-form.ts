import { textsOfFile, textsOfList } from "#server/contract/address-ranges.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { FormFields } from "./form-fields.ts"
import { translator } from "./strings/translate.ts"

/** How a scan is repeated, as the form says it. */
export const REPEATS = ["once", "hours", "daily"] as const
export type Repeat = (typeof REPEATS)[number]

export function repeatOf(text: string | undefined): Repeat {
  return REPEATS.find((one) => one === text) ?? "once"
}

/** What a form says of a scan: the addresses of the field and of the file together. */
export async function scanOf(form: FormFields) {
  const file = form.form.get("file")
  const fromFile = file instanceof Blob && file.size > 0 ? textsOfFile(await file.text()) : []
  return {
    deviceId: form.number("deviceId"),
    targets: [...textsOfList(form.text("targets")), ...fromFile],
    includeEdges: form.flag("includeEdges"),
    autoAccept: form.flag("autoAccept"),
    options: {
      ports: textsOfList(form.text("ports")).map(portOf),
      gpu: form.flag("gpu"),
      concurrency: form.numberOrNull("concurrency"),
    },
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  const message = translator("en")("discovery.form.badPort")
  throw new DomainError("INVALID", message, { details: [{ path: "ports", message }] })
}
