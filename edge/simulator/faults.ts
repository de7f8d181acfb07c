/** What can go wrong with a machine on demand. They add up; `clear` ends all of them. */
export const faultKinds = [
  "offline",
  "silent",
  "hot",
  "dead-board",
  "hashrate-drop",
  "slow",
  "truncated",
  "garbage",
  "reset",
  "wrong-pool",
  "pool-dead",
  "nul-missing",
  "split",
  "asleep",
  "act-silent",
  "act-lost",
  "act-slow",
  "act-drop-before",
  "act-drop-after",
  "act-refuse",
  "act-hold",
  "dead-after-reboot",
  "no-hash",
] as const
export type FaultKind = (typeof faultKinds)[number]

/** An answer under one of these does not reach the reader whole. */
export const losingFaults: ReadonlySet<FaultKind> = new Set(["silent", "truncated", "garbage", "reset"])
