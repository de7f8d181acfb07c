import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node"
import type { Context } from "#server/context.ts"
import type { LamproomLoadContext } from "#server/http/load-context.ts"
import { FormFields } from "./form-fields.ts"
import { type FormProblem, problemBesideForm, problemPage } from "./respond.ts"

export type Reading = {
  ctx: Context
  load: LamproomLoadContext
  request: Request
  url: URL
  params: Record<string, string | undefined>
}
export type Acting = Reading & { form: FormFields }

/** Runs a loader's story with the verbs' context; what it throws becomes the error page. */
export async function reads<T>(
  args: LoaderFunctionArgs,
  story: (reading: Reading) => Promise<T>,
): Promise<T> {
  const reading = readingOf(args)
  try {
    return await story(reading)
  } catch (error) {
    throw problemPage(error, reading.ctx, args.request)
  }
}

/**
 * Runs an action's story with the parsed form. A refusal that the person can mend comes back as `FormProblem`
 * with its status; anything else takes the page.
 */
export async function acts<T>(
  args: ActionFunctionArgs,
  story: (acting: Acting) => Promise<T>,
): Promise<T | FormProblem> {
  const reading = readingOf(args)
  const form = await args.request.formData()
  try {
    return await story({ ...reading, form: new FormFields(form) })
  } catch (error) {
    const beside = problemBesideForm(error, form, reading.ctx)
    if (beside) return beside as unknown as FormProblem
    throw problemPage(error, reading.ctx, args.request)
  }
}

function readingOf(args: LoaderFunctionArgs): Reading {
  const load = args.context
  return { ctx: load.ctx, load, request: args.request, url: new URL(args.request.url), params: args.params }
}
