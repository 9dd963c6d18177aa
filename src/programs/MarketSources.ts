/** The sources of prices a configuration names. */
import { join, resolve } from "node:path"
import { Effect, FileSystem, Option, type Path } from "effect"
import { type SessionDate, sessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import type { BarSource, BarSourceError } from "../market/BarSource.ts"
import { makeCsvFile } from "../market/csv/CsvFile.ts"
import { openLeanOptions } from "../market/lean/LeanOptions.ts"
import { makeLeanFolder } from "../market/lean/LeanFolder.ts"
import { MarketSourceError } from "../market/MarketData.ts"
import type { PublishedOptions } from "../market/PublishedChains.ts"
import { publishedLeanOptions } from "../market/PublishedLeanOptions.ts"
import * as EmbeddedReplay from "../market/replay/EmbeddedReplay.ts"
import { nextSession, session } from "../market/TradingCalendar.ts"
import type { DeskConfig, MarketConfig } from "./DeskConfig.ts"

/**
 * Where the embedded replay begins: from here both of its instruments have
 * prices for sixteen months (Apple's end in May 2018), and the S&P 500 has the
 * falls of February and December 2018 and of March 2020 ahead.
 */
const EMBEDDED_START = "2017-01-03"

type SourcesError = BarSourceError

const open = (
  market: MarketConfig,
  project: string,
  symbols: ReadonlyArray<string> | undefined
): Effect.Effect<ReadonlyArray<BarSource>, SourcesError, FileSystem.FileSystem | Path.Path> => {
  switch (market.source) {
    case "embedded":
      return Effect.map(EmbeddedReplay.make(), (source) => [source])
    case "lean":
      return Effect.map(
        makeLeanFolder({
          path: resolve(project, market.path),
          ...(symbols === undefined ? {} : { symbols }),
          skipBadRows: market.badRows === "skip"
        }),
        (source) => [source]
      )
    case "csv":
      return Effect.forEach(Object.entries(market.files), ([symbol, file]) =>
        makeCsvFile({ symbol, file: resolve(project, file), skipBadRows: market.badRows === "skip" })
      )
  }
}

const embedded: MarketConfig = { source: "embedded" }

/** The market of a configuration, its universe alone where it names one. `project` is what its paths are relative to. */
export const marketSources = Effect.fn("MarketSources.make")(function* (
  config: Pick<DeskConfig, "market" | "universe">,
  project: string
): Effect.fn.Return<ReadonlyArray<BarSource>, SourcesError, FileSystem.FileSystem | Path.Path> {
  const { market = embedded, universe } = config
  const sources = yield* open(market, project, universe)
  if (universe === undefined) return sources
  const wanted = new Set<string>(universe)
  const offered = new Set(
    sources.flatMap(({ listings }) => listings.map(({ instrument }) => String(instrument.symbol)))
  )
  const missing = universe.find((symbol) => !offered.has(symbol))
  if (missing !== undefined) {
    return yield* new MarketSourceError({
      source: market.source,
      message: `plimsoll.json: universe: no market source has ${missing}; there is ${[...offered].slice(0, 10).join(", ") || "nothing"}`
    })
  }
  return sources.map((source) => ({
    ...source,
    get skipped() {
      return source.skipped
    },
    listings: source.listings.filter(({ instrument }) => wanted.has(instrument.symbol))
  }))
})

/** The options that the configuration's market has files of; opened when they are first wanted. */
export const marketOptions = Effect.fn("MarketSources.options")(function* (
  { market = embedded }: Pick<DeskConfig, "market">,
  project: string
): Effect.fn.Return<PublishedOptions | undefined, never, FileSystem.FileSystem | Path.Path> {
  if (market.source !== "lean") return undefined
  const path = resolve(project, market.path)
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const open = Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const isThere = yield* Effect.orElseSucceed(fs.exists(join(path, "option", "usa")), () => false)
    if (!isThere) return Option.none()
    return Option.some(yield* openLeanOptions({ path, skipBadRows: market.badRows === "skip" }))
  })
  return publishedLeanOptions(yield* Effect.cached(Effect.provideContext(open, context)))
})

const listingsOf = (sources: ReadonlyArray<BarSource>) => sources.flatMap(({ listings }) => listings)

const closeOf = (date: SessionDate): Timestamp =>
  Option.match(session(date), { onNone: () => timestamp(0), onSome: ({ close }) => close })

/** The last instant any of these sources has a price for: the replay's end. */
export const lastInstantOf = (sources: ReadonlyArray<BarSource>): Timestamp =>
  timestamp(Math.max(0, ...listingsOf(sources).map(({ lastSession }) => closeOf(lastSession))))

/** The open of the session on that date, or of the first one after it. */
const openFrom = (date: SessionDate): Timestamp =>
  Option.getOrElse(session(date), () => nextSession(date)).open

/**
 * Where a new desk's clock stands: at the open of the session the configuration
 * names; else of `EMBEDDED_START`; else of the first session on which every
 * instrument has prices, or the first of any when there is none.
 */
export const firstInstantOf = (
  market: MarketConfig | undefined,
  sources: ReadonlyArray<BarSource>
): Timestamp => {
  if (market?.start !== undefined) return openFrom(market.start)
  if (market === undefined || market.source === "embedded") return openFrom(sessionDate(EMBEDDED_START))
  const listings = listingsOf(sources)
  const firsts = listings.map(({ firstSession }) => firstSession).toSorted()
  const lasts = listings.map(({ lastSession }) => lastSession).toSorted()
  const [earliest] = firsts
  const latest = firsts.at(-1)
  const [end] = lasts
  if (earliest === undefined || latest === undefined || end === undefined) return timestamp(0)
  return openFrom(latest <= end ? latest : earliest)
}
