import { FAMILY_NAMES, isDriverFamily } from "#server/contract/families.ts"

/** What people call a family of miners: proper names, the same in every language. */
export function familyName(family: string): string {
  return isDriverFamily(family) ? FAMILY_NAMES[family] : family
}
