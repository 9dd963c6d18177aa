/** Value at risk of what is held now, revalued through the market's history. */
import { Effect, Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { toFloat } from "../domain/Money.ts"
import { dateOfDay, dayOfDate, type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketData, type MarketDataError } from "../market/MarketData.ts"
import { exchangeDate, firstDate, type Session, sessionsBetween } from "../market/TradingCalendar.ts"
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
  { now, positions }: DeskStatus,
  { lookback }: { readonly lookback: number }
): Effect.fn.Return<HoldingsRisk, MarketDataError, MarketData> {
  const sessions = lastSessions(now, lookback + 1)
  const from = timestamp((sessions[0]?.open ?? now) - 1)
  const valued: Array<ValuedHolding> = []
  const unpriced: Array<LeftOut> = []
  for (const { marketValue, position } of positions) {
    const { instrumentId } = position
    if (Option.isNone(marketValue)) {
      unpriced.push({ instrumentId, reason: "no price now" })
    } else {
      const closes = yield* closesOf(instrumentId, from, now)
      valued.push({ instrumentId, value: toFloat(marketValue.value), closes })
    }
  }
  const { dates, limitedBy, profits, withoutHistory } = revalue(
    valued,
    sessions.map(({ date }) => date)
  )
  const missing = new Set(withoutHistory)
  const included = valued.filter(({ instrumentId }) => !missing.has(instrumentId))
  const gross = grossOf(valued)
  const [first, last] = [dates[0], dates.at(-1)]
  return {
    holdings: included.length,
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
