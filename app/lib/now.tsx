import { createContext, type ReactNode, useContext, useEffect, useState } from "react"

const NowContext = createContext(0)

/**
 * The server's time, moving on by itself in the browser: relative times agree with the server's first page and do
 * not depend on the reader's clock.
 */
export function NowProvider({ serverNow, children }: { serverNow: number; children: ReactNode }) {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    setNow(serverNow)
    const started = performance.now()
    const timer = setInterval(() => setNow(serverNow + (performance.now() - started)), 5_000)
    return () => clearInterval(timer)
  }, [serverNow])
  return <NowContext.Provider value={now}>{children}</NowContext.Provider>
}

/** Milliseconds since 1970 by the server's clock, moved on every 5 s. */
export function useNow(): number {
  return useContext(NowContext)
}
