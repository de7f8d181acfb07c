import { useActionData, useLocation } from "@remix-run/react"
import { useRef } from "react"

/**
 * What the page's action answered, until the reader goes on. `useActionData` alone forgets it whenever the page reads
 * its loaders again, which live pages do by themselves: a code shown once, or what is wrong with a form, would vanish.
 */
export function useAnswer<T>(): ReturnType<typeof useActionData<T>> {
  const answer = useActionData<T>()
  const { key } = useLocation()
  const kept = useRef<{ key: string; answer: ReturnType<typeof useActionData<T>> } | null>(null)
  if (answer !== undefined) kept.current = { key, answer }
  else if (kept.current?.key !== key) kept.current = null
  return kept.current?.answer
}
