import type { TimelineKind } from "#server/contract/command-list.ts"
import { wordsOf } from "./differences.ts"
import { formatDuration } from "./format.ts"
import type { Translate } from "./strings/translate.ts"

type Step = {
  kind: TimelineKind
  action: string
  at: Date
  until: Date
  details: Record<string, unknown> | null
}

/** What happened, in one line; a client's steps have no details. */
export function stepTitle(t: Translate, step: Step): string {
  const wave = numberOf(step, "wave")
  const waves = numberOf(step, "waves")
  const known = wave !== null && waves !== null && waves > 1
  const { kind } = step
  switch (kind) {
    case "wave_released":
    case "wave_passed":
      return t(`commands.step.${kind}`, { wave: wave ?? 0, waves: waves ?? 0 })
    case "halted":
    case "resumed":
      return known ? t(`commands.step.${kind}`, { wave, waves }) : t(`commands.step.${kind}Short`)
    case "results":
      return t("commands.step.results", { count: answersOf(step) })
    case "other":
      return t("commands.step.other", {
        action: wordsOf(step.action.replace(/^command\./, "").replaceAll("-", " ")),
      })
    default:
      return t(`commands.step.${kind}`)
  }
}

/** What belongs to it: counts, waves, and the reason as a person or the gate gave it. */
export function stepNote(t: Translate, step: Step): string | null {
  const count = (name: string) => numberOf(step, name) ?? 0
  const counted = (name: string, key: "good" | "late" | "expired" | "stopped") =>
    count(name) > 0 ? [t(`commands.stepNote.${key}`, { count: count(name) })] : []
  const outcomes = [
    ...(["succeeded", "failed", "unknown", "skipped"] as const).flatMap((name) =>
      count(name) > 0 ? [t(`commands.counts.${name}`, { count: count(name) })] : [],
    ),
  ]
  const reason = typeof step.details?.reason === "string" ? [step.details.reason] : []
  const parts = ((): string[] => {
    switch (step.kind) {
      case "requested":
      case "wave_released":
        return count("targets") > 0 ? [t("commands.machines", { count: count("targets") })] : []
      case "dispatched":
        return [
          ...(step.details
            ? [t("commands.stepNote.dispatched", { queued: count("queued"), skipped: skippedOf(step) })]
            : []),
          ...(count("waves") > 1 ? [t("commands.stepNote.inWaves", { count: count("waves") })] : []),
        ]
      case "wave_passed":
        return [...counted("good", "good"), ...notBack(t, count("failed") + count("waiting"))]
      case "results":
        return [...outcomes, ...counted("late", "late"), ...spanOf(t, step)]
      case "rest_cancelled":
      case "cancelled":
        return counted("cancelled", "stopped")
      case "succeeded":
      case "failed":
      case "expired":
        return [...outcomes, ...reason]
      case "targets_expired":
      case "journal_lost":
        return [
          ...counted("expired", "expired"),
          ...(count("unknown") > 0 ? [t("commands.counts.unknown", { count: count("unknown") })] : []),
        ]
      default:
        return reason
    }
  })()
  return parts.length > 0 ? parts.join(", ") : null
}

function notBack(t: Translate, count: number): string[] {
  return count > 0 ? [t("commands.stepNote.notBack", { count })] : []
}

function spanOf(t: Translate, step: Step): string[] {
  const ms = new Date(step.until).getTime() - new Date(step.at).getTime()
  return ms >= 1000 ? [t("commands.stepNote.over", { time: formatDuration(ms) })] : []
}

function answersOf(step: Step): number {
  return ["succeeded", "failed", "unknown", "skipped", "late"].reduce(
    (sum, name) => sum + (numberOf(step, name) ?? 0),
    0,
  )
}

/** A number, or one by reason. */
function skippedOf(step: Step): number {
  const skipped = step.details?.skipped
  if (typeof skipped !== "object" || skipped === null) return numberOf(step, "skipped") ?? 0
  return Object.values(skipped).reduce((sum, count) => sum + (typeof count === "number" ? count : 0), 0)
}

function numberOf(step: Step, name: string): number | null {
  const value = step.details?.[name]
  return typeof value === "number" ? value : null
}
