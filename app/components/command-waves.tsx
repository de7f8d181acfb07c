import { Link } from "@remix-run/react"
import { useT } from "#app/lib/strings/use-t.ts"
import { isOfInterest, WAVE_STATES, type WaveState } from "#app/lib/wave-states.ts"
import { Badge, type Tone } from "#app/ui/badge.tsx"
import { cx } from "#app/ui/class-names.ts"
import { Icon, type IconName } from "#app/ui/icon.tsx"
import { Panel } from "#app/ui/panel.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { WaveRow } from "#server/commands/read-command.ts"
import { CommandCounts } from "./command-counts.tsx"

export type ShownWave = WaveRow & { state: WaveState }

const LOOKS: Record<WaveState, { tone: Tone; icon: IconName; cell: string }> = {
  waiting: { tone: "idle", icon: "clock", cell: "border-line text-muted" },
  next: { tone: "accent", icon: "right", cell: "border-accent/40 text-accent" },
  running: { tone: "accent", icon: "live", cell: "border-accent/40 bg-accent/10 text-accent" },
  looking: { tone: "warn", icon: "search", cell: "border-warn/40 bg-warn/10 text-warn" },
  passed: { tone: "ok", icon: "check", cell: "border-ok/40 text-ok" },
  short: { tone: "warn", icon: "warning", cell: "border-warn/40 bg-warn/10 text-warn" },
  halted: { tone: "bad", icon: "bad", cell: "border-bad bg-bad/15 text-bad" },
  resumed: { tone: "warn", icon: "warning", cell: "border-warn/40 text-warn" },
  dropped: { tone: "idle", icon: "close", cell: "border-line text-muted" },
}

/** More waves than these stand in a strip, with those of interest below it in full. */
const IN_FULL = 3
const MOST = 6

/** How a command goes on, wave by wave. `to` leads to the machines of one. */
export function CommandWaves({
  waves,
  sign,
  nextWaveAt,
  zone,
  to,
}: {
  waves: ShownWave[]
  /** What its gate waits for. */
  sign: "answered" | "reachable" | "hashing"
  nextWaveAt: Date | null
  zone: string
  to: (wave: number) => string
}) {
  const t = useT()
  const done = waves.filter(({ state }) => state === "passed" || state === "resumed" || state === "short")
  const many = waves.length > IN_FULL
  const shown = many ? waves.filter(({ state }) => isOfInterest(state)).slice(-MOST) : waves
  const line = (wave: ShownWave) => (
    <Wave key={wave.wave} wave={wave} sign={sign} nextWaveAt={nextWaveAt} zone={zone} to={to(wave.wave)} />
  )
  return (
    <Panel
      title={t("commands.waves.title")}
      aside={t("commands.waves.summary", { passed: done.length, count: waves.length })}
      flush
    >
      {many ? <Strip waves={waves} to={to} /> : null}
      {shown.length > 0 ? <ol className="divide-y divide-line/70">{shown.map(line)}</ol> : null}
      {many ? (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-3 py-2 font-medium text-accent hover:underline">
            {t("commands.waves.all", { count: waves.length })}
          </summary>
          <ol className="divide-y divide-line/70 border-t border-line/70">{waves.map(line)}</ol>
        </details>
      ) : null}
    </Panel>
  )
}

/** All waves as small boxes: number and sign each, and how many stand how in words. */
function Strip({ waves, to }: { waves: ShownWave[]; to: (wave: number) => string }) {
  const t = useT()
  const counts = WAVE_STATES.map((state) => ({
    state,
    count: waves.filter((wave) => wave.state === state).length,
  })).filter(({ count }) => count > 0)
  return (
    <div className="space-y-2 border-b border-line/70 p-3">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
        {counts.map(({ state, count }) => (
          <li key={state} className={cx("flex items-center gap-1", LOOKS[state].cell.split(" ").at(-1))}>
            <Icon name={LOOKS[state].icon} className="h-3.5 w-3.5" />
            {t(`commands.waves.state.${state}`)} {count.toLocaleString("en")}
          </li>
        ))}
      </ul>
      <ol
        aria-label={t("commands.waves.strip")}
        className="grid grid-cols-[repeat(auto-fill,minmax(2.75rem,1fr))] gap-1"
      >
        {waves.map(({ wave, state }) => {
          const title = `${t("commands.page.waveNumber", { wave })}: ${t(`commands.waves.state.${state}`)}`
          return (
            <li key={wave}>
              <Link
                to={to(wave)}
                preventScrollReset
                title={title}
                aria-label={title}
                className={cx(
                  "flex h-7 items-center justify-center gap-0.5 rounded border text-2xs hover:border-edge",
                  LOOKS[state].cell,
                )}
              >
                <Icon name={LOOKS[state].icon} className="h-3 w-3" />
                {wave}
              </Link>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

function Wave({
  wave,
  sign,
  nextWaveAt,
  zone,
  to,
}: {
  wave: ShownWave
  sign: "answered" | "reachable" | "hashing"
  nextWaveAt: Date | null
  zone: string
  to: string
}) {
  const t = useT()
  const { state } = wave
  return (
    <li className="grid gap-x-4 gap-y-1 px-3 py-2 sm:grid-cols-[11rem_minmax(0,1fr)]">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 sm:flex-col sm:items-start">
        <Link to={to} preventScrollReset className="link font-medium">
          {t("commands.page.waveNumber", { wave: wave.wave })}
          <span className="font-normal text-muted">, {t("commands.machines", { count: wave.targets })}</span>
        </Link>
        <Badge tone={LOOKS[state].tone} icon={LOOKS[state].icon} title={t(`commands.waves.meaning.${state}`)}>
          {t(`commands.waves.state.${state}`)}
        </Badge>
      </div>
      <div className="min-w-0">
        {wave.releasedAt ? (
          <>
            <CommandCounts counts={wave} />
            <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-muted">
              <Good wave={wave} sign={sign} />
              <span>
                {t("commands.waves.released")} <Ago at={wave.releasedAt} zone={zone} />
              </span>
            </p>
          </>
        ) : (
          <p className="text-xs text-muted">
            {state === "next" ? (
              <>
                {t("commands.waves.starts")} <Ago at={nextWaveAt} zone={zone} />
              </>
            ) : (
              t(`commands.waves.meaning.${state}`)
            )}
          </p>
        )}
        {state === "looking" || state === "short" ? (
          <p className="text-xs text-warn">{t(`commands.waves.meaning.${state}`)}</p>
        ) : null}
        {wave.haltReason ? <p className="text-xs text-bad">{wave.haltReason}</p> : null}
        {wave.resumedAt ? (
          <p className="text-xs">
            {t("commands.waves.resumedBy", { name: wave.resumedByName ?? t("commands.someone") })},{" "}
            <Ago at={wave.resumedAt} zone={zone} />
          </p>
        ) : null}
      </div>
    </li>
  )
}

/** How many showed what the gate asks; nothing where an answer is enough, and for a client. */
function Good({ wave, sign }: { wave: ShownWave; sign: "answered" | "reachable" | "hashing" }) {
  const t = useT()
  if (sign === "answered" || wave.good === null) return null
  const base = wave.targets - wave.skipped
  return <span>{t(`commands.waves.${sign}`, { good: wave.good, base })}</span>
}
