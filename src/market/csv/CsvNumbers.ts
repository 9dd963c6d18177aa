/**
 * Numbers as spreadsheets and brokers write them, made plain.
 *
 * Whether "1,234" is a thousand or one and a bit is decided once for a whole
 * file, from the numbers that can be read in one way only; when none can, it
 * is refused rather than guessed.
 */
import { Result } from "effect"

/** Which sign parts whole from fraction; the other one, if any, groups thousands. */
export type DecimalSign = "." | ","

/** What vendors write where they have no number. */
const blanks: ReadonlySet<string> = new Set(["null", "nan", "n/a", "-"])

const bare = (text: string): string => {
  const number = text.trim().replace(/^\$\s*/u, "")
  return blanks.has(number.toLowerCase()) ? "" : number
}

/** Readings that leave no doubt about the decimal sign. */
const onlyPoint = [
  /^\d{1,3}(?:,\d{3})+\.\d+$/u,
  /^\d{1,3}(?:,\d{3}){2,}$/u,
  /^\d+\.(?:\d{1,2}|\d{4,})$/u,
  /^(?:\d{4,}|0)\.\d+$/u
]
const onlyComma = [
  /^\d{1,3}(?:\.\d{3})+,\d+$/u,
  /^\d{1,3}(?:\.\d{3}){2,}$/u,
  /^\d+,(?:\d{1,2}|\d{4,})$/u,
  /^(?:\d{4,}|0),\d+$/u
]
const either = /^\d{1,3},\d{3}$/u

/** The decimal sign of a file, from all of its numbers; or, in words, why it cannot be told. */
export const decimalSignOf = (texts: Iterable<string>): Result.Result<DecimalSign, string> => {
  let point: string | undefined
  let comma: string | undefined
  let doubtful: string | undefined
  for (const text of texts) {
    const number = bare(text)
    if (point === undefined && onlyPoint.some((pattern) => pattern.test(number))) point = number
    if (comma === undefined && onlyComma.some((pattern) => pattern.test(number))) comma = number
    if (doubtful === undefined && either.test(number)) doubtful = number
  }
  if (point !== undefined && comma !== undefined) {
    return Result.fail(
      `"${point.slice(0, 40)}" has a decimal point and "${comma.slice(0, 40)}" a decimal comma: write all numbers in one way`
    )
  }
  if (comma !== undefined) return Result.succeed(",")
  if (point === undefined && doubtful !== undefined) {
    return Result.fail(
      `"${doubtful}" may be a thousand or a fraction, and no other number of the file tells: write numbers without thousands separators`
    )
  }
  return Result.succeed(".")
}

const groupedByComma = /^-?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/u
const groupedByPoint = /^-?\d{1,3}(?:\.\d{3})+(?:,\d*)?$/u
const withComma = /^-?\d+,\d*$/u

/**
 * The number with a decimal point and nothing else: "$1,234.50" → "1234.50". A text that is no
 * number stays as it is, for whoever reports it; a vendor's blank ("null", "N/A") is empty.
 */
export const plainNumber = (text: string, sign: DecimalSign): string => {
  const number = bare(text)
  if (sign === ".") return groupedByComma.test(number) ? number.replaceAll(",", "") : number
  if (groupedByPoint.test(number)) return number.replaceAll(".", "").replace(",", ".")
  return withComma.test(number) ? number.replace(",", ".") : number
}
