import { number } from "../transport/coerce.ts"

const S9_FIRST = 6

/** Boards are numbered from 6 on the S9, else from 1, or from 0 where one says so: slots from 0, in order. */
export function slotsOf(ids: readonly unknown[]): number[] {
  const known = ids.map((id, at) => {
    const value = number(id)
    return value !== null && Number.isInteger(value) && value >= 0 && value <= 200 ? value : at
  })
  const lowest = Math.min(...known)
  const first = lowest >= S9_FIRST ? S9_FIRST : lowest === 0 ? 0 : 1
  return known.map((id) => id - first)
}

/** Boards from 6 are the S9's and its kin's, which have two fans though four are told. */
export function fansOfNumbering(ids: readonly unknown[]): number | null {
  const known = ids.map(number).filter((id) => id !== null)
  return known.length > 0 && Math.min(...known) >= S9_FIRST ? 2 : null
}
