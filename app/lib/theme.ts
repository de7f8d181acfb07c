import { readCookie } from "./cookies.ts"

export const THEMES = ["system", "light", "dark"] as const
export type Theme = (typeof THEMES)[number]
const NAME = "lamproom_theme"

/** The reader's choice, kept in a cookie so that the first byte of the page has it: no flash. */
export function readTheme(request: Request): Theme {
  const value = readCookie(request, NAME)
  return THEMES.find((theme) => theme === value) ?? "system"
}

export function themeCookie(theme: Theme): string {
  return `${NAME}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`
}
