import type { FoundMachine } from "./scan.ts"

/** A machine as `scan` prints it and as a collector reports it. Unknown is null. */
export type FoundLine = {
  address: string
  rpc_port: number
  web_port: number
  ports: number[]
  family: string
  make: string | null
  model: string | null
  firmware: string | null
  firmware_version: string | null
  mac: string | null
  serial: string | null
  confidence: number
  evidence: string[]
  needs_login: boolean
}

/** `neighbourMac`: what the neighbour table has for the address; stands in for a MAC that the machine does not tell. */
export function foundLine(machine: FoundMachine, neighbourMac: string | null): FoundLine {
  const { identity } = machine
  const borrowed = identity.mac === null && neighbourMac !== null
  return {
    address: machine.host,
    rpc_port: machine.rpcPort,
    web_port: machine.webPort,
    ports: machine.ports.toSorted((a, b) => a - b),
    family: identity.family,
    make: identity.make,
    model: identity.model,
    firmware: identity.firmware,
    firmware_version: identity.firmwareVersion,
    mac: identity.mac ?? neighbourMac,
    serial: identity.serial,
    confidence: identity.confidence,
    evidence: [...identity.evidence, ...(borrowed ? ["MAC from the neighbour table"] : [])],
    needs_login: machine.needsLogin,
  }
}
