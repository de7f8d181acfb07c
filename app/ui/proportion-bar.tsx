import type { Tone } from "./badge.tsx"

const FILLS: Record<Tone, string> = {
  ok: "fill-ok",
  warn: "fill-warn",
  bad: "fill-bad",
  idle: "fill-idle",
  sleep: "fill-sleep",
  accent: "fill-accent",
}

/** How a whole divides. The numbers stand beside it; this is for the eye. */
export function ProportionBar({
  parts,
  label,
  rest = 0,
}: {
  parts: { tone: Tone; value: number }[]
  label: string
  /** Left empty: what is still to come. */
  rest?: number
}) {
  const whole = parts.reduce((sum, part) => sum + part.value, rest)
  let left = 0
  return (
    <svg
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      className="h-1.5 w-full"
      role="img"
      aria-label={label}
    >
      <rect width="100" height="6" className="fill-line" />
      {whole > 0
        ? parts
            .filter((part) => part.value > 0)
            .map((part) => {
              const width = (part.value / whole) * 100
              const x = left
              left += width
              return <rect key={part.tone} x={x} width={width} height="6" className={FILLS[part.tone]} />
            })
        : null}
    </svg>
  )
}
