import { webObject } from "../transport/digest-web.ts"

/** `{"stats":"error","code":"M001","msg":…}` → what it says; null when the answer is no refusal. */
export function refusal(text: string): string | null {
  const reply = webObject({ ok: true, status: 200, headers: {}, text }, "the page")
  if (!reply.ok) return null
  const { stats, code, msg } = reply.value
  const refused = stats === "error" || (typeof code === "string" && /^[A-Z]00[1-9]$/.test(code))
  return refused
    ? `${String(code ?? "")} ${String(msg ?? "")}`.trim().slice(0, 120) || "no reason given"
    : null
}
