/** `get_option_chain`: what the expiries are like, and quotes around the money; pages for more. */
import { Effect, Schema } from "effect"
import { OptionRight } from "../../../domain/OptionContract.ts"
import { SessionDate } from "../../../domain/Timestamp.ts"
import { cleaned } from "../../../market/ChainAnalysis.ts"
import { CitedQuotes } from "../../../market/CitedQuotes.ts"
import { type ExpiryRange, InvalidExpiryRange, parseExpiryRange } from "../../../market/ExpiryRange.ts"
import type { MarketChain } from "../../../market/MarketChain.ts"
import { OptionMarket } from "../../../market/OptionMarket.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import { dropReasons } from "../../../options/chain/OptionChain.ts"
import { cursorSteps, storageSteps } from "../kit/NextSteps.ts"
import * as Pages from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { AskedSymbol } from "./Asked.ts"
import {
  citable,
  columnsOf,
  ExpiryRow,
  expiriesIn,
  expiryRow,
  Row,
  rowOf,
  type Shown,
  shownContracts
} from "./ChainRows.ts"
import { boundedNotes, chainHead, chainNotes, headOf, headText, optionSteps } from "./OptionWire.ts"

const USUAL_RANGE = "60d"
const USUAL_STRIKES = 4
const MAX_STRIKES = 1000
/** Contracts of a page, before what fits. */
const MAX_ROWS = 150
const MAX_ROWS_LENGTH = 11_000
/** Characters of the summary of expiries, and other expiries that are named. */
const MAX_SUMMARY = 4500
const MAX_NAMED = 40
const MAX_RANGE = 60

const Input = Schema.Struct({
  symbol: AskedSymbol,
  expiryRange: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(MAX_RANGE)))),
  strikes: Schema.optionalKey(
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_STRIKES })))
  ),
  right: Schema.optionalKey(OptionRight),
  cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
})

const Output = Schema.Struct({
  ...chainHead,
  /** Expiries of the range, in order; on later pages none. */
  expiries: Schema.Array(ExpiryRow),
  /** Others that the chain has. */
  otherExpiries: Schema.Array(Schema.String),
  /** Quotes that the cleaning left out of forwards and volatilities, by reason, of the whole chain. */
  dropped: Schema.Array(Schema.Struct({ reason: Schema.Literals(dropReasons), count: Schema.Int })),
  /** Contracts in the range, and of them those around the money that this question shows. */
  contractsInRange: Schema.Int,
  contractsShown: Schema.Int,
  /** What stands in each row. */
  columns: Schema.Array(Schema.String),
  contracts: Schema.Array(Row),
  notes: Schema.Array(Schema.String),
  nextCursor: Schema.NullOr(Schema.String)
})

interface Position {
  readonly snapshotId: string
  readonly offset: number
  readonly range: ExpiryRange
}

const positionText = ({ offset, range, snapshotId }: Position): string =>
  [snapshotId, offset, range.from, range.to].join(" ")

const isDate = Schema.is(SessionDate)

const positionOf = (text: string): Effect.Effect<Position, Pages.CursorInvalid> => {
  const [snapshotId = "", count = "", from = "", to = ""] = text.split(" ")
  const offset = Number(count)
  return /^c-[0-9a-f]{16}$/u.test(snapshotId) &&
    Number.isSafeInteger(offset) &&
    offset >= 0 &&
    isDate(from) &&
    isDate(to)
    ? Effect.succeed({ snapshotId, offset, range: { from, to } })
    : Effect.fail(new Pages.CursorInvalid({ message: "the cursor is damaged: leave it out to start anew" }))
}

const nothingIn = (chain: MarketChain, range: ExpiryRange, said: string) => {
  const all = chain.raw.expiries.map(({ expiry }) => expiry)
  const next = all.find((expiry) => expiry >= range.from) ?? all[0]
  return new InvalidExpiryRange({
    range: said,
    message: `${chain.raw.symbol} has no expiry from ${range.from} to ${range.to}: there are ${all.length}, from ${all[0] ?? "none"} to ${all.at(-1) ?? "none"}${next === undefined ? "" : `; the next is ${next}`}`
  })
}

/** The quotes of the rows are kept before they are told, so that an order can cite them. */
const page = Effect.fnUntraced(function* (
  chain: MarketChain,
  shown: Shown,
  offset: number,
  question: unknown
) {
  const inRange = expiriesIn(chain, shown.range)
  const contracts = shownContracts(chain, shown)
  const columns = columnsOf(chain)
  const rows = Pages.fitting(
    contracts.slice(offset, offset + MAX_ROWS).map((contract) => rowOf(chain, columns, contract)),
    MAX_ROWS_LENGTH
  )
  const next = offset + rows.length
  const quotes = contracts.slice(offset, next).flatMap(({ quote }) => citable(chain, quote) ?? [])
  yield* CitedQuotes.use((cited) => cited.keep(quotes))
  const isFirst = offset === 0
  const summary = isFirst
    ? Pages.fitting(
        inRange.map((expiry) => expiryRow(chain, expiry)),
        MAX_SUMMARY
      )
    : []
  const told = new Set(summary.map(({ expiry }) => expiry))
  const others = isFirst
    ? chain.raw.expiries.map(({ expiry }) => String(expiry)).filter((one) => !told.has(one))
    : []
  return {
    ...headOf(chain),
    expiries: summary,
    otherExpiries: others.slice(0, MAX_NAMED),
    dropped: isFirst ? cleaned(chain).drops : [],
    contractsInRange: inRange.reduce((sum, { quotes }) => sum + quotes.length, 0),
    contractsShown: contracts.length,
    columns: columns.map(({ name }) => name),
    contracts: rows,
    notes: boundedNotes([
      ...chainNotes(chain),
      ...(others.length > MAX_NAMED ? [`and ${others.length - MAX_NAMED} more expiries`] : [])
    ]),
    nextCursor:
      next < contracts.length
        ? Pages.cursorOf(
            question,
            positionText({ snapshotId: chain.snapshotId, offset: next, range: shown.range })
          )
        : null
  }
})

export const getOptionChain = tool({
  name: "get_option_chain",
  title: "Option chain",
  description:
    'Options of a symbol now: a summary of each expiry (forward, ATM volatility, expected move) and quotes around the money, each with IV (null without a bid, or where the spread leaves it open by 0.05), delta, why the cleaning dropped it, if so, and the quote_id that an order decided on it cites. expiry_range: "60d" (default), "2014-06-13", "2014-06..2014-09", "all"; strikes: how many on each side of the price (default 4); next_cursor gives more of the same snapshot (repeat the other arguments). source "model": no market quoted it.',
  // What it keeps is what an order may cite: asking changes nothing anybody sees.
  annotations: { readOnly: true },
  input: Input,
  output: Output,
  next: {
    ...optionSteps,
    ...cursorSteps,
    ...storageSteps,
    InvalidExpiryRange: "say the range in one of these ways.",
    SnapshotGone: "call it without a cursor for the chain as it is now.",
    SnapshotAhead: "call it without a cursor for the chain as it is now."
  },
  handle: Effect.fnUntraced(function* ({
    cursor,
    expiryRange = USUAL_RANGE,
    right,
    strikes = USUAL_STRIKES,
    symbol
  }) {
    const options = yield* OptionMarket
    const question = [symbol.toUpperCase(), expiryRange.trim().toLowerCase(), strikes, right ?? "both"]
    const at = yield* Pages.positionOf(question, cursor)
    if (at !== undefined) {
      const { offset, range, snapshotId } = yield* positionOf(at)
      const snapshot = yield* options.snapshot(snapshotId)
      return yield* page(snapshot, { range, strikes, right }, offset, question)
    }
    const chain = yield* options.chain(symbol)
    const range = yield* Effect.fromResult(parseExpiryRange(expiryRange, exchangeDate(chain.askedAt)))
    if (expiriesIn(chain, range).length === 0) return yield* nothingIn(chain, range, expiryRange)
    return yield* page(chain, { range, strikes, right }, 0, question)
  }),
  text: (answer) => {
    const { contracts, contractsShown, expiries } = answer
    const levels = expiries
      .slice(0, 6)
      .map(({ atmIv, expiry }) => `${expiry} ${atmIv === null ? "?" : `${(100 * atmIv).toFixed(1)}%`}`)
      .join(", ")
    return `${headText(answer)}: ${contracts.length} of ${contractsShown} contracts${levels === "" ? "" : `; ATM volatility ${levels}`}`
  }
})
