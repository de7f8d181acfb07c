import { useRevalidator } from "@remix-run/react"
import { useEffect, useRef, useState } from "react"
import type { LiveEvent } from "#server/contract/live-events.ts"

/** Machines that went or came back while the page was open. */
export type LiveChange = { change: "offline" | "online"; minerIds: number[] }
/** `live`: told by the server; `polling`: the connection is down, the page looks again by itself; `off`: not begun. */
export type LiveState = "off" | "live" | "polling"

/** The page reads again at most once in this time, however much happens. */
const AT_MOST_EVERY_MS = 2_000
const POLL_MS = 30_000
const GATHER_MS = 1_000

/**
 * Reads the page's loaders again when the server tells of a change that the session may see (`/events`), and every 30 s
 * while that connection is down. A hidden page waits until it is looked at.
 */
export function useLive(onChange: (change: LiveChange) => void): LiveState {
  const [state, setState] = useState<LiveState>("off")
  const revalidator = useRevalidator()
  const revalidate = useRef(revalidator.revalidate)
  const busy = useRef(false)
  const tell = useRef(onChange)
  useEffect(() => {
    revalidate.current = revalidator.revalidate
    busy.current = revalidator.state !== "idle"
    tell.current = onChange
  })

  useEffect(() => {
    const refresh = throttled(() => {
      // A hidden page is asked again when it is looked at; an error page has nothing to read again.
      if (document.hidden || document.querySelector("[data-problem]")) return true
      if (busy.current) return false
      revalidate.current()
      return true
    }, AT_MOST_EVERY_MS)
    const changes = gathered((change) => tell.current(change))
    const source = new EventSource("/events")
    let poll: ReturnType<typeof setInterval> | null = null

    source.onopen = () => {
      setState("live")
      if (poll) {
        clearInterval(poll)
        poll = null
      }
    }
    source.onerror = () => {
      setState("polling")
      poll ??= setInterval(refresh.ask, POLL_MS)
    }
    const onEvent = (message: MessageEvent<string>) => {
      const event = parse(message.data)
      if (!event) return
      refresh.ask()
      if (event.kind === "miners" && (event.change === "offline" || event.change === "online"))
        changes.add(event.change, event.minerIds)
    }
    source.onmessage = onEvent
    source.addEventListener("resync", refresh.ask)
    const onVisible = () => {
      if (!document.hidden) refresh.ask()
    }
    document.addEventListener("visibilitychange", onVisible)
    return () => {
      source.close()
      if (poll) clearInterval(poll)
      refresh.stop()
      changes.stop()
      document.removeEventListener("visibilitychange", onVisible)
    }
  }, [])
  return state
}

function parse(text: string): LiveEvent | null {
  try {
    const event = JSON.parse(text) as LiveEvent
    return typeof event?.kind === "string" ? event : null
  } catch {
    // A keep-alive or something newer than this page.
    return null
  }
}

/** Runs at once, then at most every `ms`; asked meanwhile (or refused by `run`), once more afterwards. */
export function throttled(run: () => boolean, ms: number): { ask: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  let again = false
  const due = () => {
    timer = null
    if (again) start()
  }
  const start = () => {
    again = !run()
    timer = setTimeout(due, ms)
  }
  return {
    ask: () => {
      if (timer) again = true
      else start()
    },
    stop: () => {
      if (timer) clearTimeout(timer)
      timer = null
    },
  }
}

/** A farm goes down by many events at once; they are told as one. */
function gathered(tell: (change: LiveChange) => void) {
  const ids = { offline: new Set<number>(), online: new Set<number>() }
  let timer: ReturnType<typeof setTimeout> | null = null
  const flush = () => {
    timer = null
    for (const change of ["offline", "online"] as const) {
      if (ids[change].size > 0) tell({ change, minerIds: [...ids[change]] })
      ids[change].clear()
    }
  }
  return {
    add(change: "offline" | "online", minerIds: number[]) {
      for (const id of minerIds) ids[change].add(id)
      timer ??= setTimeout(flush, GATHER_MS)
    },
    stop() {
      if (timer) clearTimeout(timer)
    },
  }
}
