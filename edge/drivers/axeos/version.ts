/** `v2.4.5-3-gb5d1e36-dirty` and the like; false where the firmware does not tell. */
export function isSince(version: string | null, major: number, minor: number): boolean {
  const found = /^v?(\d{1,3})\.(\d{1,3})/.exec(version ?? "")
  if (found === null) return false
  const [have, haveMinor] = [Number(found[1]), Number(found[2])]
  return have > major || (have === major && haveMinor >= minor)
}
