const STATES = ["active", "spare", "retired"] as const
export type MinerState = (typeof STATES)[number]

/** The state a form names; undefined: leave it as it is. */
export function stateOf(text: string): MinerState | undefined {
  return STATES.find((state) => state === text)
}
