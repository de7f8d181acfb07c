import "./node-version.ts"
import type { BenchResult } from "../bench/bench.ts"
import { BENCHMARKS } from "../bench/catalogue.ts"

const USAGE = `
npm run bench -- NAME [--json]   runs one benchmark, or all of them with the name all
npm run bench -- --list          their names
`

function print(result: BenchResult): void {
  console.log(
    `${result.name}  (${result.seconds.toFixed(0)} s, ${result.machine.cpus} CPUs, ${result.machine.memory_gb} GB, Node ${result.machine.node}, PostgreSQL ${result.machine.postgres})`,
  )
  for (const [key, figure] of Object.entries(result.figures)) {
    const limit = figure.limit === null ? "" : `  limit ${figure.limit}  ${figure.met ? "met" : "NOT MET"}`
    console.log(
      `  ${key.padEnd(34)} ${String(Math.round(figure.value * 1000) / 1000).padStart(12)} ${figure.unit}${limit}`,
    )
  }
}

const args = process.argv.slice(2)
const json = args.includes("--json")
const name = args.find((arg) => !arg.startsWith("--"))
if (args.includes("--list")) console.log(Object.keys(BENCHMARKS).join("\n"))
else if (name === undefined || args.includes("--help")) console.log(USAGE.trim())
else if (name !== "all" && !(name in BENCHMARKS)) {
  console.error(`No benchmark is called ${name}. There are: ${Object.keys(BENCHMARKS).join(", ")}.`)
  process.exit(2)
} else {
  const results: BenchResult[] = []
  for (const each of name === "all" ? Object.keys(BENCHMARKS) : [name]) {
    const result = await BENCHMARKS[each]?.()
    if (!result) continue
    results.push(result)
    if (!json) print(result)
  }
  if (json) console.log(JSON.stringify(name === "all" ? results : results[0]))
}
