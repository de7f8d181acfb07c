import { type Config, ConfigError, readConfig } from "./config.ts"

/**
 * The outside of a long-running process: `--help`, configuration, one line when it runs, a graceful end on SIGTERM and
 * SIGINT. Exits 2 on a bad configuration, 1 when it cannot start or stop.
 */
export async function runService(service: {
  help: string
  start: (config: Config) => Promise<{ close: () => Promise<void>; running: string }>
}): Promise<void> {
  const argv = process.argv.slice(2)
  if (argv.includes("--help") || argv.includes("-h")) return void process.stdout.write(service.help)
  try {
    const { close, running } = await service.start(readConfig(argv))
    process.stdout.write(`${running}\n`)
    let stopping = false
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.on(signal, () => {
        if (stopping) return
        stopping = true
        close().then(
          () => process.exit(0),
          () => process.exit(1),
        )
      })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(error instanceof ConfigError ? 2 : 1)
  }
}
