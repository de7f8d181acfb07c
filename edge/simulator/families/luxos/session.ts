import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"

/** One session on the whole machine: a lock among honest callers that lapses a minute after its last use. */
const IDLE_S = 60
const KEY = "luxos.session"

type Session = { id: string; usedS: number }

export function sessionId(miner: SimulatedMiner): string | null {
  const session = miner.memory.get(KEY) as Session | undefined
  return session !== undefined && miner.nowS() - session.usedS < IDLE_S ? session.id : null
}

/** Null: somebody else has it. */
export function logOn(miner: SimulatedMiner): string | null {
  if (sessionId(miner) !== null) return null
  const turn = ((miner.memory.get(`${KEY}.turn`) as number | undefined) ?? 0) + 1
  miner.memory.set(`${KEY}.turn`, turn)
  const id = hex(miner.seed ^ turn, 300, 8)
  miner.memory.set(KEY, { id, usedS: miner.nowS() } satisfies Session)
  return id
}

/** Whether this id is the session's; being used keeps it. */
export function use(miner: SimulatedMiner, id: string): boolean {
  if (sessionId(miner) !== id || id === "") return false
  miner.memory.set(KEY, { id, usedS: miner.nowS() } satisfies Session)
  return true
}

export function endSession(miner: SimulatedMiner): void {
  miner.memory.delete(KEY)
}
