/** An address of our own to go back to, or `otherwise`. Never leads to another host. */
export function ownPath(to: string | null | undefined, otherwise: string): string {
  if (!to || !/^\/(?![/\\])/.test(to) || /[\p{Cc}]/u.test(to)) return otherwise
  return to
}
