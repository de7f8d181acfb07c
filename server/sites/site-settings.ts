import { z } from "zod"

/** What people set about a site, with its limits. Shared by create and update, so that both judge alike. */
const tempC = z.number("Give a temperature in °C.").min(30, "At least 30 °C.").max(150, "At most 150 °C.")

const percent = (least: number) =>
  z.number().int("Whole per cent.").min(least, `At least ${least} %.`).max(100, "At most 100 %.")

export const siteSettingsSchema = z.object({
  slug: z
    .string()
    .trim()
    .toLowerCase()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$/,
      "Use 1 to 50 small letters, digits and dashes, no dash at either end.",
    )
    .refine((slug) => !RESERVED_SLUGS.has(slug), "This word is an address of the product itself."),
  name: z.string().trim().min(1, "Give the site a name.").max(100, "At most 100 characters."),
  location: z.string().trim().max(200, "At most 200 characters.").nullable().transform(emptyToNull),
  timezone: z.string().refine(isTimeZone, "Give a time zone by its IANA name, like Europe/Oslo."),
  contact: z.string().trim().max(500, "At most 500 characters.").nullable().transform(emptyToNull),
  pollIntervalS: z
    .number()
    .int("Whole seconds.")
    .min(10, "At least 10 seconds.")
    .max(600, "At most 600 seconds."),
  chipWarningC: tempC,
  chipCriticalC: tempC,
  boardWarningC: tempC,
  boardCriticalC: tempC,
  /** Harmless commands with no more targets than this need no approval. */
  approvalBatchThreshold: z.number().int().min(0, "At least 0.").max(100_000, "At most 100,000."),
  twoPersonRule: z.boolean(),
  clientCommandsAllowed: z.boolean(),
  wavePercent: percent(1),
  wavePauseS: z
    .number()
    .int("Whole seconds.")
    .min(0, "At least 0 s.")
    .max(86_400, "At most 86,400 s: a day."),
  waveFailPercent: percent(0),
  waveHashPercent: percent(0),
  commandTtlMinutes: z
    .number()
    .int("Whole minutes.")
    .min(1, "At least 1 minute.")
    .max(1_440, "At most 1,440 minutes: a day."),
  commandCap: z.number().int().min(1, "At least 1.").max(500, "At most 500."),
  backupBeforeChange: z.boolean(),
  /** Days of 5-minute history; 0 keeps it. */
  historyDays: z.number().int().min(0, "0 keeps it for good.").max(3_650, "At most 3,650 days."),
  statusPageEnabled: z.boolean(),
  statusShowHashrate: z.boolean(),
})
export type SiteSettings = z.output<typeof siteSettingsSchema>

const RESERVED_SLUGS = new Set(["new", "edit", "settings"])

export const SITE_DEFAULTS = {
  location: null,
  timezone: "UTC",
  contact: null,
  pollIntervalS: 60,
  chipWarningC: 85,
  chipCriticalC: 95,
  boardWarningC: 70,
  boardCriticalC: 80,
  approvalBatchThreshold: 1,
  twoPersonRule: false,
  clientCommandsAllowed: false,
  wavePercent: 10,
  wavePauseS: 60,
  waveFailPercent: 10,
  waveHashPercent: 80,
  commandTtlMinutes: 30,
  commandCap: 32,
  backupBeforeChange: false,
  historyDays: 30,
  statusPageEnabled: false,
  statusShowHashrate: true,
} as const satisfies Omit<SiteSettings, "slug" | "name">

/** Rules between settings, on the whole of them. */
export const wholeSiteSettingsSchema = siteSettingsSchema.superRefine((site, check) => {
  for (const [warning, critical] of [
    ["chipWarningC", "chipCriticalC"],
    ["boardWarningC", "boardCriticalC"],
  ] as const)
    if (site[warning] >= site[critical])
      check.addIssue({
        code: "custom",
        path: [critical],
        message: "The critical limit must be above the warning.",
      })
})

/** Settings that `edge.config` sends. */
export const EDGE_SETTINGS = [
  "slug",
  "name",
  "timezone",
  "pollIntervalS",
  "chipWarningC",
  "chipCriticalC",
  "boardWarningC",
  "boardCriticalC",
  "commandCap",
] as const satisfies (keyof SiteSettings)[]

function isTimeZone(name: string): boolean {
  // Offsets such as +01:00 are understood by Intl but are no zones.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function emptyToNull(text: string | null): string | null {
  return text === "" ? null : text
}
