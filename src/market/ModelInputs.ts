/**
 * What the volatility model is told of an instrument, once a session: of its
 * past and of decisions made before, so that a quote costs only arithmetic.
 */
import { Effect, Option } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import { toFloat } from "../domain/Money.ts"
import { dateOfDay, dayOfDate, type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { adjustmentSteps } from "./Adjustment.ts"
import type { CorporateAction } from "./BarSeries.ts"
import { boundedCache } from "./BoundedCache.ts"
import type { InstrumentNotFound, MarketData, MarketDataError } from "./MarketData.ts"
import { policyRate } from "./PolicyRate.ts"
import { exchangeDate, firstDate, fromExchangeTime, session, sessionsBetween } from "./TradingCalendar.ts"
import { MAX_RETURNS, type VarianceLevel, varianceLevel } from "./VolatilityModel.ts"

/** The same from one close to the next. */
export interface ModelInputs {
  /** Risk-free, continuously compounded, per 1.00 and year. */
  readonly rate: number
  /** Dividends with an ex-date in the year before, dollars of one of today's shares. */
  readonly paid: number
  /** Undefined where too few closes are known. */
  readonly level: VarianceLevel | undefined
  /** Splits in force, of as far back as closes are looked at, the newest first. */
  readonly splits: ReadonlyArray<Split>
}

export type Split = Extract<CorporateAction, { readonly _tag: "Split" }>

export type InputsError = InstrumentNotFound | MarketDataError

/** Sessions whose inputs are kept: of a few underlyings, while their ticks are priced. */
const KEPT_SESSIONS = 64

const DAYS_A_YEAR = 365
/** Returns are of sessions, of which a week has at most five. */
const DAYS_OF_RETURNS = Math.ceil((MAX_RETURNS * 7) / 4.7)

/** An action, and when it is in force. */
interface Dated {
  readonly action: CorporateAction
  readonly from: Timestamp
}

/** The actions of an instrument on the sessions that were asked for so far. */
interface KnownActions {
  readonly firstDay: number
  readonly lastDay: number
  readonly actions: ReadonlyArray<Dated>
}

const dayFrom = (day: number): number => Math.max(dayOfDate(firstDate), day)

const startOf = (day: number): Timestamp => fromExchangeTime(dateOfDay(day), 0)

/** Dividends of the year up to an instant, in its shares. */
const paidUntil = (actions: ReadonlyArray<Dated>, at: Timestamp): number => {
  const since = startOf(dayFrom(dayOfDate(exchangeDate(at)) - DAYS_A_YEAR + 1))
  let paid = 0
  for (const { action, from } of actions) {
    if (from > at || from < since) continue
    if (action._tag === "Dividend") paid += toFloat(action.amountPerShare)
    else paid *= action.denominator / action.numerator
  }
  return paid
}

interface Closes {
  /** Starts of the sessions and their raw closes in micros, oldest first. */
  readonly opens: ReadonlyArray<Timestamp>
  readonly closes: ReadonlyArray<number>
}

/** Splits and dividends up to an instant taken out, in dollars. */
const adjustedCloses = ({ closes, opens }: Closes, actions: ReadonlyArray<Dated>, at: Timestamp) => {
  const closeBefore = (before: Timestamp): number | undefined => {
    const row = opens.findLastIndex((open) => open < before)
    return row === -1 ? undefined : closes[row]
  }
  const steps = adjustmentSteps(
    actions.map(({ action }) => action),
    closeBefore,
    "adjusted",
    at
  )
  const adjusted: Array<number> = Array.from({ length: closes.length })
  let factor = 1
  let step = steps.length - 1
  for (let row = closes.length - 1; row >= 0; row--) {
    while (step >= 0 && (opens[row] ?? 0) < (steps[step]?.before ?? 0)) {
      factor *= steps[step]?.price ?? 1
      step -= 1
    }
    adjusted[row] = toFloat((closes[row] ?? 0) * factor)
  }
  return adjusted
}

/** Tells the inputs of an instrument at an instant; asked for again in the same session, they are those it told before. */
export interface ModelledPast {
  readonly inputsAt: (instrument: Instrument, at: Timestamp) => Effect.Effect<ModelInputs, InputsError>
}

/** Over a market's own prices. What is told of an instant is made of what was known then, whenever it is asked for. */
export const makeModelledPast = (data: MarketData["Service"]): ModelledPast => {
  const kept = boundedCache<string, ModelInputs>(KEPT_SESSIONS)
  const known = new Map<string, KnownActions>()

  const readActions = Effect.fnUntraced(function* (of: Instrument, firstDay: number, lastDay: number) {
    const found: Array<Dated> = []
    for (const { date, open } of sessionsBetween(dateOfDay(firstDay), dateOfDay(lastDay))) {
      for (const action of yield* data.corporateActions(of.id, date)) found.push({ action, from: open })
    }
    return found
  })

  /** Those from `firstDay` to the date of `at`, oldest first. */
  const actionsUntil = Effect.fnUntraced(function* (of: Instrument, firstDay: number, at: Timestamp) {
    const lastDay = dayOfDate(exchangeDate(at))
    const before = known.get(of.id)
    const goesOn = before !== undefined && before.firstDay <= firstDay && firstDay <= before.lastDay + 1
    if (goesOn && lastDay <= before.lastDay) return before.actions
    const all: KnownActions = goesOn
      ? {
          firstDay: before.firstDay,
          lastDay,
          actions: [...before.actions, ...(yield* readActions(of, before.lastDay + 1, lastDay))]
        }
      : { firstDay, lastDay, actions: yield* readActions(of, firstDay, lastDay) }
    known.set(of.id, all)
    return all.actions
  })

  const make = Effect.fnUntraced(function* (of: Instrument, at: Timestamp) {
    const firstDay = dayFrom(dayOfDate(exchangeDate(at)) - DAYS_OF_RETURNS)
    const actions = (yield* actionsUntil(of, firstDay, at)).filter(({ from }) => from <= at)
    const bars = yield* data
      .bars({
        instrumentId: of.id,
        resolution: "1d",
        from: startOf(firstDay),
        until: at,
        adjustment: "raw"
      })
      .pipe(Effect.catchTag("ResolutionUnavailable", () => Effect.succeed([])))
    const closes = { opens: bars.map(({ tsOpen }) => tsOpen), closes: bars.map(({ close }) => close) }
    const inputs: ModelInputs = {
      rate: policyRate(exchangeDate(at)).rate,
      paid: paidUntil(actions, at),
      level: varianceLevel(adjustedCloses(closes, actions, at)),
      splits: actions.flatMap(({ action }) => (action._tag === "Split" ? [action] : [])).toReversed()
    }
    return inputs
  })

  return {
    inputsAt: (instrument, at) =>
      Effect.suspend(() => {
        const [key, moment] = momentOf(instrument, at)
        const found = kept.get(key)
        return found === undefined
          ? Effect.tap(make(instrument, moment), (inputs) => Effect.sync(() => kept.set(key, inputs)))
          : Effect.succeed(found)
      })
  }
}

/**
 * What is known is the same from a session's open to its close, and from there
 * to the end of its day: the name of that stretch, and its first instant.
 */
const momentOf = ({ id }: Instrument, at: Timestamp): readonly [key: string, moment: Timestamp] => {
  const date: SessionDate = exchangeDate(at)
  const today = Option.getOrUndefined(session(date))
  if (today === undefined || at < today.open) return [`${id} ${date}`, startOf(dayOfDate(date))]
  return at < today.close
    ? [`${id} ${date} open`, today.open]
    : [`${id} ${date} closed`, timestamp(today.close)]
}
