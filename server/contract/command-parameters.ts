import { z } from "zod"
import { minerUsernameSchema, newMinerPasswordSchema } from "./miner-credentials.ts"

/** Parameters of every command type, with their ranges: validated at request, at dispatch and at the edge. */

/** Printable, without spaces: pools read worker names and passwords up to the next blank. */
const word = (what: string, max: number) =>
  z
    .string()
    .max(max, `${what} must have at most ${max} characters`)
    .regex(/^[\x21-\x7e]*$/, `${what} must be printable ASCII without spaces`)

const POOL_URL =
  /^(?:stratum\+(?:tcp|ssl):\/\/(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\]):\d{1,5}|stratum2\+tcp:\/\/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*:\d{1,5}(?:\/[A-Za-z0-9]+)?)$/

/** `stratum+tcp`, `stratum+ssl` or `stratum2+tcp`, host and port. */
export const poolUrlSchema = z
  .string()
  .trim()
  .max(255, "a pool address must have at most 255 characters")
  .regex(POOL_URL, "a pool address must be stratum+tcp://host:port, stratum+ssl:// or stratum2+tcp://")
  .refine((url) => {
    const port = Number(/:(\d+)(?:\/[A-Za-z0-9]+)?$/.exec(url)?.[1])
    return port >= 1 && port <= 65_535
  }, "the port of a pool address must be 1 to 65535")

/**
 * The payout worker. `{worker}` stands for what follows the first dot of the miner's present worker name (the miner's
 * own part), `{label}` and `{ip}` for the machine's; the edge fills them in from the machine itself.
 */
export const WORKER_PLACEHOLDERS = ["{worker}", "{label}", "{ip}"] as const
export const workerNameSchema = word("a worker name", 128)
  .min(1, "say a worker name")
  .refine(
    (name) =>
      (name.match(/\{[^}]*\}?/g) ?? []).every((part) =>
        (WORKER_PLACEHOLDERS as readonly string[]).includes(part),
      ),
    "the placeholders of a worker name are {worker}, {label} and {ip}",
  )

const poolSchema = z.strictObject({ url: poolUrlSchema, worker_name: workerNameSchema })
const poolWithPasswordSchema = poolSchema.extend({ password: word("a pool password", 128).default("x") })
const poolNumberSchema = z.number().int().min(0).max(2)

/** `pool_url, worker_name, password, pool_number` of the older endpoints: one pool in one slot, the others stay. */
const oldPoolNames = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || !("pool_url" in value)) return value
  const { pool_url, worker_name, password, pool_password, pool_number, ...rest } = value as Record<
    string,
    unknown
  >
  const secret = password ?? pool_password
  return {
    ...rest,
    pools: [{ url: pool_url, worker_name, ...(secret === undefined ? {} : { password: secret }) }],
    pool_number: pool_number ?? 0,
  }
}
const oneForSlot = (value: { pools: unknown[]; pool_number?: number | undefined }) =>
  value.pool_number === undefined || value.pools.length === 1
const ONE_FOR_SLOT = "pool_number changes one slot: give exactly one pool with it"

/** Without `pool_number` the pools become slots 0, 1 and 2 and the rest is emptied; with it only that slot changes. */
const changePoolSchema = z.preprocess(
  oldPoolNames,
  z
    .strictObject({
      pools: z.array(poolWithPasswordSchema).min(1).max(3),
      pool_number: poolNumberSchema.optional(),
    })
    .refine(oneForSlot, ONE_FOR_SLOT),
)
const storedChangePoolSchema = z
  .strictObject({ pools: z.array(poolSchema).min(1).max(3), pool_number: poolNumberSchema.optional() })
  .refine(oneForSlot, ONE_FOR_SLOT)

const nothing = z.strictObject({})
const powerModeSchema = z.union(
  [
    z.strictObject({ mode: z.enum(["high", "normal", "eco", "sleep"]) }),
    z.strictObject({ power_limit_w: z.number().int().min(100).max(20_000) }),
  ],
  "give either mode (high, normal, eco, sleep) or power_limit_w (100 to 20,000)",
)
const temperature = z.number().min(30).max(110)
const thermalPolicySchema = z
  .strictObject({
    fan_mode: z.enum(["auto", "manual", "immersion"]),
    /** Of the fans' full speed; only with `manual`. */
    fan_speed_pct: z.number().int().min(0).max(100).optional(),
    temp_warning_c: temperature.optional(),
    temp_critical_c: temperature.optional(),
  })
  .refine((policy) => (policy.fan_mode === "manual") === (policy.fan_speed_pct !== undefined), {
    error: "fan_speed_pct belongs to fan_mode manual, and only to it",
    path: ["fan_speed_pct"],
  })
  .refine(
    (policy) =>
      policy.temp_critical_c === undefined ||
      policy.temp_warning_c === undefined ||
      policy.temp_critical_c > policy.temp_warning_c,
    { error: "temp_critical_c must be above temp_warning_c", path: ["temp_critical_c"] },
  )
  .refine((policy) => (policy.temp_critical_c === undefined) === (policy.temp_warning_c === undefined), {
    error: "temp_warning_c and temp_critical_c go together",
    path: ["temp_critical_c"],
  })

const backupNameSchema = z.string().trim().min(1, "name the backup").max(80)

/** Without a user name the machine keeps the one it has. */
const storedLoginSchema = z.strictObject({ username: minerUsernameSchema.optional() })
const loginSchema = storedLoginSchema.extend({ password: newMinerPasswordSchema })

const plainActions = [
  z.object({ type: z.literal("REBOOT"), parameters: z.strictObject({ mode: z.enum(["soft", "hard"]) }) }),
  z.object({ type: z.literal("ENABLE"), parameters: nothing }),
  z.object({ type: z.literal("DISABLE"), parameters: nothing }),
  z.object({ type: z.literal("POWER_MODE"), parameters: powerModeSchema }),
  z.object({
    type: z.literal("SET_FREQ"),
    parameters: z.strictObject({
      frequency_mhz: z.number().min(50).max(1_500),
      profile: z.string().trim().min(1).max(64).optional(),
    }),
  }),
  z.object({ type: z.literal("THERMAL_POLICY"), parameters: thermalPolicySchema }),
  z.object({ type: z.literal("LED"), parameters: z.strictObject({ state: z.enum(["on", "off"]) }) }),
  z.object({
    type: z.literal("BACKUP_CONFIG"),
    parameters: z.strictObject({
      name: backupNameSchema,
      description: z.string().trim().max(500).optional(),
    }),
  }),
  z.object({ type: z.literal("RESTORE_CONFIG"), parameters: z.strictObject({ backup_id: z.uuid() }) }),
  z.object({ type: z.literal("UPDATE_FIRMWARE"), parameters: z.strictObject({ artifact_id: z.uuid() }) }),
] as const

/** Type and parameters with their secrets: what a form sends, and what the edge acts on. */
export const commandActionSchema = z.discriminatedUnion("type", [
  ...plainActions,
  z.object({ type: z.literal("CHANGE_POOL"), parameters: changePoolSchema }),
  z.object({ type: z.literal("SET_LOGIN"), parameters: loginSchema }),
])
export type CommandAction = z.output<typeof commandActionSchema>
export type ActionOf<T extends CommandAction["type"]> = Extract<CommandAction, { type: T }>

/** The same without secrets: what the database, the audit, the gateway's answers and the pages hold. */
export const storedActionSchema = z.discriminatedUnion("type", [
  ...plainActions,
  z.object({ type: z.literal("CHANGE_POOL"), parameters: storedChangePoolSchema }),
  z.object({ type: z.literal("SET_LOGIN"), parameters: storedLoginSchema }),
])
export type StoredAction = z.output<typeof storedActionSchema>

/** What is sealed to the collectors, as JSON; pool passwords in the order of `pools`, or a login's one. */
export const commandSecretsSchema = z.strictObject({ passwords: z.array(z.string().max(128)).max(3) })
export type CommandSecrets = z.infer<typeof commandSecretsSchema>

/** Takes an action apart into what may be stored and what must be sealed; null: it carries no secret. */
export function splitSecrets(action: CommandAction): {
  action: StoredAction
  secrets: CommandSecrets | null
} {
  if (action.type === "SET_LOGIN") {
    const { password, ...parameters } = action.parameters
    return { action: { type: "SET_LOGIN", parameters }, secrets: { passwords: [password] } }
  }
  if (action.type !== "CHANGE_POOL") return { action, secrets: null }
  const { pools, ...rest } = action.parameters
  return {
    action: {
      type: "CHANGE_POOL",
      parameters: { ...rest, pools: pools.map(({ url, worker_name }) => ({ url, worker_name })) },
    },
    secrets: { passwords: pools.map((pool) => pool.password) },
  }
}

/** The other way around, at the edge. Throws when the two do not fit each other. */
export function joinSecrets(action: StoredAction, secrets: CommandSecrets | null): CommandAction {
  if (action.type === "SET_LOGIN") {
    if (secrets?.passwords.length !== 1) throw new Error("the sealed password does not fit the login")
    const [password] = secrets.passwords
    return commandActionSchema.parse({ ...action, parameters: { ...action.parameters, password } })
  }
  if (action.type !== "CHANGE_POOL") return action
  if (secrets?.passwords.length !== action.parameters.pools.length)
    throw new Error("the sealed passwords do not fit the pools")
  const pools = action.parameters.pools.map((pool, slot) => ({ ...pool, password: secrets.passwords[slot] }))
  return commandActionSchema.parse({ ...action, parameters: { ...action.parameters, pools } })
}

/** The older endpoints' names for types and what they mean; any case. */
const ALIASES: Record<string, { type: CommandAction["type"]; parameters?: Record<string, unknown> }> = {
  restart: { type: "REBOOT", parameters: { mode: "soft" } },
  reboot: { type: "REBOOT", parameters: { mode: "hard" } },
  enable: { type: "ENABLE" },
  power_on: { type: "ENABLE" },
  disable: { type: "DISABLE" },
  power_off: { type: "DISABLE" },
  set_pool: { type: "CHANGE_POOL" },
  pool_switch: { type: "CHANGE_POOL" },
  set_frequency: { type: "SET_FREQ" },
  set_fan: { type: "THERMAL_POLICY" },
}

/** An older name and its parameters as type and parameters of the contract; other names pass in upper case. */
export function actionOfAlias(
  name: string,
  parameters: Record<string, unknown> = {},
): { type: string; parameters: Record<string, unknown> } {
  const alias = ALIASES[name.toLowerCase()]
  return alias
    ? { type: alias.type, parameters: { ...alias.parameters, ...parameters } }
    : { type: name.toUpperCase(), parameters }
}
