/**
 * What today's holdings would have made on each day of the past.
 *
 * The convention: the value of a holding today × its simple return of that day
 * (adjusted close over the adjusted close of the session before, less one),
 * summed over the holdings. Cash does not move. A day counts when every
 * holding has a close of it and of the session before it, so that all returns
 * are of one session. Floats, for analytics.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { SessionDate } from "../domain/Timestamp.ts"

export interface ValuedHolding {
  readonly instrumentId: InstrumentId
  /** Dollars at today's mark; negative for a short position. */
  readonly value: number
  /** Adjusted closes by session, in any one unit. */
  readonly closes: ReadonlyMap<SessionDate, number>
}

export interface Revaluation {
  /** Dollars, one a day of `dates`. */
  readonly profits: Float64Array
  /** Oldest first. */
  readonly dates: ReadonlyArray<SessionDate>
  /** The holding with the shortest history, where that is shorter than what was asked for. */
  readonly limitedBy: InstrumentId | undefined
  /** Holdings without a single return: the profits leave them out. */
  readonly withoutHistory: ReadonlyArray<InstrumentId>
}

/** Simple return of each session over the one before it; NaN where there is none. */
const returnsOf = ({ closes }: ValuedHolding, sessions: ReadonlyArray<SessionDate>): Float64Array => {
  const returns = new Float64Array(Math.max(0, sessions.length - 1)).fill(Number.NaN)
  let before: number | undefined
  for (const [i, date] of sessions.entries()) {
    const close = closes.get(date)
    if (i > 0 && before !== undefined && before > 0 && close !== undefined) {
      returns[i - 1] = close / before - 1
    }
    before = close
  }
  return returns
}

const countOf = (returns: Float64Array): number => returns.filter(Number.isFinite).length

/** Revalues holdings over consecutive `sessions`, oldest first: at most one profit fewer than sessions. */
export const revalue = (
  holdings: ReadonlyArray<ValuedHolding>,
  sessions: ReadonlyArray<SessionDate>
): Revaluation => {
  const all = holdings.map((holding) => {
    const returns = returnsOf(holding, sessions)
    return { id: holding.instrumentId, value: holding.value, returns, count: countOf(returns) }
  })
  const covered = all.filter(({ count }) => count > 0)
  const shortest = covered.reduce<(typeof covered)[number] | undefined>(
    (found, one) => (found === undefined || one.count < found.count ? one : found),
    undefined
  )
  const dates: Array<SessionDate> = []
  const profits: Array<number> = []
  for (const [i, date] of sessions.slice(1).entries()) {
    let sum = 0
    for (const { returns, value } of covered) sum += value * (returns[i] ?? Number.NaN)
    if (covered.length === 0 || !Number.isFinite(sum)) continue
    dates.push(date)
    profits.push(sum)
  }
  return {
    profits: Float64Array.from(profits),
    dates,
    limitedBy: shortest !== undefined && shortest.count < sessions.length - 1 ? shortest.id : undefined,
    withoutHistory: all.filter(({ count }) => count === 0).map(({ id }) => id)
  }
}
