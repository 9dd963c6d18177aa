/** `get_daily_pnl`: what a session has won or lost, in parts and by symbol, and the sessions before it. */
import { Effect, Option, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { SessionDate, toIso } from "../../../domain/Timestamp.ts"
import { MAX_DAYS } from "../../../execution/AccountDays.ts"
import { dayProfits, type DayProfit, type DayTotal } from "../../../execution/DayProfit.ts"
import { symbolOf } from "../../cli/OrderWords.ts"
import { brokerSteps, cursorSteps } from "../kit/NextSteps.ts"
import { fitting, offsetOf, pageOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { Amount, amount, cursor, percent, Ratio, ratio } from "./Figures.ts"

/** Symbols on a page, when one day is asked for and beside a list of days: either way they fit into an answer. */
const MAX_ROWS = 40
const MAX_ROWS_BESIDE_DAYS = 10

const parts = {
  realised: Schema.String,
  /** Null, as the total, where a price is missing. */
  unrealisedChange: Amount,
  dividends: Schema.String,
  /** Paid; taken off the total. */
  fees: Schema.String,
  /** Of what the venue turned out to hold beyond the books. */
  corrections: Schema.String,
  /** realised + unrealised_change + dividends − fees + corrections */
  total: Amount
}

const SymbolRow = Schema.Struct({ symbol: Schema.String, ...parts })
const DayRow = Schema.Struct({
  /** Null before a session has opened. */
  session: Schema.NullOr(Schema.String),
  /** closed: to its close. open: until now. between: since the last close. */
  state: Schema.Literals(["closed", "open", "between"]),
  ...parts,
  /** Of equity at the prior close. */
  ratio: Ratio
})

interface Parts {
  readonly realised: number
  readonly unrealisedChange: Option.Option<number>
  readonly dividends: number
  readonly fees: number
  readonly corrections: number
  readonly total: Option.Option<number>
}

const partsOf = ({ corrections, dividends, fees, realised, total, unrealisedChange }: Parts) => ({
  realised: formatMicros(realised),
  unrealisedChange: amount(unrealisedChange),
  dividends: formatMicros(dividends),
  fees: formatMicros(fees),
  corrections: formatMicros(corrections),
  total: amount(total)
})

const dayRow = (day: DayTotal): typeof DayRow.Type => ({
  session: day.date ?? null,
  state: day.state,
  ...partsOf(day),
  ratio: ratio(day.total, Option.some(day.priorCloseEquity))
})

/** The largest gain or loss first; what is not known before all. */
const bySize = (rows: DayProfit["byInstrument"]): DayProfit["byInstrument"] => {
  const size = ({ total }: DayProfit["byInstrument"][number]): number =>
    Option.match(total, { onNone: () => Infinity, onSome: Math.abs })
  return rows.toSorted((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)))
}

export const getDailyPnl = tool({
  name: "get_daily_pnl",
  title: "Daily profit and loss",
  description:
    "A session's profit and loss since the prior close (realised, unrealised, dividends, fees, by symbol), and totals of the sessions before it.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({
    session: Schema.optionalKey(SessionDate.annotate({ description: "YYYY-MM-DD; default the latest" })),
    days: Schema.optionalKey(
      Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_DAYS })))
    ),
    cursor
  }),
  output: Schema.Struct({
    asOf: Schema.String,
    session: DayRow,
    /** The close it counts from; null in the account's first day. */
    since: Schema.NullOr(Schema.String),
    until: Schema.String,
    priorCloseEquity: Schema.String,
    /** Deposits less withdrawals since: no profit and no loss. */
    netFlows: Schema.String,
    /** priorCloseEquity + netFlows + total */
    equity: Amount,
    /** With cash corrections and what is not attributed they sum to the session's total. */
    bySymbol: Schema.Array(SymbolRow),
    nextCursor: Schema.NullOr(Schema.String),
    cashCorrections: Schema.String,
    /** What the prices at the two ends do not explain; zero unless a price is missing or was changed. */
    unattributed: Amount,
    /** Newest first. */
    days: Schema.Array(DayRow),
    /** Earlier ones that did not fit: ask with the session before the last of these. */
    daysLeftOut: Schema.Int
  }),
  next: {
    ...brokerSteps,
    ...cursorSteps,
    SessionNotKept: "leave session out for the latest, or name one of those."
  },
  handle: Effect.fnUntraced(function* ({ cursor: given, days = 1, session }) {
    const question = { pnl: session, days }
    const offset = yield* offsetOf(question, given)
    const {
      day,
      days: listed,
      status
    } = yield* dayProfits({
      days,
      ...(session === undefined ? {} : { session })
    })
    const rows = bySize(day.byInstrument).map((one) => ({
      symbol: symbolOf(one.instrumentId),
      ...partsOf(one)
    }))
    const limit = listed.length > 1 ? MAX_ROWS_BESIDE_DAYS : MAX_ROWS
    const page = pageOf(rows, { question, offset, limit })
    const shown = fitting(listed.map(dayRow))
    return {
      asOf: toIso(status.now),
      session: dayRow(day),
      since: day.since === undefined ? null : toIso(day.since),
      until: toIso(day.until),
      priorCloseEquity: formatMicros(day.priorCloseEquity),
      netFlows: formatMicros(day.netFlows),
      equity: amount(day.equity),
      bySymbol: page.rows,
      nextCursor: page.nextCursor,
      cashCorrections: formatMicros(day.cashCorrections),
      unattributed: amount(day.unattributed),
      days: shown,
      daysLeftOut: listed.length - shown.length
    }
  }),
  text: ({ bySymbol, days, session }) =>
    [
      `${session.session ?? "No session yet"} (${session.state}): ${session.total ?? "unknown (a price is missing)"} (${percent(session.ratio)}), ` +
        `realised ${session.realised}, unrealised ${session.unrealisedChange ?? "unknown"}, fees ${session.fees}.`,
      ...bySymbol.slice(0, 10).map((row) => `${row.symbol} ${row.total ?? "unknown"}`),
      ...days.slice(1, 11).map((row) => `${row.session ?? row.state}: ${row.total ?? "unknown"}`)
    ].join("\n")
})
