/** Passwords that machines leave the factory with, in any case: a machine that keeps one is open to everybody. */
const FACTORY_PASSWORDS: ReadonlySet<string> = new Set([
  "root",
  "admin",
  "super",
  "letmein",
  "proto",
  "innominer",
  "123456789",
  "12345678",
  "ltc@dog",
])
export function isFactoryPassword(password: string): boolean {
  return FACTORY_PASSWORDS.has(password.toLowerCase())
}
