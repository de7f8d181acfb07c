import { createContext, useContext } from "react"
import { type Translate, translator } from "./translate.ts"

/** The reader's language; `root.tsx` provides it. */
export const TranslateContext = createContext<Translate>(translator("en"))

export function useT(): Translate {
  return useContext(TranslateContext)
}
