import { type Config, ConfigError, readConfig } from "../config.ts"

/** `--help` and configuration for a command line: prints and exits on either help or a bad variable (2). */
export function readCommandLine(
  usage: string,
  argv: string[] = process.argv.slice(2),
): { config: Config; argv: string[] } {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(usage.trim())
    process.exit(0)
  }
  try {
    return { config: readConfig(argv), argv }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(2)
  }
}
