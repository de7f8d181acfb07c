import { isDriverFamily } from "#server/contract/families.ts"
import type { Translate } from "./strings/translate.ts"

/** What people call a family of miners. */
export function familyName(t: Translate, family: string): string {
  return isDriverFamily(family) ? t(`firmware.families.${family}`) : family
}
