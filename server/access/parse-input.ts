import type { z } from "zod"
import { DomainError, detailsOf } from "#server/contract/errors.ts"

/** The parsed input of a verb. Throws INVALID with one detail for each thing that is wrong. */
export function parseInput<S extends z.ZodType>(schema: S, input: z.input<S>): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const details = detailsOf(result.error)
  throw new DomainError("INVALID", details[0]?.message ?? "The input is not valid.", { details })
}
