/** `search_instruments`. */
import { Effect, Schema } from "effect"
import type { InstrumentId } from "../../../domain/Identifiers.ts"
import { contractOf, type Instrument } from "../../../domain/Instrument.ts"
import { Resolution } from "../../../domain/Quote.ts"
import type { SourceListing } from "../../../market/BarSeries.ts"
import { MarketData } from "../../../market/MarketData.ts"
import { cursorSteps } from "../kit/NextSteps.ts"
import { cursorOf, fitting, offsetOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"

/** Matches in an answer, unless told otherwise, and at most. */
const USUAL_ROWS = 10
const MAX_ROWS = 50
/** Caveats told of an instrument, and of each so many characters. */
const MAX_CAVEATS = 5
const MAX_CAVEAT = 200

/** An instrument's caveats in bounded words. */
export const toldCaveats = (caveats: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...caveats
    .slice(0, MAX_CAVEATS)
    .map((caveat) => (caveat.length > MAX_CAVEAT ? `${caveat.slice(0, MAX_CAVEAT)}…` : caveat)),
  ...(caveats.length > MAX_CAVEATS ? [`and ${caveats.length - MAX_CAVEATS} more`] : [])
]

const InstrumentRow = Schema.Struct({
  symbol: Schema.String,
  instrumentId: Schema.String,
  name: Schema.String,
  kind: Schema.Literals(["Equity", "Index", "Option"]),
  paperOnly: Schema.Boolean,
  resolutions: Schema.Array(Resolution),
  firstSession: Schema.String,
  lastSession: Schema.String,
  caveats: Schema.Array(Schema.String)
})

/** An option has no bars, and prices while its underlying has some, until it expires. */
const rowOf = (
  listings: ReadonlyMap<InstrumentId, SourceListing>,
  instrument: Instrument
): typeof InstrumentRow.Type | undefined => {
  const contract = contractOf(instrument)
  const listing = listings.get(contract?.underlying ?? instrument.id)
  if (listing === undefined) return undefined
  const { firstSession, lastSession, resolutions } = listing
  return {
    symbol: instrument.symbol,
    instrumentId: instrument.id,
    name: instrument.name.slice(0, 100),
    kind: instrument._tag,
    paperOnly: instrument.paperOnly,
    resolutions: contract === undefined ? resolutions : [],
    firstSession,
    lastSession: contract !== undefined && contract.expiry < lastSession ? contract.expiry : lastSession,
    caveats: toldCaveats(instrument.caveats)
  }
}

export const searchInstruments = tool({
  name: "search_instruments",
  title: "Search instruments",
  description:
    "Instruments of this desk by symbol or name, best match first, with caveats and the sessions there are prices for. An option contract by its whole name (get_option_chain lists them). Without a query: all, in pages.",
  annotations: { readOnly: true },
  input: Schema.Struct({
    query: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(100)))),
    limit: Schema.optionalKey(
      Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_ROWS })))
    ),
    cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
  }),
  output: Schema.Struct({
    /** All that match; more than are shown when the limit is lower. */
    matches: Schema.Int,
    instruments: Schema.Array(InstrumentRow),
    /** Symbols that look like the query when nothing matches. */
    nearest: Schema.Array(Schema.String),
    nextCursor: Schema.NullOr(Schema.String)
  }),
  next: cursorSteps,
  handle: Effect.fnUntraced(function* ({ cursor, limit = USUAL_ROWS, query = "" }) {
    const question = { search: query }
    const offset = yield* offsetOf(question, cursor)
    const data = yield* MarketData
    const found = data.search(query, { limit: Number.MAX_SAFE_INTEGER })
    const named =
      found.length > 0
        ? undefined
        : yield* data.instrument(query).pipe(
            Effect.match({
              onSuccess: (instrument) => ({ instrument, nearest: [] }),
              onFailure: ({ nearest }) => ({ instrument: undefined, nearest })
            })
          )
    const matching = named?.instrument === undefined ? found : [named.instrument]
    const byId = new Map(data.listings.map((listing) => [listing.instrument.id, listing]))
    const rows = matching.slice(offset, offset + limit).flatMap((instrument) => rowOf(byId, instrument) ?? [])
    const shown = fitting(rows)
    const next = offset + shown.length
    return {
      matches: matching.length,
      instruments: shown,
      nearest: named?.nearest ?? [],
      nextCursor: next < matching.length ? cursorOf(question, String(next)) : null
    }
  }),
  text: ({ instruments, matches, nearest }) =>
    matches === 0
      ? `nothing matches${nearest.length === 0 ? "" : `; nearest: ${nearest.join(", ")}`}`
      : `${instruments.length} of ${matches}: ${instruments.map(({ symbol }) => symbol).join(", ")}`
})
