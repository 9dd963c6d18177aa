/**
 * One casing for LEAN's files. Names of properties are in camel case since May
 * 2024, in Pascal case before, and with dashes in older files of order events;
 * keys of dictionaries ("Sharpe Ratio", "Strategy Equity", an order's id) are
 * data and stay as they are.
 */

/** Properties that hold dictionaries. */
const dictionaries: ReadonlySet<string> = new Set([
  "charts",
  "orders",
  "parameters",
  "profitLoss",
  "rollingWindow",
  "runtimeStatistics",
  "series",
  "serverStatistics",
  "statistics"
])

/** Nothing LEAN writes is deeper; what is deeper is left out. */
const MAX_DEPTH = 16

const camel = (name: string): string => {
  if (name.includes("-"))
    return name.replaceAll(/-(?<letter>[a-z])/gu, (_, letter: string) => letter.toUpperCase())
  // "ID", "MAE"
  if (/^[A-Z]+$/u.test(name)) return name.toLowerCase()
  return name.slice(0, 1).toLowerCase() + name.slice(1)
}

const recase = (value: unknown, areData: boolean, depth: number): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (depth > MAX_DEPTH) return null
  if (Array.isArray(value)) return value.map((one) => recase(one, false, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = areData ? key : camel(key)
      return [name, recase(inner, !areData && dictionaries.has(name), depth + 1)]
    })
  )
}

/** A value of one of LEAN's files with the names of its properties in camel case. */
export const inCamelCase = (value: unknown): unknown => recase(value, false, 0)
