/**
 * True when a request that changes something came from our own pages: its `Origin` is the base URL's, or (where people
 * reach us by another plain-http name) its host is the one the request was sent to; without `Origin`, the browser's
 * `Sec-Fetch-Site` says so. Neither header: not a browser's form, refused.
 */
export function isSameOrigin(headers: Headers, baseUrl: URL): boolean {
  const origin = headers.get("origin")
  if (origin === null) {
    const site = headers.get("sec-fetch-site")
    return site === "same-origin" || site === "none"
  }
  if (origin === baseUrl.origin) return true
  if (baseUrl.protocol === "https:" || !URL.canParse(origin)) return false
  return new URL(origin).host === headers.get("host")
}
