import { wordsOf } from "./differences.ts"
import { formatDuration } from "./format.ts"
import { settingName, settingValue } from "./setting-name.ts"
import type { Translate } from "./strings/translate.ts"

/** A setting of a machine before and after a command; null: that side does not tell. */
export type MachineChange = { name: string; before: string | null; after: string | null }

type State = Record<string, unknown> | null

/** What a machine told of itself before and after a command, in words: what differs, or the one side that there is. */
export function machineChanges(t: Translate, before: State, after: State): MachineChange[] {
  const was = flat(before)
  const is = flat(after)
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path) => {
    const one = was.get(path) ?? null
    const other = is.get(path) ?? null
    if (one === other) return []
    return [{ name: nameOf(t, path), before: inWords(t, path, one), after: inWords(t, path, other) }]
  })
}

/** `{pools: [{url}]}` as `pools.0.url`; lists of plain values as one; what is empty is left out. */
function flat(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined || value === "") return into
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    if (value.length > 0) into.set(path, value.join(", "))
  } else if (isPool(value)) {
    into.set(path, [value.url, value.user].filter(Boolean).join(", "))
  } else if (typeof value === "object") {
    for (const [name, part] of Object.entries(value)) flat(part, path ? `${path}.${name}` : name, into)
  } else into.set(path, String(value))
  return into
}

/** Told as one: an address without its worker says nothing. */
function isPool(value: unknown): value is { url: string; user?: string } {
  return typeof value === "object" && value !== null && typeof (value as { url?: unknown }).url === "string"
}

function nameOf(t: Translate, path: string): string {
  switch (path) {
    case "blink":
      return t("commands.machine.blink")
    case "uptime_seconds":
      return t("commands.machine.uptime")
    case "new_password":
      return t("commands.machine.password")
    case "changed_settings":
      return t("commands.machine.changedSettings")
    default: {
      const slot = /^pools\.(\d+)$/.exec(path)?.[1]
      if (slot !== undefined) return t("command.setting.pool", { number: Number(slot) + 1 })
      return settingName(t, path) ?? wordsOf(path).replaceAll(".", " ")
    }
  }
}

function inWords(t: Translate, path: string, value: string | null): string | null {
  if (value === null) return null
  if (path === "blink") return value === "true" ? t("commands.machine.on") : t("commands.machine.off")
  if (path === "new_password") return t("commands.machine.newOne")
  if (path === "uptime_seconds") return formatDuration(Number(value) * 1000)
  return settingValue(t, path, value)
}
