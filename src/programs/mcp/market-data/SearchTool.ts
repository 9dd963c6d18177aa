/** `search_instruments`. */
import { Effect, Schema } from "effect"
import { Resolution } from "../../../domain/Quote.ts"
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

export const searchInstruments = tool({
  name: "search_instruments",
  title: "Search instruments",
  description:
    "Instruments of this desk by symbol or name, best match first, with caveats and the sessions there are prices for. Without a query: all, in pages.",
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
    instruments: Schema.Array(
      Schema.Struct({
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
    ),
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
    const byId = new Map(data.listings.map((listing) => [listing.instrument.id, listing]))
    const rows = found.slice(offset, offset + limit).flatMap((instrument) => {
      const listing = byId.get(instrument.id)
      return listing === undefined
        ? []
        : [
            {
              symbol: String(instrument.symbol),
              instrumentId: String(instrument.id),
              name: instrument.name.slice(0, 100),
              kind: instrument._tag,
              paperOnly: instrument.paperOnly,
              resolutions: listing.resolutions,
              firstSession: String(listing.firstSession),
              lastSession: String(listing.lastSession),
              caveats: toldCaveats(instrument.caveats)
            }
          ]
    })
    const nearest =
      found.length > 0
        ? []
        : yield* data
            .instrument(query)
            .pipe(Effect.match({ onSuccess: () => [], onFailure: (failure) => failure.nearest }))
    const shown = fitting(rows)
    const next = offset + shown.length
    return {
      matches: found.length,
      instruments: shown,
      nearest,
      nextCursor: next < found.length ? cursorOf(question, String(next)) : null
    }
  }),
  text: ({ instruments, matches, nearest }) =>
    matches === 0
      ? `nothing matches${nearest.length === 0 ? "" : `; nearest: ${nearest.join(", ")}`}`
      : `${instruments.length} of ${matches}: ${instruments.map(({ symbol }) => symbol).join(", ")}`
})
