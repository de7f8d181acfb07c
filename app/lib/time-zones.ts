/** The IANA zones that this Node knows, UTC first. For loaders: the browser's own list may differ. */
export function timeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")]
}
