import { ClientRequest } from "node:http"
import { DatabaseSync, type StatementSync } from "node:sqlite"

/**
 * Loaded into a real collector (`--import`) to let it die by SIGKILL at one exact point of one command's execution. The
 * collector's own code knows nothing of it: the points are seen from its disk writes and its requests to the machine.
 */
export const DEATHS = ["before-journal", "after-journal", "mid-act", "before-ack", "after-ack"] as const
export type Death = (typeof DEATHS)[number]

/** The pages of an Antminer's web interface that change something. */
const WRITES = /\/cgi-bin\/(?:reboot|set_miner_conf|blink|upgrade)\.cgi/

/** `miner`: the target's `miner_id`; `address`: where it answers. */
export function dieAt(death: Death, miner: string, address: string): void {
  const die = () => process.kill(process.pid, "SIGKILL")
  const rows = new Set<unknown>()
  let dieOnCommit = false

  const prepare = DatabaseSync.prototype.prepare
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, text: string, ...rest: []): StatementSync {
    const statement = prepare.call(this, text, ...rest)
    const starting =
      text.startsWith("INSERT INTO entries") && text.includes("'started'") && !text.includes("ON CONFLICT")
    const finishing = text.startsWith("INSERT INTO entries") && text.includes("ON CONFLICT")
    const acking = text.startsWith("UPDATE entries SET acked = 1")
    if (!starting && !finishing && !acking) return statement
    const run = statement.run.bind(statement) as (...values: unknown[]) => ReturnType<StatementSync["run"]>
    statement.run = ((...values: unknown[]) => {
      if (acking && death === "after-ack" && rows.has(values[0])) die()
      const ours = !acking && values[1] === miner
      if (ours) rows.add(values[0])
      if (ours && starting && death === "before-journal") die()
      const result = run(...values)
      if (ours && ((starting && death === "after-journal") || (finishing && death === "before-ack")))
        dieOnCommit = true
      return result
    }) as StatementSync["run"]
    return statement
  }

  const exec = DatabaseSync.prototype.exec
  DatabaseSync.prototype.exec = function (this: DatabaseSync, text: string) {
    exec.call(this, text)
    if (dieOnCommit && text === "COMMIT") die()
  }

  const end = ClientRequest.prototype.end
  ClientRequest.prototype.end = function (this: ClientRequest, ...args: unknown[]) {
    const loggedIn = this.getHeader("authorization") !== undefined
    if (death === "mid-act" && loggedIn && WRITES.test(this.path) && this.host === address)
      // The bytes are the operating system's: the machine gets them whatever becomes of this process.
      this.once("finish", () => setImmediate(die))
    return (end as (...values: unknown[]) => ClientRequest).apply(this, args)
  } as typeof end
}
