/** From what was typed to a run's inputs: sources, symbols, sessions, and what does not fit together. */
import { resolve } from "node:path"
import { Effect, Option, Result, Schema } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { SourceListing } from "../market/BarSeries.ts"
import type { BadRow } from "../market/MarketData.ts"
import { makeCsvFile, mappingLines } from "../market/csv/CsvFile.ts"
import { checkDate, previousSession, type Session, sessionsBetween } from "../market/TradingCalendar.ts"
import { deskProfile, type LimitsProfile, profiles, singleIndexProfile } from "../risk/LimitsProfile.ts"
import type { MarketConfig } from "./DeskConfig.ts"
import { marketSources } from "./MarketSources.ts"

/** What was asked for cannot be run; says what would do. */
export class RunRefused extends Schema.TaggedError<RunRefused>()("RunRefused", { message: Schema.String }) {}

/** How whoever asks for a run calls what they can say. */
export interface AskedWords {
  readonly from: string
  readonly to: string
  readonly symbols: string
}

/** Opens the sources of a choice; `lines` says how a person's own files were read. Paths are relative to `folder`. */
export const openSources = Effect.fnUntraced(function* (choice: MarketConfig, folder: string) {
  if (choice.source !== "csv") return { sources: yield* marketSources({ market: choice }, folder), lines: [] }
  const files = yield* Effect.forEach(Object.entries(choice.files), ([symbol, file]) =>
    makeCsvFile({ symbol, file: resolve(folder, file), skipBadRows: choice.badRows === "skip" })
  )
  return { sources: files, lines: files.flatMap(mappingLines) }
})

const DEFAULT_SYMBOLS: Readonly<Record<MarketConfig["source"], string | undefined>> = {
  embedded: "SPX-REPLAY",
  lean: "SPY",
  csv: undefined
}

/** The symbols of a run when none were named: the default one of its source, or all there are of a CSV. */
export const chooseSymbols = (
  choice: MarketConfig,
  listings: ReadonlyArray<SourceListing>,
  asked: ReadonlyArray<string>,
  words: AskedWords
): Effect.Effect<ReadonlyArray<string>, RunRefused> => {
  if (asked.length > 0) return Effect.succeed(asked)
  const known = listings.map(({ instrument }) => instrument.symbol)
  const standard = DEFAULT_SYMBOLS[choice.source]
  if (standard === undefined || known.length === 1) return Effect.succeed(known)
  if (known.some((symbol) => symbol === standard)) return Effect.succeed([standard])
  return Effect.fail(
    new RunRefused({
      message: `name the symbols to run on with ${words.symbols}; this source has ${known.join(", ")}`
    })
  )
}

/** A tail of data shorter than the gap before it is no part of a history: the run ends before the gap. */
const lastWhole = ({ gaps, lastSession }: SourceListing): SessionDate => {
  const gap = gaps.at(-1)
  if (gap === undefined) return lastSession
  const tail = sessionsBetween(gap.to, lastSession).length
  const missing = sessionsBetween(gap.from, gap.to).length
  return tail < missing ? previousSession(gap.from).date : lastSession
}

/** The sessions all instruments have data for, within what was asked. */
export const chooseSessions = (
  listings: ReadonlyArray<SourceListing>,
  asked: { readonly from: Option.Option<SessionDate>; readonly to: Option.Option<SessionDate> },
  words: AskedWords
): Effect.Effect<readonly [Session, ...ReadonlyArray<Session>], RunRefused> => {
  const first = listings.map(({ firstSession }) => firstSession).reduce((a, b) => (a > b ? a : b))
  const last = listings.map(lastWhole).reduce((a, b) => (a < b ? a : b))
  const furthest = listings.map(({ lastSession }) => lastSession).reduce((a, b) => (a < b ? a : b))
  const from = Option.getOrElse(asked.from, () => first)
  const to = Option.getOrElse(asked.to, () => last)
  const isOutside = [from, to].some((date) => date < first || date > furthest)
  const areBothSaid = Option.isSome(asked.from) && Option.isSome(asked.to)
  if (from > to && (areBothSaid || !isOutside)) {
    return Effect.fail(new RunRefused({ message: `${words.from} ${from} is after ${words.to} ${to}` }))
  }
  if (isOutside) {
    const said = [
      ...Option.toArray(Option.map(asked.from, (date) => `${words.from} ${date}`)),
      ...Option.toArray(Option.map(asked.to, (date) => `${words.to} ${date}`))
    ]
    return Effect.fail(
      new RunRefused({
        message: `the data reach from ${first} to ${furthest}; ${said.join(" ")} does not lie within`
      })
    )
  }
  const unreal = [from, to].find((date) => Result.isFailure(checkDate(date)))
  if (unreal !== undefined) return Effect.fail(new RunRefused({ message: `there is no ${unreal}` }))
  const [head, ...rest] = sessionsBetween(from, to)
  return head === undefined
    ? Effect.fail(
        new RunRefused({ message: `there is no session from ${from} to ${to}: the exchange was closed` })
      )
    : Effect.succeed([head, ...rest])
}

/** One index alone may be all of the account; anything else is held to the desk's limits, unless a profile is named. */
export const chooseProfile = (
  asked: Option.Option<string>,
  instruments: ReadonlyArray<Instrument>
): Effect.Effect<LimitsProfile, RunRefused> => {
  if (Option.isNone(asked)) {
    const [only, ...others] = instruments
    return Effect.succeed(only?._tag === "Index" && others.length === 0 ? singleIndexProfile : deskProfile)
  }
  const profile = profiles.get(asked.value)
  return profile === undefined
    ? Effect.fail(
        new RunRefused({
          message: `there is no limits profile "${asked.value}"; there are ${[...profiles.keys()].join(", ")}`
        })
      )
    : Effect.succeed(profile)
}

/** Rows that --skip-bad-rows left out are listed one by one up to so many. */
const LISTED_ROWS = 50

/** Rows that were left out because it was asked for, one a line. */
export const skippedLines = (rows: ReadonlyArray<BadRow>): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : [
        `left out ${rows.length} ${rows.length === 1 ? "row" : "rows"}:`,
        ...rows.slice(0, LISTED_ROWS).map(({ file, problem, row }) => `  ${file} row ${row}: ${problem}`),
        ...(rows.length > LISTED_ROWS ? [`  and ${rows.length - LISTED_ROWS} more`] : [])
      ]
