/** How numbers and tables read on a terminal. */
import { formatMicros, MICROS } from "../../domain/Money.ts"

/** Colours, or plain text where they are not wanted. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

const plain = (text: string): string => text
const ansi =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001B[${on}m${text}\u001B[${off}m`

export const plainStyle: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain }
export const colourStyle: Style = {
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  red: ansi(31, 39),
  green: ansi(32, 39),
  yellow: ansi(33, 39)
}

const grouped = (whole: string): string => whole.replace(/\B(?=(?:\d{3})+$)/gu, ",")

/** Micros with thousands separated and at least two decimals: "1,469.25". Sub-cent digits are kept. */
export const decimal = (micros: number, minimumDecimals = 2): string => {
  const [whole = "0", fraction] = formatMicros(Math.abs(micros), minimumDecimals).split(".")
  return `${micros < 0 ? "-" : ""}${grouped(whole)}${fraction === undefined ? "" : `.${fraction}`}`
}

/** Rounded half away from zero to the cent: for showing, where books go to the micro. */
const cents = (micros: number): number =>
  Math.sign(micros) * Math.floor((Math.abs(micros) + 5000) / 10_000) * 10_000

/** "$100,000.00", "-$12.34". */
export const usd = (micros: number): string => {
  const rounded = cents(micros)
  return `${rounded < 0 ? "-" : ""}$${decimal(Math.abs(rounded))}`
}

/** "+$12.34". */
export const signedUsd = (micros: number): string => `${cents(micros) < 0 ? "" : "+"}${usd(micros)}`

/** As `signedUsd`, of a float of dollars. */
export const dollarsText = (dollars: number): string => signedUsd(Math.round(dollars * 100) * 10_000)

/** A float without a negative zero. */
export const plainNumber = (value: number, decimals: number): string => {
  const text = value.toFixed(decimals)
  return Number(text) === 0 ? (0).toFixed(decimals) : text
}

/** A price to the cent; below a dollar to its last digit. What is exact is in the JSON. */
export const priceWords = (micros: number): string =>
  decimal(Math.abs(micros) < MICROS ? micros : cents(micros))

/** "25.00%" of a ratio. */
export const percent = (ratio: number): string => {
  const text = (ratio * 100).toFixed(2)
  return `${/^-0\.0+$/u.test(text) ? text.slice(1) : text}%`
}

/** "+0.31%". */
export const signedPercent = (ratio: number): string => `${ratio < 0 ? "-" : "+"}${percent(Math.abs(ratio))}`

/** Shares without needless zeros: "10", "0.5". */
export const shareCount = (micros: number): string => decimal(micros, 0)

/** `count` of something in words: "1 position", "2 positions". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const escapes = new RegExp(String.raw`\u001B\[\d+m`, "gu")
const width = (text: string): number => text.replace(escapes, "").length

/** Columns padded to their widest cell, two spaces apart; a column named in `right` is aligned to the right. */
export const table = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  options: { readonly right?: ReadonlyArray<number>; readonly indent?: string } = {}
): ReadonlyArray<string> => {
  const { indent = "", right = [] } = options
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))))
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const padding = " ".repeat((widths[i] ?? 0) - width(cell))
      return right.includes(i) ? padding + cell : cell + padding
    })
    return (indent + cells.join("  ")).trimEnd()
  })
}
