/**
 * Families that are recognised but have no driver of their own yet. `make` is the hardware's; `cgminer` says that
 * the common protocol on port 4028 tells at least the totals.
 */
export const OTHER_FAMILIES: Readonly<Record<string, { make: string; name: string; cgminer: boolean }>> = {
}
