import { type ActionFunctionArgs, unstable_parseMultipartFormData } from "@remix-run/node"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { FormFields } from "./form-fields.ts"
import type { Reading } from "./page.ts"
import { type FormProblem, problemBesideForm, problemPage } from "./respond.ts"
import { translator } from "./strings/translate.ts"

/** A file as it comes in: read it once, to its end. */
export type ReceivedFile = { fileName: string; stream: AsyncIterable<Uint8Array> }

const FIELD_MAX_BYTES = 16_384
const MAX_FIELDS = 100

/**
 * Runs the story of an action whose form carries one large file, without ever holding it whole. `admit` refuses before
 * anything of the body is read; `story` gets the fields that stand before the file in the form, and the file's bytes.
 * Answers as `acts` does.
 */
export async function receives<T>(
  args: ActionFunctionArgs,
  admit: (ctx: Context) => void,
  story: (receiving: Reading & { form: FormFields; file: ReceivedFile }) => Promise<T>,
): Promise<T | FormProblem> {
  const { request, context: load, params } = args
  const reading: Reading = { ctx: load.ctx, load, request, url: new URL(request.url), params }
  const form = new FormData()
  try {
    admit(reading.ctx)
    return await readForm(request, form, (file) => story({ ...reading, form: new FormFields(form), file }))
  } catch (error) {
    const beside = problemBesideForm(error, form, reading.ctx)
    if (beside) return beside as unknown as FormProblem
    throw problemPage(error, reading.ctx, request)
  }
}

async function readForm<T>(
  request: Request,
  form: FormData,
  take: (file: ReceivedFile) => Promise<T>,
): Promise<T> {
  const taken: Promise<T>[] = []
  let fields = 0
  try {
    await unstable_parseMultipartFormData(request, async ({ name, filename, data }) => {
      // What stands behind the file is not read for anything.
      if (taken.length > 0) return undefined
      fields += 1
      if (fields > MAX_FIELDS) throw invalid("shell.errors.INVALID.body")
      if (filename === undefined) form.append(name, await fieldOf(data))
      else if (filename === "") throw invalid("shell.upload.noFile")
      else {
        taken.push(take({ fileName: filename, stream: toTheEnd(data) }))
        await taken[0]
      }
      return undefined
    })
  } catch (error) {
    // What the story made of the file stands; anything else means that the body was not what a browser sends.
    if (taken[0]) return taken[0]
    throw error instanceof DomainError ? error : invalid("shell.upload.cutOff", error)
  }
  const [done] = taken
  if (!done) throw invalid("shell.upload.noFile")
  return done
}

async function fieldOf(data: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of data) {
    size += chunk.byteLength
    if (size > FIELD_MAX_BYTES)
      throw new DomainError("PAYLOAD_TOO_LARGE", text("shell.errors.PAYLOAD_TOO_LARGE.body"))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** A stream that broke off is the sender's matter, not a fault of ours. */
async function* toTheEnd(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* data
  } catch (error) {
    throw invalid("shell.upload.cutOff", error)
  }
}

type Words =
  | "shell.errors.INVALID.body"
  | "shell.errors.PAYLOAD_TOO_LARGE.body"
  | "shell.upload.noFile"
  | "shell.upload.cutOff"
const text = (key: Words) => translator("en")(key)
const invalid = (key: Words, cause?: unknown) =>
  new DomainError("INVALID", text(key), { details: [{ path: "file", message: text(key) }], cause })
