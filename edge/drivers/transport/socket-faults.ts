import type { Fault } from "#server/contract/driver-faults.ts"

/** What a socket error means to the person who reads it. */
export function socketFault(error: NodeJS.ErrnoException | null, where: string): Fault {
  switch (error?.code) {
    case "ECONNREFUSED":
      return { kind: "refused", message: `${where} refuses connections: nothing listens there.` }
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
    case "EADDRNOTAVAIL":
      return { kind: "refused", message: `${where} cannot be reached from this network.` }
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { kind: "refused", message: `${where}: this name cannot be resolved.` }
    case "EMFILE":
    case "ENFILE":
    case "ENOBUFS":
      return {
        kind: "busy",
        message: `This machine has no free sockets for ${where}: raise its limit of open files.`,
      }
    case "ETIMEDOUT":
      return { kind: "timeout", message: `${where} did not answer in time.` }
    case "ECONNRESET":
    case "EPIPE":
      return { kind: "busy", message: `${where} reset the connection.` }
    default:
      return {
        kind: "refused",
        message: `${where} cannot be talked to${error?.code ? ` (${error.code})` : ""}.`,
      }
  }
}
