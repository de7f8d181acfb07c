import { Link } from "@remix-run/react"
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react"
import type { Notice } from "#app/lib/notice.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "./class-names.ts"
import { Icon } from "./icon.tsx"

type Show = (notice: Omit<Notice, "id">) => void
const ToastContext = createContext<Show>(() => {})

/** Says something in passing, with a way to look at it. */
export function useToast(): Show {
  return useContext(ToastContext)
}

const BAR: Record<Notice["tone"], string> = {
  ok: "[&>svg]:text-ok border-l-ok",
  warn: "[&>svg]:text-warn border-l-warn",
  bad: "[&>svg]:text-bad border-l-bad",
}
const KEEP_MS = 8_000
const AT_MOST = 4

/** Holds the notices: `notice` comes with the page (also without JavaScript), the rest from `useToast`. */
export function ToastProvider({ notice, children }: { notice: Notice | null; children: ReactNode }) {
  const t = useT()
  const [shown, setShown] = useState<Notice[]>(notice ? [notice] : [])
  const dismiss = useCallback((id: string) => setShown((list) => list.filter((one) => one.id !== id)), [])
  const put = useCallback((one: Notice) => {
    setShown((list) => (list.some((other) => other.id === one.id) ? list : [...list.slice(1 - AT_MOST), one]))
  }, [])
  useEffect(() => {
    if (notice) put(notice)
  }, [notice, put])
  const made = useRef(0)
  const show = useCallback<Show>(
    (one) => {
      made.current += 1
      put({ ...one, id: `here-${made.current}` })
    },
    [put],
  )
  return (
    <ToastContext.Provider value={show}>
      {children}
      <section
        aria-label={t("shell.live.notices")}
        className="pointer-events-none fixed inset-x-2 bottom-2 z-40 flex flex-col items-end gap-2 sm:inset-x-auto sm:right-4 sm:bottom-4"
      >
        <div aria-live="polite" className="flex w-full flex-col items-end gap-2">
          {shown.map((one) => (
            <Toast key={one.id} notice={one} onDismiss={dismiss} />
          ))}
        </div>
      </section>
    </ToastContext.Provider>
  )
}

function Toast({ notice, onDismiss }: { notice: Notice; onDismiss: (id: string) => void }) {
  const t = useT()
  useEffect(() => {
    // Bad news stays until it is read.
    if (notice.tone === "bad") return
    const timer = setTimeout(() => onDismiss(notice.id), KEEP_MS)
    return () => clearTimeout(timer)
  }, [notice.id, notice.tone, onDismiss])
  return (
    <div
      className={cx(
        "pointer-events-auto flex w-full items-start gap-2 rounded border border-l-4 border-line bg-surface py-2 pl-3 pr-1 shadow-float sm:w-80",
        BAR[notice.tone],
      )}
    >
      <Icon
        name={notice.tone === "ok" ? "check" : notice.tone === "warn" ? "warning" : "bad"}
        className="mt-0.5"
      />
      <p className="min-w-0 flex-1 break-words">
        {notice.text}{" "}
        {notice.href ? (
          <Link to={notice.href} className="link" onClick={() => onDismiss(notice.id)}>
            {notice.linkText}
          </Link>
        ) : null}
      </p>
      <button
        type="button"
        onClick={() => onDismiss(notice.id)}
        aria-label={t("shell.live.dismiss")}
        className="rounded p-1 text-muted hover:bg-ink/5 hover:text-ink"
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
