/** Boards by `boardVersion`, as the open firmware has them: one chip type says nothing of the product. */
export type AxeBoard = { model: string; chips: number }

const board = (model: string, chips: number, ...versions: string[]) =>
  versions.map((version) => [version, { model, chips }] as const)

const BOARDS: ReadonlyMap<string, AxeBoard> = new Map([
  ...board("Max", 1, "2.2", "102"),
  ...board("Ultra", 1, "0.11", "201", "202", "203", "204", "205", "206", "207"),
  ...board("Hex", 6, "302", "303"),
  ...board("Supra", 1, "400", "401", "402", "403"),
  ...board("Gamma", 1, "600", "601", "602", "603"),
  ...board("GammaDuo", 2, "650"),
  ...board("SupraHex", 6, "701", "702"),
  ...board("GammaTurbo", 2, "801"),
])

export function axeBoard(boardVersion: string | null): AxeBoard | null {
  return boardVersion === null ? null : (BOARDS.get(boardVersion) ?? null)
}
