import { type StoredAction, storedActionSchema } from "#server/contract/command-parameters.ts"
import { COMMAND_TYPES, type CommandType } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { newMinerPasswordSchema } from "#server/contract/miner-credentials.ts"
import { choiceOf, typeOf } from "./actions.ts"
import {
  actionOfFields,
  type CommandField,
  type FieldValues,
  fieldOfPath,
  fieldsIn,
  poolRows,
} from "./command-fields.ts"
import type { FormFields } from "./form-fields.ts"
import { ownPath } from "./own-path.ts"
import { translator } from "./strings/translate.ts"

/**
 * A request for a command as its address says it; the page's forms send the same names. Nothing secret is among them:
 * passwords travel in the body of the confirming form alone.
 */
export type Asked = {
  type: CommandType | null
  fields: FieldValues
  targets: AskedTargets
  /** How it is to run; absent: as the site says. */
  run: RunSettings
  templateId: string | null
  retryOf: string | null
  /** The form was sent, so what is missing is told. */
  sent: boolean
  /** Back at the form although everything is there. */
  editing: boolean
  /** Our own page that the person came from. */
  back: string | null
}
export type AskedTargets =
  | { kind: "ids"; minerIds: number[] }
  | { kind: "filter"; filter: string }
  | { kind: "retry"; commandId: string }
  | { kind: "none" }

const RUN_NUMBERS = [
  "waveSize",
  "wavePauseS",
  "waveFailPercent",
  "waveHashPercent",
  "priority",
  "ttlMinutes",
] as const
export type RunSettings = Partial<Record<(typeof RUN_NUMBERS)[number], number>> & { backupFirst?: true }

/** More belong into a filter: an address has its limits. */
export const IDS_MAX = 500

export function askedOf(search: URLSearchParams): Asked {
  const choice = choiceOf(search.get("action"))
  const type = COMMAND_TYPES.find((one) => one === search.get("type")) ?? (choice ? typeOf(choice) : null)
  const given = new URLSearchParams(search)
  const mode = choice?.split(":")[1]
  if (type && mode && !search.has("type")) given.set(type === "LED" ? "state" : "mode", mode)
  return {
    type,
    fields: type ? fieldsIn(type, given) : {},
    targets: targetsOf(search),
    run: runSettingsOf(search),
    templateId: uuidOrNull(search.get("template_id")),
    retryOf: uuidOrNull(search.get("retry")),
    sent: search.has("sent"),
    editing: search.has("edit"),
    back: ownPath(search.get("back"), "") || null,
  }
}

function targetsOf(search: URLSearchParams): AskedTargets {
  const picked = pickedFilter(search)
  if (picked !== null) return { kind: "filter", filter: picked }
  const minerIds = [
    ...new Set(
      search
        .getAll("ids")
        .flatMap((ids) => ids.split(","))
        .map(Number)
        .filter((id) => Number.isInteger(id) && id > 0),
    ),
  ]
  if (minerIds.length > IDS_MAX) throw new DomainError("INVALID", translator("en")("request.targets.tooMany"))
  if (minerIds.length > 0) return { kind: "ids", minerIds }
  const filter = search.get("filter")
  if (filter !== null) return { kind: "filter", filter }
  const commandId = uuidOrNull(search.get("retry"))
  return commandId ? { kind: "retry", commandId } : { kind: "none" }
}

const PICK = "pick."
/** The fields of the page's own choice of machines, as one filter; null: that form was not sent. */
function pickedFilter(search: URLSearchParams): string | null {
  const names = [...search.keys()].filter((name) => name.startsWith(PICK))
  if (names.length === 0) return null
  const filter = new URLSearchParams()
  for (const name of names) {
    const value = search.get(name)?.trim()
    if (value) filter.set(name.slice(PICK.length), value)
  }
  return filter.toString()
}

function runSettingsOf(search: URLSearchParams): RunSettings {
  const numbers = RUN_NUMBERS.flatMap((name) => {
    const text = search.get(name)?.trim()
    const value = Number(text?.replace(",", "."))
    return text && Number.isFinite(value) ? [[name, value] as const] : []
  })
  return { ...Object.fromEntries(numbers), ...(search.get("backupFirst") ? { backupFirst: true } : {}) }
}

/** What the address of a request holds, in its canonical form: for links back to the form and forms that go on. */
export function searchOf(asked: Asked, how: { editing?: boolean } = {}): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of targetEntries(asked.targets)) search.set(name, value)
  if (asked.retryOf) search.set("retry", asked.retryOf)
  if (asked.templateId) search.set("template_id", asked.templateId)
  if (asked.back) search.set("back", asked.back)
  if (asked.type) search.set("type", asked.type)
  for (const [name, value] of Object.entries(asked.fields)) if (value) search.set(name, value)
  for (const [name, value] of Object.entries(asked.run))
    search.set(name, value === true ? "on" : String(value))
  if (asked.type) search.set("sent", "1")
  if (how.editing) search.set("edit", "1")
  return search
}

export function targetEntries(targets: AskedTargets): [string, string][] {
  if (targets.kind === "ids") return [["ids", targets.minerIds.join(",")]]
  if (targets.kind === "filter") return [["filter", targets.filter]]
  return targets.kind === "retry" ? [["retry", targets.commandId]] : []
}

export type Checked =
  | { action: StoredAction; wrong: null }
  | { action: null; wrong: Partial<Record<CommandField | "", string>> }

/** The action that the fields make, or what is wrong by field. */
export function checkFields(type: CommandType, fields: FieldValues): Checked {
  const parsed = storedActionSchema.safeParse(actionOfFields(type, fields))
  if (parsed.success) return { action: parsed.data, wrong: null }
  const t = translator("en")
  const wrong: Partial<Record<CommandField | "", string>> = {}
  for (const issue of parsed.error.issues) {
    const field = fieldOfPath(type, fields, issue.path)
    const own = /^(url|worker)\d$/.test(field) || field === "" ? null : (field as "mode")
    wrong[field] ??= own ? t(`request.wrong.${own}`) : sentence(issue.message)
  }
  return { action: null, wrong }
}

/** The action with the passwords of a confirming form; without any typed, none: the verb takes the usual or kept ones. */
export function withPasswords(action: StoredAction, fields: FieldValues, form: FormFields) {
  if (action.type === "SET_LOGIN")
    return { ...action, parameters: { ...action.parameters, password: newPassword(form) } }
  if (action.type !== "CHANGE_POOL") return action
  const typed = poolRows(fields).map((row) => form.secret(`password${row}`))
  if (typed.every((password) => password === "")) return action
  const pools = action.parameters.pools.map((pool, index) => ({ ...pool, password: typed[index] || "x" }))
  return { ...action, parameters: { ...action.parameters, pools } }
}

/** Typed twice: nobody sees it again. Throws INVALID at the field that is wrong. */
function newPassword(form: FormFields): string {
  const t = translator("en")
  const password = form.secret("password1")
  const wrong = (path: string, message: string) =>
    new DomainError("INVALID", message, { details: [{ path, message }] })
  const parsed = newMinerPasswordSchema.safeParse(password)
  if (!parsed.success)
    throw wrong("password1", parsed.error.issues[0]?.message ?? t("request.wrong.fixMarked"))
  if (form.secret("password2") !== password) throw wrong("password2", t("request.wrong.passwordsDiffer"))
  return password
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`
}

function uuidOrNull(text: string | null): string | null {
  return text && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : null
}
