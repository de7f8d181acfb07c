import { type ComponentProps, type ReactNode, useId } from "react"
import { cx } from "./class-names.ts"

type Around = {
  label: string
  hint?: ReactNode
  /** What is wrong with it; marks the control and is read with it. */
  error?: string | null
  /** Keeps the label for screen readers only. */
  labelHidden?: boolean
  className?: string
}

function Frame({
  id,
  label,
  hint,
  error,
  labelHidden,
  className,
  children,
}: Around & { id: string; children: ReactNode }) {
  return (
    <div className={cx("min-w-0", className)}>
      <label htmlFor={id} className={labelHidden ? "sr-only" : "mb-1 block text-xs font-medium text-muted"}>
        {label}
      </label>
      {children}
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
    </div>
  )
}

function described(id: string, hint: unknown, error: unknown): string | undefined {
  return cx(Boolean(hint) && `${id}-hint`, Boolean(error) && `${id}-error`) || undefined
}

export function TextField({
  label,
  hint,
  error,
  labelHidden,
  className,
  id,
  ...input
}: Around & ComponentProps<"input">) {
  const own = useId()
  const name = id ?? own
  return (
    <Frame {...{ id: name, label, hint, error, labelHidden, className }}>
      <input
        id={name}
        className="control"
        aria-invalid={error ? true : undefined}
        aria-describedby={described(name, hint, error)}
        {...input}
      />
    </Frame>
  )
}

export function TextArea({
  label,
  hint,
  error,
  labelHidden,
  className,
  ...input
}: Around & ComponentProps<"textarea">) {
  const id = useId()
  return (
    <Frame {...{ id, label, hint, error, labelHidden, className }}>
      <textarea
        id={id}
        rows={3}
        className="control"
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, hint, error)}
        {...input}
      />
    </Frame>
  )
}

export function SelectField({
  label,
  hint,
  error,
  labelHidden,
  className,
  children,
  ...input
}: Around & ComponentProps<"select">) {
  const id = useId()
  return (
    <Frame {...{ id, label, hint, error, labelHidden, className }}>
      <select
        id={id}
        className="control pr-7"
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, hint, error)}
        {...input}
      >
        {children}
      </select>
    </Frame>
  )
}

export function Checkbox({
  label,
  hint,
  className,
  ...input
}: { label: ReactNode; hint?: ReactNode; className?: string } & ComponentProps<"input">) {
  const id = useId()
  return (
    <div className={cx("flex gap-2", className)}>
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 h-4 w-4 accent-accent"
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...input}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  )
}
