import { en } from "./en.ts"

/** A text, or its forms by number (`Intl.PluralRules` of the language chooses by `count`). */
type Leaf = string | { readonly one: string; readonly other: string }

type Paths<T> = {
  [K in keyof T & string]: T[K] extends Leaf ? K : `${K}.${Paths<T[K]>}`
}[keyof T & string]
type At<T, P extends string> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : P extends keyof T
    ? T[P]
    : never
type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type NamesOf<L> = L extends { readonly other: infer Other } ? Names<Other> | "count" : Names<L>

/** Every text of the catalogue by its dotted path. */
export type TextKey = Paths<typeof en>
type Arguments<K extends TextKey> = [NamesOf<At<typeof en, K>>] extends [never]
  ? []
  : [values: Record<NamesOf<At<typeof en, K>>, string | number>]

/** `t("miners.selected", { count: 3 })`: the text of a key, its `{names}` filled in; both checked by the compiler. */
export type Translate = <K extends TextKey>(key: K, ...values: Arguments<K>) => string

/** What a translation has to bring: the same tree, any words. */
export type Catalogue = Words<typeof en>
type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Words<T[K]> }

export const LOCALES = ["en"] as const
export type Locale = (typeof LOCALES)[number]
const CATALOGUES: Record<Locale, Catalogue> = { en }

/** The translator of a language. */
export function translator(locale: Locale): Translate {
  const catalogue = CATALOGUES[locale]
  const plural = new Intl.PluralRules(locale)
  return (key, ...[values]) => {
    const leaf = key
      .split(".")
      .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], catalogue) as Leaf
    const given = (values ?? {}) as Record<string, string | number>
    const text = typeof leaf === "string" ? leaf : leaf[formOf(plural, given.count)]
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = given[name]
      return typeof value === "number" ? value.toLocaleString(locale) : String(value ?? "")
    })
  }
}

function formOf(plural: Intl.PluralRules, count: string | number | undefined): "one" | "other" {
  return plural.select(Number(count)) === "one" ? "one" : "other"
}
