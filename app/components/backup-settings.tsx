import { UNKNOWN } from "#app/lib/format.ts"
import { settingName, settingValue } from "#app/lib/setting-name.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Definitions } from "#app/ui/definitions.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { BackupDetail } from "#server/backups/read-backup.ts"

type Config = NonNullable<BackupDetail["config"]>

/** A machine's settings in words, and the vendor's document as it is. */
export function BackupSettings({ config, hasPasswords }: { config: Config; hasPasswords: boolean }) {
  const t = useT()
  const item = (path: string, value: string | number | boolean | null) => ({
    term: settingName(t, path) ?? path,
    value: value === null ? UNKNOWN : settingValue(t, path, String(value)),
  })
  return (
    <>
      <Panel title={t("backups.settings.title")}>
        <Definitions
          items={[
            item("power_mode", config.power_mode),
            item("frequency_mhz", config.frequency_mhz),
            ...(config.frequency_level_pct === null
              ? []
              : [item("frequency_level_pct", config.frequency_level_pct)]),
            item("voltage_v", config.voltage_v),
            item("fan.mode", config.fan?.mode ?? null),
            ...(config.fan?.speed_pct == null ? [] : [item("fan.speed_pct", config.fan.speed_pct)]),
          ]}
        />
      </Panel>
      <Panel title={t("backups.settings.pools")} flush>
        <Pools pools={config.pools} hasPasswords={hasPasswords} />
      </Panel>
      <Panel title={t("backups.settings.network")}>
        {config.network ? (
          <Definitions
            items={[
              item("network.dhcp", config.network.dhcp),
              item("network.hostname", config.network.hostname),
              item("network.ip_address", config.network.ip_address),
              item("network.netmask", config.network.netmask),
              item("network.gateway", config.network.gateway),
              ...config.network.dns.map((server, index) => item(`network.dns.${index}`, server)),
            ]}
          />
        ) : (
          <p className="text-muted">{t("backups.settings.noNetwork")}</p>
        )}
      </Panel>
      <Panel title={t("backups.settings.raw")} aside={t("backups.settings.rawHint")} flush>
        <Raw raw={config.raw} />
      </Panel>
    </>
  )
}

function Pools({ pools, hasPasswords }: { pools: Config["pools"]; hasPasswords: boolean }) {
  const t = useT()
  const used = pools.map((pool, slot) => ({ ...pool, slot })).filter((pool) => pool.url || pool.user)
  if (used.length === 0) return <p className="p-3 text-muted">{t("backups.settings.noPools")}</p>
  return (
    <Table label={t("backups.settings.pools")}>
      <thead>
        <tr>
          <Th numeric>{t("backups.settings.pool")}</Th>
          <Th>{t("backups.settings.poolAddress")}</Th>
          <Th>{t("backups.settings.worker")}</Th>
          <Th>{t("backups.settings.password")}</Th>
        </tr>
      </thead>
      <tbody>
        {used.map((pool) => (
          <Tr key={pool.slot}>
            <Td numeric>{pool.slot + 1}</Td>
            <Td className="font-mono text-xs">{pool.url || UNKNOWN}</Td>
            <Td className="font-mono text-xs">{pool.user || UNKNOWN}</Td>
            <Td className="text-muted">
              {hasPasswords ? t("backups.settings.sealed") : t("backups.settings.noPassword")}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Raw({ raw }: Pick<Config, "raw">) {
  const t = useT()
  return (
    <section
      aria-label={t("backups.settings.raw")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto"
    >
      <pre className="p-3 font-mono text-xs">{JSON.stringify(raw, null, 2)}</pre>
    </section>
  )
}
