import { formatHashrate, formatTemp, UNKNOWN } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import type { IconName } from "#app/ui/icon.tsx"
import { Table, Td, Th, Tr } from "#app/ui/table.tsx"
import type { BoardSample, MinerError, PoolSample } from "#server/contract/telemetry.ts"

export type BoardHealthWord = "healthy" | "warning" | "critical" | "offline"
const HEALTH: Record<BoardHealthWord, { tone: Tone; icon: IconName }> = {
  healthy: { tone: "ok", icon: "check" },
  warning: { tone: "warn", icon: "warning" },
  critical: { tone: "bad", icon: "bad" },
  offline: { tone: "bad", icon: "bad" },
}

/** Board by board, in slot order, with the health of its chips. */
export function BoardTable({ boards }: { boards: (BoardSample & { health: BoardHealthWord | null })[] }) {
  const t = useT()
  return (
    <Table label={t("miner.boards")}>
      <thead>
        <tr>
          <Th>{t("miner.board")}</Th>
          <Th>{t("miner.health")}</Th>
          <Th numeric>{t("miner.chips")}</Th>
          <Th numeric>{t("miner.boardHashrate")}</Th>
          <Th numeric>{t("miner.boardTemp")}</Th>
          <Th numeric>{t("miner.boardChipTemp")}</Th>
          <Th numeric className="hidden md:table-cell">
            {t("miner.frequency")}
          </Th>
          <Th numeric className="hidden md:table-cell">
            {t("miner.voltage")}
          </Th>
          <Th className="hidden lg:table-cell">{t("miner.serial")}</Th>
        </tr>
      </thead>
      <tbody>
        {boards.map((board) => (
          <Tr key={board.id}>
            <Td>{board.id}</Td>
            <Td>
              {board.health ? (
                <Badge {...HEALTH[board.health]}>{t(`miners.health.${board.health}`)}</Badge>
              ) : (
                UNKNOWN
              )}
            </Td>
            <Td numeric>
              {board.chips_ok == null
                ? UNKNOWN
                : t("miner.chipsOf", { ok: board.chips_ok, total: board.chips_total ?? UNKNOWN })}
            </Td>
            <Td numeric>{formatHashrate(board.hashrate)}</Td>
            <Td numeric>{formatTemp(board.temp)}</Td>
            <Td numeric>{formatTemp(board.temp_chip_max)}</Td>
            <Td numeric className="hidden md:table-cell">
              {board.frequency == null ? UNKNOWN : t("miner.mhz", { mhz: board.frequency.toFixed(0) })}
            </Td>
            <Td numeric className="hidden md:table-cell">
              {board.voltage == null ? UNKNOWN : t("miner.volts", { volts: board.voltage.toFixed(2) })}
            </Td>
            <Td className="hidden font-mono text-xs lg:table-cell">{board.serial ?? UNKNOWN}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

export function PoolTable({ pools }: { pools: PoolSample[] }) {
  const t = useT()
  const numbered = pools.map((pool, index) => ({ ...pool, number: index + 1 }))
  return (
    <Table label={t("miner.pools")}>
      <thead>
        <tr>
          <Th>{t("miner.pool")}</Th>
          <Th>{t("miner.worker")}</Th>
          <Th>{t("miner.poolStatus")}</Th>
        </tr>
      </thead>
      <tbody>
        {numbered.map((pool) => (
          <Tr key={pool.number}>
            <Td className="break-all font-mono text-xs">{pool.url}</Td>
            <Td className="break-all font-mono text-xs">{pool.user ?? UNKNOWN}</Td>
            <Td>
              {pool.active ? (
                <Badge tone="ok" icon="check">
                  {t("miner.poolActive")}
                </Badge>
              ) : (
                <span className="text-muted">{pool.status ?? UNKNOWN}</span>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The machine's own errors with what they mean, as its driver knows them. */
export function ErrorTable({ errors }: { errors: MinerError[] }) {
  const t = useT()
  return (
    <Table label={t("miner.errors")}>
      <thead>
        <tr>
          <Th>{t("miner.code")}</Th>
          <Th>{t("miner.meaning")}</Th>
        </tr>
      </thead>
      <tbody>
        {errors.map((error) => (
          <Tr key={`${error.code} ${error.message}`}>
            <Td className="font-mono text-xs">{error.code}</Td>
            <Td>{error.message}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
