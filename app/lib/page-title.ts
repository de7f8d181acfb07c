import type { MetaDescriptor } from "@remix-run/node"
import { type TextKey, translator } from "./strings/translate.ts"

const t = translator("en")

/** The `<title>` of a page by its key, or by the name of what it shows. */
export function pageTitle(key: TextKey | null, name?: string): MetaDescriptor[] {
  // Titles take no values: their keys are plain texts.
  const title = name ?? (key ? (t as (key: TextKey) => string)(key) : null)
  return [{ title: title ? `${title} · ${t("common.product")}` : t("common.product") }]
}
