import type { HostSeen } from "./look-at-host.ts"

const SHOWN_CHARS = 100

/** What was seen of a host, one short sentence a port, for a person who wonders what it is. */
export function describeDevice(seen: HostSeen): string[] {
  return seen.ports.map((port) => {
    const word = seen.words.get(port)
    if (word === undefined)
      return seen.state === "quiet" ? `${port} accepts and says nothing` : `${port} is open`
    if (word === "") return `${port} hangs up`
    return `${port} ${/^HTTP\/\d/.test(word) ? aboutPage(word) : `says "${printable(word)}"`}`
  })
}

function aboutPage(word: string): string {
  const status = /^HTTP\/\S+\s+(\d{3})/.exec(word)?.[1] ?? "?"
  const server = /^server:\s*(.+)$/im.exec(word)?.[1]
  const realm = /realm="([^"]*)"/i.exec(word)?.[1]
  const title = /<title>([^<]*)<\/title>/i.exec(word)?.[1]
  const named = [server, realm, title].filter((part): part is string => Boolean(part?.trim()))
  return [`HTTP ${status}`, ...named.map((part) => `"${printable(part)}"`)].join(" ")
}

/** The peer chose these bytes: nothing that moves a cursor or ends a quotation leaves. */
function printable(text: string): string {
  const shown = text
    .replace(/[^\x20-\x7e]+/g, " ")
    .replaceAll('"', "'")
    .trim()
  return shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}…` : shown
}
