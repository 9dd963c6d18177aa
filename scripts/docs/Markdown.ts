/** Markdown as the documentation's generator writes it. */

/** A table's row; what would end a cell is escaped. */
const row = (cells: ReadonlyArray<string>): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`).replaceAll("\n", " ")).join(" | ")} |`

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n")

export const code = (text: string): string => `\`${text}\``

/** A value's members on lines of their own, unless they fit on one. */
const MAX_LINE = 96
/** Items of a list that are shown, and the longest text. */
const MAX_ITEMS = 2
const MAX_TEXT = 400

/** A refusal is what a list of verdicts is read for. */
const isDenial = (item: unknown): boolean =>
  typeof item === "object" && item !== null && "outcome" in item && item.outcome === "deny"

const shownOf = (items: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const denied = items.filter(isDenial)
  return denied.length === 0
    ? items.slice(0, MAX_ITEMS)
    : [...items.slice(0, 1), ...denied.slice(0, MAX_ITEMS)]
}

const cut = (value: unknown): unknown => {
  if (typeof value === "string") return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value
  if (Array.isArray(value)) {
    const items = value.map(cut)
    const short = items.every((item) => typeof item !== "object" || item === null) && items.length <= 8
    if (short || items.length <= MAX_ITEMS + 1) return items
    const shown = shownOf(items)
    return [...shown, `… ${items.length - shown.length} more`]
  }
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner)]))
}

const printed = (value: unknown, indent: string): string => {
  const flat = JSON.stringify(value)
  if (typeof value !== "object" || value === null || flat.length + indent.length <= MAX_LINE) {
    return flat.replaceAll(/^\{(?=.)|(?<=[^{])\}$/gu, (brace) => (brace === "{" ? "{ " : " }"))
  }
  const deeper = `${indent}  `
  return Array.isArray(value)
    ? `[\n${value.map((item) => `${deeper}${printed(item, deeper)}`).join(",\n")}\n${indent}]`
    : `{\n${Object.entries(value)
        .map(([key, inner]) => `${deeper}${JSON.stringify(key)}: ${printed(inner, deeper)}`)
        .join(",\n")}\n${indent}}`
}

export const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

/** A value as JSON, long lists cut. */
export const json = (value: unknown): string => fenced("json", printed(cut(value), ""))
