import { z } from "zod"
import { parseInput } from "../../access/parse-input.ts"
import type { Context } from "../../context.ts"
import { findTemplate, type Template } from "./find-template.ts"

export const readTemplateInput = z.object({ templateId: z.uuid() })

/** One template. Throws NOT_FOUND for any outside the sites where the actor may request commands. */
export async function readTemplate(
  ctx: Context,
  input: z.input<typeof readTemplateInput>,
): Promise<Template> {
  const { templateId } = parseInput(readTemplateInput, input)
  return findTemplate(ctx, templateId)
}
