/** Numbers as LEAN writes them in its statistics. Imports nothing: a hook that has to start at once reads them too. */

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined

/** The number in LEAN's text: "2.200%", "$1,234.50", "-$3.44", "1E-05". Percents become ratios. */
export const leanNumber = (value: unknown): number | undefined => {
  const text = textOf(value)?.replaceAll(/[$,\s]/gu, "")
  if (text === undefined || !/^-?\d+(?:\.\d+)?(?:E[-+]?\d+)?%?$/iu.test(text)) return undefined
  const number = Number.parseFloat(text)
  if (!Number.isFinite(number)) return undefined
  return text.endsWith("%") ? number / 100 : number
}
