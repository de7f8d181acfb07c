import { formatCount, formatTemp } from "#app/lib/format.ts"
import type { Translate } from "#app/lib/strings/translate.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Definitions } from "#app/ui/definitions.tsx"

/** A command in one line, with the setting that matters most. */
export function commandName(t: Translate, type: string, parameters: unknown): string {
  const given = (parameters ?? {}) as Record<string, unknown>
  switch (type) {
    case "REBOOT":
      return given.mode === "hard" ? t("command.action.rebootHard") : t("command.action.rebootSoft")
    case "LED":
      return given.state === "off" ? t("command.action.ledOff") : t("command.action.ledOn")
    case "POWER_MODE":
      return given.power_limit_w === undefined
        ? t("command.action.powerMode", { mode: modeName(t, given.mode) })
        : t("command.action.powerLimit", { watts: formatCount(Number(given.power_limit_w)) })
    case "CHANGE_POOL": {
      const host = hostOf(poolsOf(parameters)[0]?.url ?? "")
      return typeof given.pool_number === "number"
        ? t("command.action.changePoolSlot", { slot: given.pool_number + 1, host })
        : t("command.action.changePool", { host })
    }
    case "SET_FREQ":
      return t("command.action.setFreq", { mhz: String(given.frequency_mhz) })
    case "THERMAL_POLICY":
      return t("command.action.fans", { mode: modeName(t, given.fan_mode) })
    case "BACKUP_CONFIG":
      return t("command.action.backup", { name: String(given.name) })
    default:
      return t(`command.type.${type as "REBOOT"}`)
  }
}

export function useCommandName(): (type: string, parameters: unknown) => string {
  const t = useT()
  return (type, parameters) => commandName(t, type, parameters)
}

export function CommandName({ type, parameters }: { type: string; parameters: unknown }) {
  return <>{useCommandName()(type, parameters)}</>
}

/** Every setting of a command by name, as a person reads it. Nothing for a command without settings. */
export function CommandSettings({
  type,
  parameters,
  names,
}: {
  type: string
  parameters: unknown
  /** Names of what ids stand for: the backup, the firmware. */
  names?: Record<string, string>
}) {
  const t = useT()
  const items = settingsOf(t, type, parameters, names)
  return items.length > 0 ? <Definitions items={items} /> : null
}

export function settingsOf(
  t: Translate,
  type: string,
  parameters: unknown,
  names: Record<string, string> = {},
): { term: string; value: string }[] {
  const given = (parameters ?? {}) as Record<string, unknown>
  if (type === "CHANGE_POOL") {
    const slot = typeof given.pool_number === "number" ? given.pool_number + 1 : null
    return [
      ...poolsOf(parameters).flatMap((pool, index) => {
        const number = slot ?? index + 1
        return [
          { term: t("command.setting.pool", { number }), value: pool.url },
          { term: t("command.setting.worker", { number }), value: pool.worker_name },
        ]
      }),
      {
        term: t("command.setting.slots"),
        value:
          slot === null ? t("command.setting.slotsAll") : t("command.setting.slotsOne", { number: slot }),
      },
    ]
  }
  return Object.entries(given).map(([name, value]) => ({
    term: t(`command.setting.${name as "mode"}`),
    value: settingText(t, name, value, names),
  }))
}

function settingText(t: Translate, name: string, value: unknown, names: Record<string, string>): string {
  switch (name) {
    case "mode":
    case "state":
    case "fan_mode":
      return modeName(t, value)
    case "power_limit_w":
      return t("command.setting.watts", { value: formatCount(Number(value)) })
    case "frequency_mhz":
      return t("command.setting.mhz", { value: String(value) })
    case "fan_speed_pct":
      return t("command.setting.percent", { value: String(value) })
    case "temp_warning_c":
    case "temp_critical_c":
      return formatTemp(Number(value))
    default:
      return names[String(value)] ?? String(value)
  }
}

function modeName(t: Translate, mode: unknown): string {
  return t(`command.mode.${String(mode) as "normal"}`)
}

type Pool = { url: string; worker_name: string }
function poolsOf(parameters: unknown): Pool[] {
  const pools = (parameters as { pools?: Pool[] } | null)?.pools
  return Array.isArray(pools) ? pools : []
}

/** `pool.example.com:3333` of a pool's address. */
function hostOf(url: string): string {
  return url.replace(/^[a-z0-9+]+:\/\//i, "").replace(/\/.*$/, "")
}
