import type { Socket } from "node:net"

/** The request and reply forms of the cgminer API that all families on port 4028 share. */
export type CommandRequest = {
  form: "json" | "text"
  command: string
  parameter: string | null
  newApi: boolean
  /** WhatsMiner's list of wanted members. */
  info: string | null
  /** Everything that a JSON request holds. */
  members?: Record<string, unknown>
  /** Wraps the answer as the request was wrapped. */
  wrap?: (answer: string) => string
}
export type RpcRequest =
  | CommandRequest
  | { form: "broken"; reason: "json" | "member"; members?: Record<string, unknown> }

/** `null`: not whole yet. */
export function parseRequest(text: string, ended: boolean): RpcRequest | null {
  const trimmed = text.replaceAll("\0", "").trim()
  if (trimmed === "") return null
  if (!trimmed.startsWith("{")) {
    const [command = "", ...rest] = trimmed.split("|")
    const parameter = rest.length === 0 ? null : rest.join("|")
    return { form: "text", command, parameter, newApi: false, info: null }
  }
  let json: Record<string, unknown>
  try {
    json = JSON.parse(trimmed)
  } catch {
    return ended ? { form: "broken", reason: "json" } : null
  }
  const command = json.command ?? json.cmd
  if (typeof command !== "string")
    return { form: "broken", reason: "enc" in json ? "json" : "member", members: json }
  const parameter = json.parameter ?? json.param
  return {
    form: "json",
    command,
    parameter: parameter === undefined || parameter === null ? null : String(parameter),
    newApi: json.new_api === true,
    info: typeof json.info === "string" ? json.info : null,
    members: json,
  }
}

export type Answer = {
  body: Record<string, unknown>
  /** What the reply claims about the session, when it is a whole summary. */
  summary?: { accepted: number; elapsed: number }
  /** Instead of the body, as it stands: an acknowledgement, or JSON with a quirk. */
  text?: string
  /** The connection is cut instead of an answer, as where the process goes down at once. */
  drop?: boolean
  /** Runs after the reply has left. */
  after?: () => void
  /** The connection stays open after the reply, and is the family's from then on. */
  goOn?: (socket: Socket) => void
}

export function status(
  severity: "S" | "I" | "W" | "E",
  when: number,
  code: number,
  message: string,
  description: string,
): Record<string, unknown>[] {
  return [{ STATUS: severity, When: Math.floor(when), Code: code, Msg: message, Description: description }]
}

/** `STATUS=S,When=…|SUMMARY,Elapsed=…|`, as a server answers a request that does not begin with a brace. */
export function renderText(body: Record<string, unknown>): string {
  if (typeof body.STATUS === "string") return body.Code === undefined ? body.STATUS : `${fields(body)}|`
  const parts: string[] = []
  for (const [section, rows] of Object.entries(body)) {
    if (!Array.isArray(rows)) continue
    for (const row of rows as Record<string, unknown>[])
      parts.push(
        section === "STATUS" || Object.keys(row)[0] === singular(section)
          ? fields(row)
          : `${section},${fields(row)}`,
      )
  }
  return `${parts.join("|")}|`
}

/** Rows that carry their own index begin with it: `POOL=0,URL=…`. */
function singular(section: string): string {
  return { POOLS: "POOL", DEVS: "ASC" }[section] ?? section
}

function fields(row: Record<string, unknown>): string {
  return Object.entries(row)
    .map(([name, value]) => `${name}=${escapeValue(value)}`)
    .join(",")
}

function escapeValue(value: unknown): string {
  if (typeof value === "boolean") return value ? "true" : "false"
  if (typeof value === "object") return ""
  return String(value).replace(/[\\|,=]/g, (sign) => `\\${sign}`)
}

/** Rates in cgminer's spelling: two decimals. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100
}

/** `524288` → `524K`, as bmminer writes difficulties. */
export function suffixed(value: number): string {
  if (value >= 1e9) return `${Math.floor(value / 1e9)}G`
  if (value >= 1e6) return `${Math.floor(value / 1e4) / 100}M`
  return value >= 1e3 ? `${Math.floor(value / 1e3)}K` : String(value)
}

export function percent(part: number, accepted: number): number {
  return part + accepted === 0 ? 0 : Math.round((part / (part + accepted)) * 1e6) / 1e4
}

export function hostOf(url: string): string {
  return url.replace(/^[a-z0-9+]+:\/\//, "").replace(/:\d+$/, "")
}
