import type { RestoreFacts } from "#db/queries/backups.ts"
import { poolUrlSchema } from "#server/contract/command-parameters.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import { isDriverFamily } from "#server/contract/families.ts"

type Taken = { createdAt: Date; deviceId: number; hasPasswords: boolean }

/** What stands against restoring these settings now, one sentence each; none: nothing that can be seen from here. */
export function restoreProblems(config: MinerConfiguration, taken: Taken, now: RestoreFacts): string[] {
  return [
    ...(isDriverFamily(config.family) ? [] : [`This release has no driver for the family ${config.family}.`]),
    ...poolProblems(config),
    ...machineProblems(config, now),
    ...(taken.hasPasswords ? passwordProblems(taken, now) : []),
  ]
}

function poolProblems({ pools }: MinerConfiguration): string[] {
  const used = pools
    .map((pool, slot) => ({ ...pool, slot: slot + 1 }))
    .filter((pool) => pool.url || pool.user)
  if (used.length === 0) return ["It holds no pool: the machine would hash for nobody."]
  return used.flatMap(({ url, user, slot }) => {
    const parsed = poolUrlSchema.safeParse(url)
    return [
      ...(parsed.success
        ? []
        : [`Pool ${slot}: ${parsed.error.issues[0]?.message ?? "the address is wrong"}.`]),
      ...(user.trim() === ""
        ? [`Pool ${slot} has no worker.`]
        : /^[\x21-\x7e]+$/.test(user)
          ? []
          : [`Pool ${slot}: its worker has blanks or letters that pools do not read.`]),
    ]
  })
}

function machineProblems(config: MinerConfiguration, { miner, cannot }: RestoreFacts): string[] {
  if (!miner) return ["The machine is no longer known."]
  const problems: string[] = []
  if (miner.state === "retired") problems.push("The machine is retired.")
  if (miner.deviceId === null) problems.push("No collector reads the machine.")
  if (cannot) problems.push(`The machine cannot be restored: ${cannot.replace(/\.?$/, ".")}`)
  if (config.model && miner.model && config.model !== miner.model)
    problems.push(`It was taken when the machine was of the model ${config.model}; now it is ${miner.model}.`)
  if (config.firmware_version && miner.firmwareVersion && config.firmware_version !== miner.firmwareVersion)
    problems.push(
      `It was taken under firmware ${config.firmware_version}; now it is ${miner.firmwareVersion}, and settings may mean something else.`,
    )
  return problems
}

function passwordProblems(taken: Taken, { miner, device }: RestoreFacts): string[] {
  const lost = "so the pool passwords in it cannot be opened. Take a new backup."
  if (!device) return [`The collector that took it is gone, ${lost}`]
  if (device.revoked) return [`The collector that took it, ${device.name}, was revoked, ${lost}`]
  if (!device.hasKey) return [`The collector that took it, ${device.name}, has no key for secrets, ${lost}`]
  if (device.enrolledAt > taken.createdAt)
    return [
      `The collector that took it, ${device.name}, was enrolled again since and has another key, ${lost}`,
    ]
  if (miner && miner.deviceId !== null && miner.deviceId !== taken.deviceId)
    return [
      `Another collector, ${miner.deviceName ?? miner.deviceId}, reads the machine now than the one that took it, ${device.name}, ${lost}`,
    ]
  return []
}
