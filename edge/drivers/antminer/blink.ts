import { READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { alreadySo, lost } from "../outcomes.ts"
import { boolean } from "../transport/coerce.ts"
import { webObject } from "../transport/digest-web.ts"
import type { HttpAnswer } from "../transport/http-client.ts"
import type { WebDialect } from "./dialect.ts"
import { getWeb, sendWeb } from "./web.ts"

type Light = {
  read: (context: DriverContext) => Promise<Outcome<boolean | null>>
  body: (on: boolean) => { type: string; text: string; timeoutMs: number }
}

/** How long the old page's silence is listened to; it means yes, and the light is read back anyway. */
const NEVER_ANSWERED_MS = 1_000
const JSON_TYPE = "application/json"
const FORM_TYPE = "application/x-www-form-urlencoded"

const LIGHTS: Record<WebDialect, Light> = {
  modern: {
    read: async (context) => {
      const status = await getWeb(context, "get_blink_status")
      return status.ok ? { ok: true, value: boolean(status.value.blink) } : status
    },
    body: (on) => ({
      type: JSON_TYPE,
      text: JSON.stringify({ blink: on ? "true" : "false" }),
      timeoutMs: READ_TIMEOUT_MS,
    }),
  },
  // The page of the X17 and older: one form for all, and starting to blink is never answered.
  legacy: {
    read: async (context) => {
      const status = webObject(
        await post(context, { type: FORM_TYPE, text: "action=onPageLoaded", timeoutMs: READ_TIMEOUT_MS }),
        "blink",
      )
      return status.ok ? { ok: true, value: boolean(status.value.isBlinking) } : status
    },
    body: (on) => ({
      type: FORM_TYPE,
      text: `action=${on ? "startBlink" : "stopBlink"}`,
      timeoutMs: on ? NEVER_ANSWERED_MS : READ_TIMEOUT_MS,
    }),
  },
}

function post(
  context: DriverContext,
  { type, text, timeoutMs }: ReturnType<Light["body"]>,
): Promise<HttpAnswer> {
  return sendWeb(context, {
    method: "POST",
    path: "/cgi-bin/blink.cgi",
    headers: { "Content-Type": type },
    body: text,
    timeoutMs,
    fresh: true,
  })
}

/** Switches the locate light and reads it back, so that even a lost answer has a known outcome. */
export async function blink(context: DriverContext, on: boolean, dialect: WebDialect): Promise<ActOutcome> {
  const light = LIGHTS[dialect]
  const was = await light.read(context)
  if (!was.ok) return { ok: false, fault: was.fault, sent: false }
  if (was.value === on)
    return alreadySo("blink status", `The light is ${on ? "on" : "off"} already.`, { blink: on })
  const answer = await post(context, light.body(on))
  if (!answer.ok && !answer.sent) return { ok: false, fault: answer.fault, sent: false }
  const now = await light.read(context)
  const blinking = now.ok ? now.value : null
  const state = (lit: boolean) => (lit ? "on" : "off")
  if (blinking === null && !answer.ok) return lost(answer)
  if (blinking === null && answer.ok && answer.status >= 300)
    return {
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: `The miner refused the light with HTTP ${answer.status}.` },
    }
  if (blinking !== null && blinking !== on)
    return {
      ok: false,
      sent: false,
      fault: {
        kind: "refused",
        message: `The miner took the command but its light is still ${state(blinking)}.`,
      },
    }
  return {
    ok: true,
    value: {
      ran: `blink.cgi ${state(on)}`,
      message:
        blinking === on ? `The light is ${state(on)}.` : "The miner accepted the command for the light.",
      verified: blinking === on,
      before: { blink: was.value },
      after: blinking === null ? null : { blink: blinking },
    },
  }
}
