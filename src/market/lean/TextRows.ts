/** Lines of a small text file, numbered as an editor numbers them. */
export interface TextRow {
  /** 1-based. */
  readonly row: number
  readonly fields: ReadonlyArray<string>
}

/** Comma-separated rows without quoting (LEAN's map and factor files); blank lines are passed over. */
export const textRows = (text: string): ReadonlyArray<TextRow> => {
  const rows: Array<TextRow> = []
  text.split("\n").forEach((line, index) => {
    const trimmed = line.trim()
    if (trimmed !== "") rows.push({ row: index + 1, fields: trimmed.split(",").map((field) => field.trim()) })
  })
  return rows
}
