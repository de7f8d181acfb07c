import type { Translate } from "./strings/translate.ts"

const PLAIN = [
  "family",
  "model",
  "firmware_version",
  "power_mode",
  "frequency_mhz",
  "frequency_level_pct",
  "voltage_v",
] as const
const NETWORK = ["dhcp", "hostname", "ip_address", "netmask", "gateway"] as const

/** What a path of a machine's settings (`pools.0.url`) is called; null: it is the vendor's own (`raw.…`). */
export function settingName(t: Translate, path: string): string | null {
  const [first = "", second = "", third = ""] = path.split(".")
  const plain = PLAIN.find((name) => name === path)
  if (plain) return t(`backups.settings.${plain}`)
  if (first === "pools")
    return third === "url"
      ? t("backups.settings.poolUrl", { number: Number(second) + 1 })
      : t("backups.settings.poolUser", { number: Number(second) + 1 })
  if (first === "fan")
    return second === "mode" ? t("backups.settings.fanMode") : t("backups.settings.fanSpeed")
  if (first !== "network") return null
  const network = NETWORK.find((name) => name === second)
  return network
    ? t(`backups.settings.${network}`)
    : t("backups.settings.dns", { number: Number(third || 0) + 1 })
}

/** A value of that path with its unit, in words where it has any. */
export function settingValue(t: Translate, path: string, value: string): string {
  switch (path) {
    case "frequency_mhz":
      return t("backups.settings.mhz", { value })
    case "voltage_v":
      return t("backups.settings.volts", { value })
    case "frequency_level_pct":
    case "fan.speed_pct":
      return t("backups.settings.percent", { value })
    case "network.dhcp":
      return value === "true" ? t("backups.settings.yes") : t("backups.settings.no")
    case "fan.mode":
      return value === "auto" || value === "manual" || value === "immersion"
        ? t(`backups.settings.fanModes.${value}`)
        : value
    case "power_mode":
      return value === "eco" || value === "normal" || value === "high" || value === "sleep"
        ? t(`miner.powerModes.${value}`)
        : value
    default:
      return value
  }
}
