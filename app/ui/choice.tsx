import { type ReactNode, useId } from "react"
import { cx } from "./class-names.ts"

/** One of a few, all in sight: radio buttons with a name over them. */
export function Choice({
  label,
  name,
  options,
  defaultValue,
  hint,
  error,
  className,
}: {
  label: string
  name: string
  options: { value: string; label: string }[]
  defaultValue?: string
  hint?: ReactNode
  error?: string | null
  className?: string
}) {
  const id = useId()
  return (
    <fieldset
      className={cx("min-w-0", className)}
      aria-describedby={cx(hint ? `${id}-hint` : null, error ? `${id}-error` : null) || undefined}
    >
      <legend className="mb-1 text-xs font-medium text-muted">{label}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {options.map((option) => (
          <label key={option.value} className="flex min-h-8 cursor-pointer items-center gap-2">
            <input
              type="radio"
              name={name}
              value={option.value}
              defaultChecked={option.value === defaultValue}
              className="h-4 w-4 accent-accent"
            />
            {option.label}
          </label>
        ))}
      </div>
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} className="mt-1 text-xs font-medium text-bad">
          {error}
        </p>
      ) : null}
    </fieldset>
  )
}
