import type { MiddlewareHandler } from "hono"
import { bodyLimit } from "hono/body-limit"
import { FIRMWARE_MAX_BYTES } from "../contract/budgets.ts"
import { DomainError } from "../contract/errors.ts"
import type { HttpEnv } from "./environment.ts"

/** A form with some ten thousand machine ids fits. */
const FORM_MAX_BYTES = 1_048_576
/** The page that takes a firmware file: its action reads the body as it comes, and counts. */
const UPLOAD_PATHS: ReadonlySet<string> = new Set(["/settings/firmware/new", "/settings/firmware/new.data"])

/**
 * No form is larger than 1 MiB; the one that carries a firmware file may be as large as such a file. A body of unknown
 * length is read whole before a page sees it, except that one, which never stands in memory.
 */
export function bodyLimits(): MiddlewareHandler<HttpEnv> {
  const form = bodyLimit({
    maxSize: FORM_MAX_BYTES,
    onError: () => {
      throw new DomainError("PAYLOAD_TOO_LARGE", "The form is larger than 1 MiB.")
    },
  })
  return async (c, next) => {
    if (!UPLOAD_PATHS.has(c.req.path)) return form(c, next)
    if (Number(c.req.header("content-length") ?? 0) > FIRMWARE_MAX_BYTES + FORM_MAX_BYTES)
      throw new DomainError("PAYLOAD_TOO_LARGE", "The file is larger than 512 MiB.")
    await next()
  }
}
