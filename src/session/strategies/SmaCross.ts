/**
 * Long while a short mean of closes is above a long one, else in cash.
 *
 * The oldest rule of its kind (R. Donchian's 5- and 20-day means, 1960; W.
 * Brock, J. Lakonishok, B. LeBaron, Journal of Finance, 1992, test many pairs of
 * them). It is here to be swept: on one instrument it has a rule over columns.
 */
import { Result } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { formatMicros } from "../../domain/Money.ts"
import { sma } from "../Indicators.ts"
import { type ParameterValue, type ValuesOf, whole } from "../Parameters.ts"
import type { Strategy, StrategyContext, Target } from "../Strategy.ts"
import { defineStrategy, type SignalRule, type TargetLogic } from "../StrategyDefinition.ts"

const parameters = {
  fast: whole({
    default: 10,
    minimum: 1,
    maximum: 2000,
    meaning: "closes in the short mean"
  }),
  slow: whole({ default: 50, minimum: 1, maximum: 2000, meaning: "closes in the long mean" })
}
export type SmaCrossParameters = ValuesOf<typeof parameters>

const logic = ({ fast, slow }: SmaCrossParameters): TargetLogic => {
  const [short, long] = [sma(fast), sma(slow)]
  const targetOf = (context: StrategyContext, id: InstrumentId): Target | undefined => {
    if (!context.histories.has(id)) return undefined
    const [above, below] = [context.valueOf(short, id), context.valueOf(long, id)]
    if (above === undefined || below === undefined) return undefined
    const isWanted = above > below
    if (isWanted === context.holdings.has(id)) return undefined
    const against = `${fast}-bar mean ${formatMicros(Math.round(above), 2)}, ${slow}-bar mean ${formatMicros(Math.round(below), 2)}`
    return isWanted
      ? { instrumentId: id, weight: 1 / context.instruments.length, reason: `Above: ${against}.` }
      : { instrumentId: id, weight: 0, reason: `Not above: ${against}.` }
  }
  return {
    summary: `Long while the ${fast}-session mean of closes is above the ${slow}-session one, else in cash.`,
    description:
      `Long while the mean of the last ${fast} closes is above that of the last ${slow}, in cash while it is not. ` +
      "With several instruments each has an equal share of equity. A position is left as it is for as long as the rule wants one. " +
      "Decided on the close, sent for the next open.",
    indicators: [short, long],
    onBar: (context) => {
      const targets: Array<Target> = []
      for (const { id } of context.instruments) {
        const target = targetOf(context, id)
        if (target !== undefined) targets.push(target)
      }
      return targets
    }
  }
}

type Bars = Parameters<SignalRule["wants"]>[0]

/** Sums of the closes before each, exact as long as they stay below 2^53: some 18,000 bars at half a million dollars. */
const sumsOf = ({ close, length }: Bars): Float64Array => {
  const sums = new Float64Array(length + 1)
  for (let k = 0; k < length; k++) sums[k + 1] = (sums[k] ?? 0) + (close[k] ?? Number.NaN)
  return sums
}

const cached = (cache: Map<string, Float64Array>, key: string, make: () => Float64Array): Float64Array => {
  const found = cache.get(key)
  if (found !== undefined) return found
  const made = make()
  cache.set(key, made)
  return made
}

/** Means of `count` closes, from bar `count` − 1 on. */
const meansOf = (bars: Bars, count: number, cache: Map<string, Float64Array>): Float64Array =>
  cached(cache, `sma-cross mean ${count}`, () => {
    const sums = cached(cache, "sma-cross sums", () => sumsOf(bars))
    const means = new Float64Array(bars.length)
    for (let k = count - 1; k < bars.length; k++) {
      means[k] = ((sums[k + 1] ?? 0) - (sums[k + 1 - count] ?? 0)) / count
    }
    return means
  })

const counted = (value: ParameterValue | undefined): number => {
  if (typeof value !== "number") throw new RangeError(`${String(value)} is no number of closes`)
  return value
}

const signal: SignalRule = {
  wants: (bars, values, cache) => {
    const slow = counted(values["slow"])
    const short = meansOf(bars, counted(values["fast"]), cache)
    const long = meansOf(bars, slow, cache)
    const wants = new Uint8Array(bars.length)
    for (let k = slow - 1; k < bars.length; k++) wants[k] = (short[k] ?? 0) > (long[k] ?? 0) ? 1 : 0
    return wants
  }
}

export const smaCross = defineStrategy({
  name: "sma-cross",
  title: "Crossing means",
  summary: "Long while a short mean of closes is above a long one, else in cash.",
  instruments: { least: 1, most: null },
  parameters,
  check: ({ fast, slow }) =>
    fast < slow ? undefined : `fast is ${fast} and slow is ${slow}: fast has to be the smaller`,
  make: logic,
  signal
})

/** Crossing means with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makeSmaCross = (values: Partial<SmaCrossParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(smaCross.bind(values))
