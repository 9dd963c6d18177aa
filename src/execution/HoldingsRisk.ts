/**
 * Value at risk of what is held now, revalued through the market's history. An
 * option counts by its delta: as so many dollars of its underlying. What gamma
 * and volatility would add or take is not in it.
 */
import { Effect, Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { toFloat } from "../domain/Money.ts"
import { underlyingOf } from "../domain/OptionContract.ts"
import { dateOfDay, dayOfDate, type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketData, type MarketDataError } from "../market/MarketData.ts"
import { exchangeDate, firstDate, type Session, sessionsBetween } from "../market/TradingCalendar.ts"
import { greeksOf } from "./options/AccountGreeks.ts"
import { revalue, type ValuedHolding } from "../portfolio/Revaluation.ts"
import {
  confidences,
  type Confidence,
  tailLoss,
  type TailLoss,
  type TailMethod,
  tailMethods
} from "../portfolio/ValueAtRisk.ts"
import type { DeskStatus } from "./DeskView.ts"

export interface TailEstimate {
  readonly confidence: Confidence
  readonly method: TailMethod
  /** Dollars, one session ahead; zero or below. */
  readonly loss: TailLoss
}

/** A holding that the figures leave out, and why. */
export interface LeftOut {
  readonly instrumentId: InstrumentId
  readonly reason: "no price now" | "no history"
}

export interface HoldingsRisk {
  /** Positions in the figures. */
  readonly holdings: number
  /** Of these, options, which count by their delta. */
  readonly byDelta: number
  readonly leftOut: ReadonlyArray<LeftOut>
  /** The part of gross exposure that the figures cover; absent when that is not known, or nothing is held. */
  readonly covered: Option.Option<number>
  /** Days on which all of them have a return, the first and the last of these. */
  readonly observations: number
  readonly window: Option.Option<{ readonly from: SessionDate; readonly to: SessionDate }>
  /** The holding whose history is the shortest, where it is shorter than what was asked for. */
  readonly limitedBy: InstrumentId | undefined
  readonly estimates: ReadonlyArray<TailEstimate>
}

/** The last `count` sessions that have closed by `now`, oldest first; fewer where the calendar begins. */
const lastSessions = (now: Timestamp, count: number): ReadonlyArray<Session> => {
  const today = exchangeDate(now)
  // Never fewer than three sessions in five days, but for the closures of September 2001.
  const reach = dateOfDay(dayOfDate(today) - Math.ceil((count * 5) / 3) - 14)
  return sessionsBetween(reach < firstDate ? firstDate : reach, today)
    .filter(({ close }) => close <= now)
    .slice(-count)
}

const closesOf = Effect.fnUntraced(function* (
  instrumentId: InstrumentId,
  from: Timestamp,
  until: Timestamp
): Effect.fn.Return<ReadonlyMap<SessionDate, number>, MarketDataError, MarketData> {
  const bars = yield* MarketData.use((data) =>
    data.bars({ instrumentId, resolution: "1d", from, until, adjustment: "adjusted" })
  ).pipe(Effect.catchTag(["InstrumentNotFound", "ResolutionUnavailable"], () => Effect.succeed([])))
  return new Map(bars.map((bar) => [exchangeDate(bar.tsOpen), bar.close] as const))
})

const grossOf = (holdings: ReadonlyArray<{ readonly value: number }>): number =>
  holdings.reduce((sum, { value }) => sum + Math.abs(value), 0)

/**
 * VaR and CVaR of the positions in `status` over one session, from at most
 * `lookback` past sessions. A position without a price or a return is left out
 * and named.
 */
export const holdingsRisk = Effect.fn("HoldingsRisk")(function* (
  { now, positions, underlyings }: DeskStatus,
  { lookback }: { readonly lookback: number }
): Effect.fn.Return<HoldingsRisk, MarketDataError, MarketData> {
  const sessions = lastSessions(now, lookback + 1)
  const from = timestamp((sessions[0]?.open ?? now) - 1)
  const valued: Array<ValuedHolding> = []
  const unpriced: Array<LeftOut> = []
  const histories = new Map<InstrumentId, ReadonlyMap<SessionDate, number>>()
  for (const { mark, marketValue, position } of positions) {
    const { contract, instrumentId } = position
    const underlying = underlyingOf(position)
    const spot = underlyings.get(underlying)
    const value =
      contract === undefined
        ? Option.map(marketValue, toFloat)
        : Option.map(
            Option.fromUndefinedOr(greeksOf(position, { mark: Option.getOrUndefined(mark), spot, now })),
            ({ deltaNotional }) => deltaNotional
          )
    if (Option.isNone(value)) {
      unpriced.push({ instrumentId, reason: "no price now" })
      continue
    }
    const closes = histories.get(underlying) ?? (yield* closesOf(underlying, from, now))
    histories.set(underlying, closes)
    valued.push({ instrumentId, value: value.value, closes })
  }
  const { dates, limitedBy, profits, withoutHistory } = revalue(
    valued,
    sessions.map(({ date }) => date)
  )
  const missing = new Set(withoutHistory)
  const included = valued.filter(({ instrumentId }) => !missing.has(instrumentId))
  const gross = grossOf(valued)
  const [first, last] = [dates[0], dates.at(-1)]
  const contracts = new Set(
    positions.flatMap(({ position }) => (position.contract === undefined ? [] : [position.instrumentId]))
  )
  return {
    holdings: included.length,
    byDelta: included.filter(({ instrumentId }) => contracts.has(instrumentId)).length,
    leftOut: [
      ...unpriced,
      ...withoutHistory.map((instrumentId): LeftOut => ({ instrumentId, reason: "no history" }))
    ],
    covered: unpriced.length > 0 || gross === 0 ? Option.none() : Option.some(grossOf(included) / gross),
    observations: dates.length,
    window:
      first === undefined || last === undefined ? Option.none() : Option.some({ from: first, to: last }),
    limitedBy,
    estimates: confidences.flatMap((confidence) =>
      tailMethods.map((method) => ({ confidence, method, loss: tailLoss(profits, { confidence, method }) }))
    )
  }
})
