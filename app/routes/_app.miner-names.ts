import type { LoaderFunctionArgs } from "@remix-run/node"
import { reads } from "#app/lib/page.ts"
import { readMiner } from "#server/fleet/read-miner.ts"

/** For a live notice: what the machine that went or came back is called, if there is only one. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, url }) => {
    const ids = (url.searchParams.get("ids") ?? "").split(",").map(Number).filter(Number.isInteger)
    const change = url.searchParams.get("change") === "online" ? ("online" as const) : ("offline" as const)
    const count = Number(url.searchParams.get("count")) || ids.length
    const only = count === 1 ? ids[0] : undefined
    if (only === undefined) return { change, count, name: null, minerId: null }
    const { miner } = await readMiner(ctx, { minerId: only })
    return { change, count, name: miner.label ?? miner.minerId, minerId: only }
  })
}
