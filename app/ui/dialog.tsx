import { type ReactNode, useEffect, useId, useRef } from "react"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "./class-names.ts"
import { Icon } from "./icon.tsx"

/**
 * A modal over the page: the browser's own `<dialog>`, so focus stays inside, Escape closes it and focus returns to
 * what opened it. Rendered only while `open`.
 */
export function Dialog({
  open,
  onClose,
  title,
  wide,
  children,
}: {
  open: boolean
  onClose: () => void
  title: string
  wide?: boolean
  children: ReactNode
}) {
  const t = useT()
  const id = useId()
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = box.current
    if (!open || !element || element.open) return
    const opener = document.activeElement
    element.showModal()
    return () => {
      element.close()
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [open])
  if (!open) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself; the click is the backdrop's
    <dialog
      ref={box}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === box.current) onClose()
      }}
      className={cx(
        "m-auto max-h-[min(90vh,60rem)] w-[calc(100vw-1rem)] rounded-lg border border-line bg-surface p-0 text-ink shadow-float",
        wide ? "max-w-3xl" : "max-w-lg",
      )}
    >
      <div className="flex items-center justify-between gap-3 border-b border-line px-4 py-2">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        <button
          type="button"
          onClick={onClose}
          aria-label={t("common.close")}
          className="rounded p-1.5 text-muted hover:bg-ink/5 hover:text-ink"
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="p-4">{children}</div>
    </dialog>
  )
}
