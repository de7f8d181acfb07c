import { type AddressRange, formatRange, parseAddressRange } from "#server/contract/address-ranges.ts"

const DEFAULT_RPC_PORT = 4028
const DEFAULT_WEB_PORT = 80

export type Machine = { addressNumber: number; rpcPort: number; webPort: number }
/** A target of a collector as it is kept: `host[:port]`, `FROM-TO[:port]` or CIDR. */
export type CoveringTarget = { value: string; webPort: number | null }

/** Web interfaces that drivers look for by themselves where a target says nothing else. */
const USUAL_WEB_PORTS = [DEFAULT_WEB_PORT, 8080, 443]

/** Whether a target takes the machine in: address and port agree, and an unusual web port is named. */
export function covers(target: CoveringTarget, machine: Machine): boolean {
  const span = spanOf(target.value)
  return (
    span !== null &&
    span.port === machine.rpcPort &&
    span.range.from <= machine.addressNumber &&
    machine.addressNumber <= span.range.to &&
    (USUAL_WEB_PORTS.includes(machine.webPort) || target.webPort === machine.webPort)
  )
}

/** The one address that a target names, or null when it names several. */
export function singleAddress(value: string): { address: number; port: number } | null {
  const span = spanOf(value)
  return span !== null && span.range.from === span.range.to
    ? { address: span.range.from, port: span.port }
    : null
}

function spanOf(value: string): { range: AddressRange; port: number } | null {
  const [body = "", port] = value.split(":")
  const range = parseAddressRange(body)
  return typeof range === "string"
    ? null
    : { range, port: port === undefined ? DEFAULT_RPC_PORT : Number(port) }
}

/**
 * Few targets that take in these machines: neighbours of the same ports become a range. No more than `most` of them
 * where that can be had by also taking in addresses between, up to 64 in a row and never a `blocked` one. No family: a
 * machine that gets another firmware is recognised anew.
 */
export function targetsFor(
  machines: readonly Machine[],
  blocked: ReadonlySet<number>,
  most: number,
): { value: string; webPort: number | null; machines: Machine[] }[] {
  const groups = Map.groupBy(machines, (machine) => `${machine.rpcPort} ${machine.webPort}`)
  let targets: ReturnType<typeof targetsFor> = []
  for (const gap of [1, 2, 4, 8, 16, 32, 64]) {
    targets = [...groups.values()].flatMap((group) => join(group, blocked, gap))
    if (targets.length <= most) break
  }
  return targets
}

function join(group: Machine[], blocked: ReadonlySet<number>, gap: number) {
  const runs: Machine[][] = []
  for (const machine of group.toSorted((a, b) => a.addressNumber - b.addressNumber)) {
    const last = runs.at(-1)?.at(-1)
    const near = last !== undefined && machine.addressNumber - last.addressNumber <= gap
    if (near && !blockedBetween(last.addressNumber, machine.addressNumber, blocked))
      runs.at(-1)?.push(machine)
    else runs.push([machine])
  }
  return runs.map((run) => {
    const first = run[0] as Machine
    const range = { from: first.addressNumber, to: (run.at(-1) as Machine).addressNumber }
    const port = first.rpcPort === DEFAULT_RPC_PORT ? "" : `:${first.rpcPort}`
    return {
      value: formatRange(range) + port,
      webPort: first.webPort === DEFAULT_WEB_PORT ? null : first.webPort,
      machines: run,
    }
  })
}

function blockedBetween(from: number, to: number, blocked: ReadonlySet<number>): boolean {
  for (let address = from + 1; address < to; address += 1) if (blocked.has(address)) return true
  return false
}
