import { Link } from "@remix-run/react"
import { UNKNOWN } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { readMiner } from "#server/fleet/read-miner.ts"
import { CommandName, CommandResultStatus, CommandStatus } from "./command-status.tsx"

type Commands = Awaited<ReturnType<typeof readMiner>>["recentCommands"]

/** The last commands of a machine, each with its own outcome here. */
export function MinerCommands({ commands, zone }: { commands: Commands; zone: string }) {
  const t = useT()
  if (commands.length === 0) return <p className="p-3 text-muted">{t("miner.noCommands")}</p>
  return (
    <Table label={t("miner.commands")}>
      <thead>
        <tr>
          <Th>{t("miner.command")}</Th>
          <Th>{t("miner.state")}</Th>
          <Th>{t("miner.result")}</Th>
          <Th>{t("miner.requestedBy")}</Th>
          <Th>{t("miner.requestedAt")}</Th>
        </tr>
      </thead>
      <tbody>
        {commands.map((command) => (
          <Tr key={command.commandId}>
            <Td>
              <Link to={`/commands/${command.commandId}`} className="link">
                <CommandName type={command.type} parameters={command.parameters} />
              </Link>
            </Td>
            <Td>
              <CommandStatus status={command.status} />
            </Td>
            <Td className="max-w-72">
              <CommandResultStatus status={command.resultStatus} code={command.resultCode} />
              {command.recoveredAt ? (
                <span className="block text-xs text-muted">
                  {t("miner.rebooted")} <Ago at={command.recoveredAt} zone={zone} />
                </span>
              ) : command.resultMessage ? (
                <span className="block truncate text-xs text-muted" title={command.resultMessage}>
                  {command.resultMessage}
                </span>
              ) : null}
            </Td>
            <Td>{command.requestedBy?.name ?? UNKNOWN}</Td>
            <Td className="text-xs text-muted">
              <Ago at={command.requestedAt} zone={zone} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
