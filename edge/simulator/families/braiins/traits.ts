import { randomBytes } from "node:crypto"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import type { BraiinsTraits } from "./profiles.ts"

export const traitsOf = (miner: SimulatedMiner) => miner.profile as Machine & BraiinsTraits

/** The firmware that it runs; after an upgrade the image's. */
export const versionOf = (miner: SimulatedMiner): string => miner.firmwareVersion ?? traitsOf(miner).version

export const powerTargetOf = (miner: SimulatedMiner): number =>
  miner.settings.powerLimitW ?? traitsOf(miner).powerW

const TOKENS = "braiins.tokens"

/** Tokens and session ids live in the process: a restart forgets them. */
export function newToken(miner: SimulatedMiner): string {
  const token = randomBytes(12).toString("hex")
  tokensOf(miner).add(token)
  return token
}

export function tokensOf(miner: SimulatedMiner): Set<string> {
  const known = miner.memory.get(TOKENS) as Set<string> | undefined
  if (known) return known
  const fresh = new Set<string>()
  miner.memory.set(TOKENS, fresh)
  return fresh
}

/** Logs a change of the configuration, then takes it over while the machine goes on. */
export function set(
  miner: SimulatedMiner,
  changed: string,
  settings: Partial<SimulatedMiner["settings"]>,
): void {
  const next = { ...miner.settings, ...settings }
  const { mode, pools, fanManual, fanPwm, immersion, powerLimitW } = next
  miner.act("conf", {
    changed: [changed],
    mode,
    pools: pools.map(({ url, user }) => ({ url, user })),
    fan: { manual: fanManual, pwm: fanPwm, immersion },
    power_limit_w: powerLimitW,
  })
  miner.adjust(next)
}
