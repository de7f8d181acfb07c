import type { ReactNode } from "react"

/** Names and values of one thing, in columns where there is room. */
export function Definitions({ items }: { items: { term: string; value: ReactNode; title?: string }[] }) {
  return (
    <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-1">
      {items.map((item) => (
        <div key={item.term} className="contents">
          <dt className="text-muted" title={item.title}>
            {item.term}
          </dt>
          <dd className="min-w-0 break-words">{item.value}</dd>
        </div>
      ))}
    </dl>
  )
}
