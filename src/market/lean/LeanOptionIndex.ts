/** Which option files a LEAN folder has, by ticker: from their names alone. */
import { Effect, Option } from "effect"
import type { OptionStyle } from "../../domain/OptionContract.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { MarketSourceError } from "../MarketData.ts"
import { sessionDateOf } from "./LeanDate.ts"
import type { FolderFiles } from "./LeanFiles.ts"
import { isTicker } from "./LeanListing.ts"
import { type OptionWhat, parseMinuteZip, parseYearZip } from "./LeanOptionNames.ts"

/** A zip of contracts, its path below `option/usa`. */
export interface OptionZip {
  readonly path: string
  readonly what: OptionWhat
  readonly style: OptionStyle
}

export interface TickerOptions {
  /** By date. */
  readonly minute: ReadonlyMap<SessionDate, ReadonlyArray<OptionZip>>
  /** By year, "2014". */
  readonly hour: ReadonlyMap<string, ReadonlyArray<OptionZip>>
  readonly daily: ReadonlyMap<string, ReadonlyArray<OptionZip>>
  /** By date: the path of the CSV. */
  readonly universes: ReadonlyMap<SessionDate, string>
}

type YearZips = ReadonlyMap<string, ReadonlyMap<string, ReadonlyArray<OptionZip>>>

const addTo = <K>(map: Map<K, Array<OptionZip>>, key: K, zip: OptionZip): void => {
  const known = map.get(key)
  if (known === undefined) map.set(key, [zip])
  else known.push(zip)
}

/** The zips of a folder of years, by ticker and year. */
const yearZips = Effect.fnUntraced(function* (
  files: FolderFiles,
  folder: "hour" | "daily"
): Effect.fn.Return<YearZips, MarketSourceError> {
  const tickers = new Map<string, Map<string, Array<OptionZip>>>()
  for (const name of yield* files.names(folder)) {
    const parsed = parseYearZip(name)
    if (Option.isNone(parsed)) continue
    const { style, ticker, what, year } = parsed.value
    const years = tickers.get(ticker) ?? new Map<string, Array<OptionZip>>()
    tickers.set(ticker, years)
    addTo(years, year, { path: `${folder}/${name}`, what, style })
  }
  return tickers
})

const minuteZips = Effect.fnUntraced(function* (files: FolderFiles, ticker: string) {
  const days = new Map<SessionDate, Array<OptionZip>>()
  for (const name of yield* files.names(`minute/${ticker}`)) {
    const parsed = parseMinuteZip(name)
    if (Option.isNone(parsed)) continue
    const { date, style, what } = parsed.value
    addTo(days, date, { path: `minute/${ticker}/${name}`, what, style })
  }
  return days
})

const universesOf = Effect.fnUntraced(function* (files: FolderFiles, ticker: string) {
  const days = new Map<SessionDate, string>()
  for (const name of yield* files.names(`universes/${ticker}`)) {
    const date = name.endsWith(".csv") ? sessionDateOf(name.slice(0, -4)) : Option.none()
    if (Option.isSome(date)) days.set(date.value, `universes/${ticker}/${name}`)
  }
  return days
})

/** Every ticker with options, in alphabetical order; files whose names are not LEAN's are passed over. */
export const indexOptions = Effect.fnUntraced(function* (
  files: FolderFiles
): Effect.fn.Return<ReadonlyMap<string, TickerOptions>, MarketSourceError> {
  const hour = yield* yearZips(files, "hour")
  const daily = yield* yearZips(files, "daily")
  const minute = (yield* files.names("minute")).filter(isTicker)
  const universes = (yield* files.names("universes")).filter(isTicker)
  const tickers = [...new Set([...minute, ...hour.keys(), ...daily.keys(), ...universes])].toSorted()
  const index = new Map<string, TickerOptions>()
  for (const ticker of tickers) {
    index.set(ticker, {
      minute: yield* minuteZips(files, ticker),
      hour: hour.get(ticker) ?? new Map(),
      daily: daily.get(ticker) ?? new Map(),
      universes: yield* universesOf(files, ticker)
    })
  }
  return index
})
