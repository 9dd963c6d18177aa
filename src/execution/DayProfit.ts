/**
 * The account's profit or loss by day, and of one day by instrument.
 *
 * A day's equity at its close is the journal's; the prices of a close are the
 * market's bars, an option's its last tick, and the parts by instrument come from
 * them. Where that is not what the account was valued at, the difference is told
 * as not attributed.
 */
import { Effect, Option, Schema } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Money, Price } from "../domain/Money.ts"
import { SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketData, type MarketDataError } from "../market/MarketData.ts"
import { type BooksAt, type PeriodProfit, periodProfit } from "../portfolio/DailyPnl.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { Position } from "../portfolio/Position.ts"
import { type AccountDay, type ClosedDay, MAX_DAYS } from "./AccountDays.ts"
import { DeskHistory, type DeskPast } from "./DeskHistory.ts"
import type { DeskStatus } from "./DeskView.ts"
import { marksOf } from "./options/OptionDesk.ts"

/** The session is none of those the account's days are kept of. */
export class SessionNotKept extends Schema.TaggedError<SessionNotKept>()("SessionNotKept", {
  /** Null when the account has no day at all. */
  session: Schema.NullOr(SessionDate),
  message: Schema.String
}) {}

/** A day's profit. Absent parts depend on a price that there is not. */
export interface DayTotal {
  readonly date: SessionDate | undefined
  /** closed: to its close. open: to now. between: what came after the last close, before a session opens. */
  readonly state: "closed" | "open" | "between"
  /** The close it counts from; absent in an account's first day. */
  readonly since: Timestamp | undefined
  readonly until: Timestamp
  /** What the day's loss is measured from. */
  readonly priorCloseEquity: Money
  /** Deposits less withdrawals since, which are no profit. */
  readonly netFlows: Money
  readonly equity: Option.Option<Money>
  readonly realised: Money
  readonly unrealisedChange: Option.Option<Money>
  readonly dividends: Money
  readonly fees: Money
  readonly corrections: Money
  readonly total: Option.Option<Money>
}

/** A day's profit, and whose it is. */
export interface DayProfit extends DayTotal {
  readonly byInstrument: PeriodProfit["byInstrument"]
  readonly cashCorrections: Money
  readonly unattributed: Option.Option<Money>
}

export interface DayProfits {
  readonly status: DeskStatus
  /** The session asked for; the one under way or the last when none was. */
  readonly day: DayProfit
  /** It and those before it, newest first. */
  readonly days: ReadonlyArray<DayTotal>
}

/** A day and how it ends. */
interface Ended {
  readonly day: AccountDay
  readonly state: DayTotal["state"]
  readonly until: Timestamp
  /** Absent when a position has no price. */
  readonly equity: Option.Option<Money>
}

const asClosed = (day: ClosedDay): Ended => ({
  day,
  state: "closed",
  until: day.tsClose,
  equity: Option.some(day.equity)
})

const asRunning = ({ days, status }: DeskPast): Ended => ({
  day: days.today,
  state: days.today.date === undefined ? "between" : "open",
  until: status.now,
  equity: status.equity
})

/** The profit with these prices; what the account was worth without them stands in for an equity that is not known. */
const profitOf = ({ day, equity }: Ended, before: Ledger.Marks, after: Ledger.Marks): PeriodProfit => {
  const start: BooksAt = { ledger: day.before, equity: day.equityBefore, marks: before }
  const end: BooksAt = {
    ledger: day.ledger,
    equity: Option.getOrElse(equity, () => day.ledger.cash),
    marks: after
  }
  return periodProfit(start, end, day.charges)
}

const totalOf = (ended: Ended, { whole }: PeriodProfit): DayTotal => {
  const { day, equity, state, until } = ended
  const known = (amount: Money): Option.Option<Money> => Option.map(equity, () => amount)
  return {
    date: day.date,
    state,
    since: day.tsBefore,
    until,
    priorCloseEquity: day.priorCloseEquity,
    netFlows: day.netFlows,
    equity,
    realised: whole.realised,
    unrealisedChange: known(whole.unrealisedChange),
    dividends: whole.dividends,
    fees: whole.fees,
    corrections: whole.corrections,
    total: known(whole.total)
  }
}

const noMarks: Ledger.Marks = new Map()

/** How far back the last close of an instrument that did not trade is looked for. */
const LOOK_BACK_MICROS = 14 * 86_400_000_000

/** No session is longer. */
const LONGEST_SESSION_MICROS = 8 * 3_600_000_000

/** The raw close of each of these at a session's close, as far as the market has one. */
const marksAt = Effect.fnUntraced(function* (
  held: ReadonlyArray<Position>,
  at: Timestamp
): Effect.fn.Return<ReadonlyMap<InstrumentId, Price>, MarketDataError, MarketData> {
  const data = yield* MarketData
  const lastClose = (instrumentId: InstrumentId, back: number) =>
    data
      .bars({
        instrumentId,
        resolution: "1d",
        from: timestamp(at - back),
        until: at,
        adjustment: "raw"
      })
      .pipe(
        Effect.map((bars) => bars.at(-1)?.close),
        Effect.catchTag(["InstrumentNotFound", "ResolutionUnavailable"], () => Effect.succeed(undefined))
      )
  const lastTick = (instrumentId: InstrumentId, back: number) =>
    data.ticks({ instrumentIds: [instrumentId], after: timestamp(at - back), until: at }).pipe(
      Effect.map((ticks) => ticks.at(-1)?.last),
      Effect.catchTag("InstrumentNotFound", () => Effect.succeed(undefined))
    )
  const marks = new Map<InstrumentId, Price>()
  for (const { contract, instrumentId: id } of held) {
    const mark =
      contract === undefined
        ? ((yield* lastClose(id, 1)) ?? (yield* lastClose(id, LOOK_BACK_MICROS)))
        : ((yield* lastTick(id, 1)) ?? (yield* lastTick(id, LONGEST_SESSION_MICROS)))
    if (mark !== undefined) marks.set(id, mark)
  }
  return marks
})

const byInstrument = Effect.fnUntraced(function* (ended: Ended, status: DeskStatus) {
  const { day } = ended
  const before =
    day.tsBefore === undefined ? noMarks : yield* marksAt(Ledger.positions(day.before), day.tsBefore)
  const after =
    ended.state === "closed" ? yield* marksAt(Ledger.positions(day.ledger), ended.until) : marksOf(status)
  return profitOf(ended, before, after)
})

/** Days that there is something to say of, oldest first. */
const daysOf = (past: DeskPast): ReadonlyArray<Ended> => {
  const { closed } = past.days
  const running = asRunning(past)
  const isNews =
    running.state === "open" ||
    closed.length === 0 ||
    Option.exists(running.equity, () => profitOf(running, noMarks, noMarks).whole.total !== 0)
  return isNews ? [...closed.map(asClosed), running] : closed.map(asClosed)
}

const notKept = (session: SessionDate | null, ended: ReadonlyArray<Ended>): SessionNotKept => {
  const dates = ended.flatMap(({ day }) => (day.date === undefined ? [] : [day.date]))
  const kept =
    dates.length === 0
      ? "the account has had no session yet"
      : `the account's last sessions (${MAX_DAYS} at most are kept) are ${dates[0]} to ${dates.at(-1)}`
  return new SessionNotKept({ session, message: `no session ${session ?? "at all"}: ${kept}` })
}

/** Where the session asked for is among the days; the one under way, or the last that was, when none is. */
const indexOf = (ended: ReadonlyArray<Ended>, session: SessionDate | undefined): number => {
  if (session !== undefined) return ended.findIndex(({ day }) => day.date === session)
  const last = ended.length - 1
  return ended[last]?.state === "between" && last > 0 ? last - 1 : last
}

/**
 * The profit of a session (the one under way, or the last) and of so many
 * sessions up to it, itself included. What happened after the last close and
 * before the next open is a day of its own, listed first while nothing else
 * is asked for.
 */
export const dayProfits = Effect.fn("DayProfit.dayProfits")(function* (options: {
  readonly session?: SessionDate
  readonly days: number
}) {
  const past = yield* DeskHistory.use((history) => history.past)
  const ended = daysOf(past)
  const at = indexOf(ended, options.session)
  const found = ended[at]
  if (found === undefined) return yield* notKept(options.session ?? null, ended)
  const profit = yield* byInstrument(found, past.status)
  const until = options.session === undefined ? ended.length : at + 1
  const listed = ended.slice(Math.max(0, at + 1 - options.days), until).toReversed()
  const day: DayProfit = {
    ...totalOf(found, profit),
    byInstrument: profit.byInstrument,
    cashCorrections: profit.cashCorrections,
    unattributed: Option.map(found.equity, () => profit.unattributed)
  }
  const profits: DayProfits = {
    status: past.status,
    day,
    days: listed.map((one) => totalOf(one, profitOf(one, noMarks, noMarks)))
  }
  return profits
})
