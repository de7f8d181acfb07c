import { useEffect, useState } from "react"
import { useT } from "#app/lib/strings/use-t.ts"
import { Button } from "#app/ui/button.tsx"
import { Icon } from "#app/ui/icon.tsx"

/** Puts a text on the clipboard and says so. Nothing without JavaScript: the text beside it can be selected. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useT()
  const [able, setAble] = useState(false)
  const [copied, setCopied] = useState(false)
  useEffect(() => setAble(Boolean(navigator.clipboard)), [])
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_500)
    return () => clearTimeout(timer)
  }, [copied])
  if (!able) return null
  return (
    <Button
      size="sm"
      aria-live="polite"
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setAble(false),
        )
      }}
    >
      {copied ? <Icon name="check" /> : null}
      {copied ? t("collectors.enrolling.copied") : (label ?? t("collectors.enrolling.copy"))}
    </Button>
  )
}

/** Something to type or send, whole and selectable, with a way to copy it. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-start gap-2">
      <section aria-label={label} className="min-w-0 flex-1 rounded border border-line bg-raised px-2 py-1.5">
        <code className="select-all break-all font-mono text-xs">{text}</code>
      </section>
      <CopyButton text={text} />
    </div>
  )
}
