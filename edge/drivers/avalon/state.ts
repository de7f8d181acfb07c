import type { POWER_MODES } from "#server/contract/telemetry.ts"
import { number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { generationOf, isHome } from "./models.ts"

export type WorkState = "mining" | "sleeping" | "starting" | "unknown"
export type PowerMode = (typeof POWER_MODES)[number]

/** `SoftOFF` or `In Idle`: put to sleep. `In Init`, or at work without a rate: starting. */
export function workStateOf(mm: Row, rateGhs: number | null): WorkState {
  const word = workWord(mm)
  if (isOff(mm) || word === "idle") return "sleeping"
  if (word === "init") return "starting"
  if (rateGhs !== null) return rateGhs > 0 ? "mining" : "starting"
  return word === "work" ? "mining" : "unknown"
}

export const isAsleep = (mm: Row): boolean => isOff(mm) || workWord(mm) === "idle"

function isOff(mm: Row): boolean {
  const off = number(mm.SoftOFF)
  return off !== null && off !== 0
}

/** `SYSTEMSTATU[Work: In Work, Hash Board: 3 ]` → `work`. */
function workWord(mm: Row): string | null {
  const status = mm.SYSTEMSTATU
  if (typeof status !== "string") return null
  return /Work:\s*In\s+([a-z]+)/i.exec(status)?.[1]?.toLowerCase() ?? null
}

/** Home models 0, 1, 2 are eco, standard and super; A-series 0 is normal and what is above it high. */
export function powerModeOf(mm: Row, state: WorkState, model: string | null): PowerMode | null {
  if (state === "sleeping") return "sleep"
  const mode = number(mm.WORKMODE)
  return mode === null ? null : modeOfNumber(mode, model)
}

export function modeOfNumber(mode: number, model: string | null): PowerMode | null {
  const generation = generationOf(model)
  // The Mini 3 and Nano 3 number theirs in another order, which no source tells for sure.
  if (generation === "home") return null
  if (isHome(generation)) return mode === 0 ? "eco" : mode === 1 ? "normal" : mode === 2 ? "high" : null
  return mode === 0 ? "normal" : mode === 1 || mode === 2 ? "high" : null
}

/** The number that sets a mode on this model; null: it has none. */
export function numberOfMode(mode: PowerMode, model: string | null): number | null {
  const generation = generationOf(model)
  if (generation === "home" || generation === "old" || mode === "sleep") return null
  if (isHome(generation)) return { eco: 0, normal: 1, high: 2 }[mode]
  return mode === "eco" ? null : mode === "normal" ? 0 : 1
}
