import { z } from "zod"

/** A line that a person typed; NUL, which PostgreSQL cannot store, is left out. */
export function personText(maxLength: number) {
  return z
    .string()
    .overwrite((text) => text.replaceAll("\0", "").trim())
    .max(maxLength)
}
