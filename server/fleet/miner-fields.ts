import { z } from "zod"
import { DomainError } from "#server/contract/errors.ts"

/** What people write about a machine (`decisions.md` 8). Empty text clears a field. */
export const MINER_STATES = ["active", "spare", "retired"] as const
export const TAGS_MAX = 20
const TAG_MAX_LENGTH = 40

const line = (max: number) =>
  z
    .string()
    .max(4 * max)
    .transform((text) => text.trim().replace(/\s+/g, " "))
    .refine((text) => text.length <= max, `at most ${max} characters`)
    .refine((text) => !/\p{Cc}/u.test(text), "holds control characters")
    .transform((text) => (text === "" ? null : text))
    .nullable()

export const labelSchema = line(80)
export const placeSchema = line(80)
export const notesSchema = z
  .string()
  .max(4_000)
  .transform((text) => text.trim() || null)
  .nullable()
export const stateSchema = z.enum(MINER_STATES)

/** Tags are told apart in lower case, blanks inside joined by one space. */
export function normaliseTag(tag: string): string {
  return tag.trim().replace(/\s+/g, " ").toLowerCase()
}

/** A set of tags: normalised, empty ones dropped, each once, in alphabetical order. */
export const tagsSchema = z
  .array(z.string().max(200))
  .max(100)
  .transform((tags) => [...new Set(tags.map(normaliseTag).filter(Boolean))].sort())
  .refine(
    (tags) => tags.every((tag) => tag.length <= TAG_MAX_LENGTH),
    `at most ${TAG_MAX_LENGTH} characters a tag`,
  )
  .refine((tags) => tags.every((tag) => !/[\p{Cc},]/u.test(tag)), "a tag holds no comma or control character")

/** Throws INVALID when a machine would carry too many tags. */
export function checkTagCount(tags: { length: number }): void {
  if (tags.length <= TAGS_MAX) return
  const message = `A machine carries at most ${TAGS_MAX} tags.`
  throw new DomainError("INVALID", message, { details: [{ path: "tags", message }] })
}
