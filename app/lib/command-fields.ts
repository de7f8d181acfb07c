import type { CommandType } from "#server/contract/commands.ts"

/**
 * Settings of a command as the fields of a form and of an address, and back. Passwords are no part of it: an address
 * never holds one.
 */
export const COMMAND_FIELDS = {
  REBOOT: ["mode"],
  ENABLE: [],
  DISABLE: [],
  POWER_MODE: ["mode", "power_limit_w"],
  CHANGE_POOL: ["slot", "url1", "worker1", "url2", "worker2", "url3", "worker3"],
  SET_FREQ: ["frequency_mhz", "profile"],
  THERMAL_POLICY: ["fan_mode", "fan_speed_pct", "temp_warning_c", "temp_critical_c"],
  LED: ["state"],
  BACKUP_CONFIG: ["name", "description"],
  RESTORE_CONFIG: ["backup_id"],
  UPDATE_FIRMWARE: ["artifact_id"],
  SET_LOGIN: ["username"],
} as const satisfies Record<CommandType, readonly string[]>
export type CommandField = (typeof COMMAND_FIELDS)[CommandType][number]
export type FieldValues = Partial<Record<CommandField, string>>

const NUMBERS: ReadonlySet<string> = new Set([
  "power_limit_w",
  "frequency_mhz",
  "fan_speed_pct",
  "temp_warning_c",
  "temp_critical_c",
])
export const POOL_ROWS = [1, 2, 3] as const

/** What is filled in, of the fields of a type. */
export function fieldsIn(type: CommandType, search: URLSearchParams): FieldValues {
  return Object.fromEntries(
    COMMAND_FIELDS[type].flatMap((name) => {
      const value = search.get(name)?.trim()
      return value ? [[name, value]] : []
    }),
  )
}

/** The fields as `commandActionSchema` takes them, not yet validated. */
export function actionOfFields(
  type: CommandType,
  fields: FieldValues,
): { type: CommandType; parameters: unknown } {
  if (type === "CHANGE_POOL") return { type, parameters: poolsOf(fields) }
  const given = Object.fromEntries(
    COMMAND_FIELDS[type].flatMap((name) => {
      const value = (fields as Record<string, string | undefined>)[name]
      return value === undefined ? [] : [[name, NUMBERS.has(name) ? numberOf(value) : value]]
    }),
  )
  if (type === "POWER_MODE") {
    const { power_limit_w, mode } = given
    return { type, parameters: mode === "limit" ? { power_limit_w } : { mode } }
  }
  if (type === "THERMAL_POLICY" && given.fan_mode !== "manual") delete given.fan_speed_pct
  return { type, parameters: given }
}

/** The rows of the form that hold a pool, in their order; with a slot the first row alone counts. */
export function poolRows(fields: FieldValues): (typeof POOL_ROWS)[number][] {
  if (fields.slot !== undefined) return [1]
  const filled = POOL_ROWS.filter((row) => fields[`url${row}`] || fields[`worker${row}`])
  return filled.length > 0 ? filled : [1]
}

function poolsOf(fields: FieldValues) {
  const pools = poolRows(fields).map((row) => ({
    url: fields[`url${row}`] ?? "",
    worker_name: fields[`worker${row}`] ?? "",
  }))
  return fields.slot === undefined ? { pools } : { pools, pool_number: Number(fields.slot) }
}

/** A stored action as fields: of a template, of a command to repeat. */
export function fieldsOfAction(type: CommandType, parameters: unknown): FieldValues {
  const given = (parameters ?? {}) as Record<string, unknown>
  if (type === "CHANGE_POOL") {
    const fields: FieldValues = {}
    if (typeof given.pool_number === "number") fields.slot = String(given.pool_number)
    const pools = Array.isArray(given.pools) ? (given.pools as { url: string; worker_name: string }[]) : []
    for (const row of POOL_ROWS) {
      const pool = pools[row - 1]
      if (!pool) continue
      fields[`url${row}`] = pool.url
      fields[`worker${row}`] = pool.worker_name
    }
    return fields
  }
  const fields = Object.fromEntries(
    COMMAND_FIELDS[type].flatMap((name) => (given[name] === undefined ? [] : [[name, String(given[name])]])),
  )
  return type === "POWER_MODE" && given.power_limit_w !== undefined ? { ...fields, mode: "limit" } : fields
}

/** The field that a path of the action's schema belongs to; "" for the form as a whole. */
export function fieldOfPath(
  type: CommandType,
  fields: FieldValues,
  path: readonly PropertyKey[],
): CommandField | "" {
  const inside = path[0] === "parameters" ? path.slice(1) : path
  if (type === "CHANGE_POOL") {
    if (inside[0] === "pool_number") return "slot"
    const row = poolRows(fields)[Number(inside[1])]
    if (inside[0] !== "pools" || row === undefined) return ""
    return inside[2] === "worker_name" ? `worker${row}` : `url${row}`
  }
  if (type === "POWER_MODE") return fields.mode === "limit" ? "power_limit_w" : "mode"
  return (COMMAND_FIELDS[type] as readonly CommandField[]).find((name) => name === inside[0]) ?? ""
}

/** A comma is a point; what is no number stays a text, which the schema refuses. */
function numberOf(text: string): number | string {
  const value = Number(text.replace(",", "."))
  return Number.isFinite(value) ? value : text
}
