import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { member, type Reply, statusFault } from "./reply.ts"
import type { RpcSession } from "./rpc-session.ts"

/**
 * Several reads, joined into one request where the machine understands that, in the order asked; null for each that it
 * does not know or does not grant. A fault only when the machine itself does not answer as it should.
 */
export async function readEach(
  session: RpcSession,
  commands: readonly string[],
): Promise<Outcome<(Reply | null)[]>> {
  const single = commands.length === 1
  const joined = single ? null : await session.ask(commands.join("+"))
  if (joined?.ok === false && joined.fault.kind !== "unsupported" && joined.fault.kind !== "auth")
    return joined
  const members = joined?.ok ? commands.map((command) => member(joined.value, command)) : []
  if (members.some((each) => each !== null))
    return ok(members.map((each, at) => (each && statusFault(each.status, commands[at]!) ? null : each)))
  const replies: (Reply | null)[] = []
  for (const command of commands) {
    const reply = await session.read(command)
    if (!reply.ok && reply.fault.kind !== "unsupported" && reply.fault.kind !== "auth") return reply
    replies.push(reply.ok ? reply.value : null)
  }
  return ok(replies)
}
