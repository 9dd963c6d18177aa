/** Which column of a CSV is which, from the names people and vendors give them. */
import { Result } from "effect"

export type ColumnRole = "date" | "time" | "open" | "high" | "low" | "close" | "volume" | "symbol"

/** Yahoo, Stooq, Alpha Vantage, Nasdaq, MetaTrader and plain habits; compared after `plainName`. */
const namesOf: Readonly<Record<ColumnRole, ReadonlyArray<string>>> = {
  date: ["date", "timestamp", "datetime", "date time"],
  time: ["time"],
  open: ["open", "o", "open price"],
  high: ["high", "h", "high price"],
  low: ["low", "l", "low price"],
  close: ["close", "c", "last", "close/last", "close price"],
  volume: ["volume", "vol", "v"],
  symbol: ["symbol", "ticker"]
}

const roles = ["date", "time", "open", "high", "low", "close", "volume", "symbol"] as const

export interface Columns {
  /** Position from 0 of each column that was found. */
  readonly at: Readonly<Partial<Record<ColumnRole, number>>> & {
    readonly date: number
    readonly open: number
    readonly high: number
    readonly low: number
    readonly close: number
  }
  /** Names of the columns that are not used, as the file has them ("Adj Close"). */
  readonly ignored: ReadonlyArray<string>
}

/** "<CLOSE>", "4. close", " Close " → "close"; "Date_Time" → "date time". */
const plainName = (header: string): string =>
  header
    .toLowerCase()
    .replace(/^<(.*)>$/u, "$1")
    .replace(/^\d+\.\s+/u, "")
    .replaceAll(/[\s_]+/gu, " ")
    .trim()

/** As many names as a message has room for. */
const MAX_NAMES = 12

/** Names of columns as a message says them: each cut, and not all of very many. */
export const columnNames = (names: ReadonlyArray<string>): string => {
  const shown = names.slice(0, MAX_NAMES).map((name) => `"${name.slice(0, 40)}"`)
  return [...shown, ...(names.length > MAX_NAMES ? [`and ${names.length - MAX_NAMES} more`] : [])].join(", ")
}

/** Finds the columns by their names; or, in words, which is missing or named twice, and what the header says. */
export const columnsOf = (header: ReadonlyArray<string>): Result.Result<Columns, string> => {
  const found = new Map<ColumnRole, number>()
  const ignored: Array<string> = []
  for (const [position, name] of header.entries()) {
    const plain = plainName(name)
    const role = roles.find((candidate) => namesOf[candidate].includes(plain))
    if (role === undefined) {
      if (name !== "") ignored.push(name)
      continue
    }
    const other = found.get(role)
    if (other !== undefined) {
      return Result.fail(
        `both ${columnNames([header[other] ?? ""])} and ${columnNames([name])} could be the ${role}: rename the one that is not to be used`
      )
    }
    found.set(role, position)
  }
  // A lone "time" column holds the whole stamp.
  const lone = found.get("time")
  if (!found.has("date") && lone !== undefined) {
    found.delete("time")
    found.set("date", lone)
  }
  const [date, open, high, low, close] = [
    found.get("date"),
    found.get("open"),
    found.get("high"),
    found.get("low"),
    found.get("close")
  ]
  if (
    date === undefined ||
    open === undefined ||
    high === undefined ||
    low === undefined ||
    close === undefined
  ) {
    const missing = (["date", "open", "high", "low", "close"] as const).filter((role) => !found.has(role))
    return Result.fail(
      `no column for ${missing.join(", ")}: the first row has to name the columns, such as "Date,Open,High,Low,Close,Volume"; it says ${columnNames(header)}`
    )
  }
  const optional = (["time", "volume", "symbol"] as const).flatMap((role) => {
    const position = found.get(role)
    return position === undefined ? [] : [[role, position] as const]
  })
  return Result.succeed({ at: { date, open, high, low, close, ...Object.fromEntries(optional) }, ignored })
}
