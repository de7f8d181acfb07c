import type { ReactNode } from "react"
import { Wordmark } from "./wordmark.tsx"

/** The frame of the few pages before the login. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main
      id="content"
      className="mx-auto flex min-h-screen w-full max-w-sm flex-col justify-center px-4 py-10"
    >
      <Wordmark />
      <div className="mt-4 rounded-lg border border-line bg-surface p-5">
        <h1 className="mb-3 text-lg font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  )
}
