/** A cell of a CSV file; null is empty. */
export type CsvCell = string | number | boolean | Date | null

/**
 * One line of a CSV file (RFC 4180) with its line end. Times are ISO 8601 in UTC. Text that a spreadsheet would take for a
 * formula gets a leading apostrophe; numbers are left as they are.
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellText).join(",")}\r\n`
}

function cellText(cell: CsvCell): string {
  if (cell === null) return ""
  if (cell instanceof Date) return cell.toISOString()
  if (typeof cell !== "string") return String(cell)
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What spreadsheets begin a formula with, also behind blanks and what cannot be seen. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u
