import type { SimulatedMiner } from "../../miner.ts"
import type { Answer } from "../../rpc-protocol.ts"
import type { Say } from "./rpc.ts"
import { traitsOf, writePools, writtenPools } from "./state.ts"

/** `user,password,slot,url,worker,password`, a comma inside escaped; it counts from the next restart. */
export function setPool(miner: SimulatedMiner, parameter: string | null, say: Say): Answer {
  const parts = (parameter ?? "").split(/(?<!\\),/).map((part) => part.replace(/\\(.)/g, "$1"))
  const [user, password, slot, url, worker, pass] = parts
  const refuse = (message: string): Answer => {
    miner.act("refused", { command: "setpool", reason: message })
    return say("E", 120, message)
  }
  if (parts.length !== 6) return refuse("Missing addpool details")
  const wanted = traitsOf(miner).dialect === "home" ? "admin" : "root"
  if (user !== wanted || password !== miner.passwordOr("root"))
    return refuse("Auth Failed! password invalid!")
  const index = Number(slot)
  if (!/^[0-2]$/.test(slot ?? "")) return refuse(`Invalid pool id ${index}`)
  const empty = { url: "", user: "", pass: "" }
  const pools = [0, 1, 2].map((at) => (writtenPools(miner) ?? miner.settings.pools)[at] ?? empty)
  pools[index] = { url: url ?? "", user: worker ?? "", pass: pass ?? "" }
  writePools(miner, pools)
  miner.act("conf", { setpool: index, url, worker })
  return say("S", 55, `Set pool ${index}`)
}
