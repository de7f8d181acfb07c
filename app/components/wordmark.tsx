import { useT } from "#app/lib/strings/use-t.ts"

/** The product's name beside its lamp. */
export function Wordmark() {
  const t = useT()
  return (
    <span className="inline-flex items-center gap-2 font-semibold tracking-tight">
      <svg viewBox="0 0 20 20" className="h-5 w-5" aria-hidden="true" fill="none" strokeWidth="1.5">
        <path
          d="M6 6h8M10 3v3M6.8 6l-.8 8h8l-.8-8M4 14h12v3H4z"
          className="stroke-ink"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
        <circle cx="10" cy="10.2" r="1.7" className="fill-warn" />
      </svg>
      {t("common.product")}
    </span>
  )
}
