import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react"
import { cx } from "./class-names.ts"

/** Of the frame's header, which stays in sight, and a little air. */
const HEADER_PX = 52
const AIR_PX = 8

/**
 * Things to choose from behind one button. A `<details>`: opens without JavaScript; with it, arrows move, Escape and a
 * click elsewhere close. Put links and buttons with the class of `menuItem` inside.
 */
export function Menu({
  label,
  button,
  children,
  align = "right",
  upwards,
}: {
  /** Names the button when what it shows is no word. */
  label?: string
  button: ReactNode
  children: ReactNode
  align?: "left" | "right"
  /** Opens above its button: at the foot of a page. */
  upwards?: boolean
}) {
  const box = useRef<HTMLDetailsElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const [up, setUp] = useState(upwards === true)
  const onToggle = () => {
    const element = box.current
    if (!element?.open || !list.current) return
    const { top, bottom } = element.getBoundingClientRect()
    const above = top - HEADER_PX
    const below = window.innerHeight - bottom - AIR_PX
    const fits = list.current.scrollHeight
    const opensUp = upwards ? above >= Math.min(fits, below) : below < Math.min(fits, above)
    setUp(opensUp)
    // A long list scrolls in what room there is.
    list.current.style.maxHeight = `${Math.max(160, opensUp ? above : below)}px`
  }
  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (box.current?.open && !box.current.contains(event.target as Node)) box.current.open = false
    }
    document.addEventListener("click", closeOutside)
    return () => document.removeEventListener("click", closeOutside)
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    const element = box.current
    if (!element) return
    if (event.key === "Escape" && element.open) {
      element.open = false
      element.querySelector("summary")?.focus()
      event.preventDefault()
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return
    event.preventDefault()
    element.open = true
    const items = [...element.querySelectorAll<HTMLElement>("a[href], button:not(:disabled)")]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const step = event.key === "ArrowDown" ? 1 : -1
    items[(at + step + items.length) % items.length]?.focus()
  }
  return (
    <details
      ref={box}
      className="group relative"
      onKeyDown={onKeyDown}
      onToggle={onToggle}
      onClick={(event) => {
        const item = (event.target as HTMLElement).closest("a[href]")
        if (item && box.current) box.current.open = false
      }}
    >
      <summary
        aria-label={label}
        className="inline-flex h-8 cursor-pointer select-none items-center gap-1.5 rounded border border-edge/50 bg-surface px-3 font-medium hover:bg-raised"
      >
        {button}
      </summary>
      <div
        ref={list}
        className={cx(
          "absolute z-30 my-1 min-w-52 overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-float",
          align === "right" ? "right-0" : "left-0",
          up && "bottom-full",
        )}
      >
        {children}
      </div>
    </details>
  )
}

export const menuItem =
  "flex w-full items-center gap-2 rounded px-2 py-1.5 text-left hover:bg-ink/5 disabled:opacity-50"
