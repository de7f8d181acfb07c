// path: telemetry 7/8
import type { z } from "zod"
import { type BoardStep, readBoardSteps } from "#db/queries/telemetry-series.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { findMinerInScope, readMinerSeriesInput } from "./read-miner-series.ts"
import { seriesWindow, withGaps } from "./series-window.ts"

export type BoardPoint = Omit<BoardStep, "board">
export type BoardSeries = {
  boards: { board: number; points: BoardPoint[] }[]
  stepS: number
  from: Date
  to: Date
}

/** The course of every board that a machine told of, null where there was no sample. GH/s, °C. Throws NOT_FOUND. */
export async function readMinerBoardSeries(
  ctx: Context,
  input: z.input<typeof readMinerSeriesInput>,
): Promise<BoardSeries> {
  const { minerId, hours } = parseInput(readMinerSeriesInput, input)
  const { siteId, scope } = await findMinerInScope(ctx, minerId)
  const window = seriesWindow(ctx.now(), hours)
  const steps = await readBoardSteps(ctx.db, scope, { siteId, minerId }, window)
  const byBoard = new Map<number, BoardPoint[]>()
  for (const { board, ...point } of steps) {
    const points = byBoard.get(board)
    if (points) points.push(point)
    else byBoard.set(board, [point])
  }
  const gap = (at: Date): BoardPoint => ({
    at,
    hashrateGhs: null,
    tempC: null,
    tempChipMaxC: null,
    chipsOk: null,
    chipsTotal: null,
  })
  return {
    boards: [...byBoard].map(([board, points]) => ({ board, points: withGaps(window, points, gap) })),
    stepS: window.stepS,
    from: window.from,
    to: window.to,
  }
}
