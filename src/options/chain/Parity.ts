/**
 * An expiry's forward from put–call parity: C − P = e^(−rT)(F − K) (Stoll 1969,
 * with dividends Merton 1973), so that calls and puts of one strike cost the
 * same where the strike is the forward. A robust line through C − P by strike
 * crosses zero there.
 *
 * Pairs near the money count most: a Gaussian in ln(K ÷ F) as wide as one
 * standard deviation of the share, times the inverse square of the two spreads.
 *
 * American contracts break parity by what early exercise is worth, the more the
 * deeper in the money. The premium is taken off each side at the volatility of
 * the pair's contract out of the money, given the yield found so far, three
 * times over.
 *
 * The slope is free, so the forward owes nothing to the interest rate that is
 * assumed. The dividend yield does: it is r − ln(F ÷ S) ÷ T, what the share pays
 * and costs to borrow, as far as r is the rate at which options are financed.
 */
import type { OptionStyle } from "../../domain/OptionContract.ts"
import { earlyExercisePremium, quotedVolatility } from "./EarlyExercise.ts"
import type { ForwardFit } from "./OptionChain.ts"
import type { TwoSided } from "./QuoteChecks.ts"
import { type LinePoint, robustLine } from "./RobustLine.ts"

/** What an expiry's quotes are priced in. */
export interface Setting {
  readonly style: OptionStyle
  readonly spot: number
  readonly years: number
  readonly rate: number
}

interface Pair {
  readonly strike: number
  readonly call: TwoSided
  readonly put: TwoSided
}

/** With fewer, one wrong quote could not be told from the others. */
export const PAIRS_NEEDED = 3

/** A line with a free slope is drawn from so many on. */
const FREE_SLOPE_PAIRS = 6

/** The nearest ones; further pairs have no weight to speak of. */
const MAX_PAIRS = 40

/** Standard deviations of the share from the forward beyond which a pair says nothing about it. */
const MAX_DEVIATIONS = 3

/** Times that the early-exercise premium is computed anew. */
const PREMIUM_ROUNDS = 3

/** Dollars that a middle is uncertain by however small the spread: half a tick. */
const TICK = 0.005

/** An at-the-money straddle is worth √(2/π) of the share's standard deviation (Brenner and Subrahmanyam 1988). */
const STRADDLE = Math.sqrt(Math.PI / 2)

/** A slope further from −e^(−rT) than this, in parts of it, is noise; the slope is then fixed. */
const SLOPE_SLACK = 0.1

const pairsOf = (quotes: ReadonlyArray<TwoSided>): ReadonlyArray<Pair> => {
  const puts = new Map(quotes.filter(({ sign }) => sign < 0).map((put) => [put.quote.strike, put]))
  return quotes.flatMap((call) => {
    const put = call.sign > 0 ? puts.get(call.quote.strike) : undefined
    return put === undefined ? [] : [{ strike: call.quote.strike, call, put }]
  })
}

const difference = ({ call, put }: Pair): number => call.mid - put.mid

/** Parity at the one pair whose call and put are nearest to each other. */
const roughForward = (pairs: ReadonlyArray<Pair>, discount: number) => {
  const [first] = pairs
  if (first === undefined) return undefined
  const atMoney = pairs.reduce((a, b) => (Math.abs(difference(b)) < Math.abs(difference(a)) ? b : a), first)
  const forward = atMoney.strike + difference(atMoney) / discount
  const straddle = atMoney.call.mid + atMoney.put.mid
  return forward > 0 ? { forward, deviation: (STRADDLE * straddle) / (discount * forward) } : undefined
}

/** What early exercise adds to call less put. */
const premiumOf = (
  { call, put, strike }: Pair,
  { rate, spot, years }: Setting,
  forward: number,
  dividendYield: number
): number => {
  const terms = { spot, strike, years, rate, dividendYield }
  const out = strike > forward ? call : put
  const volatility = quotedVolatility({ ...terms, sign: out.sign }, out.mid)
  if (!(volatility > 0)) return 0
  return (
    earlyExercisePremium({ ...terms, sign: 1 }, volatility) -
    earlyExercisePremium({ ...terms, sign: -1 }, volatility)
  )
}

const lineThrough = (points: ReadonlyArray<LinePoint>, discount: number) => {
  const free = points.length >= FREE_SLOPE_PAIRS ? robustLine(points) : undefined
  return free !== undefined && Math.abs(free.slope / discount + 1) < SLOPE_SLACK
    ? free
    : robustLine(points, -discount)
}

/** The yield that makes a forward: what is left of the rate. */
export const yieldOf = (forward: number, { rate, spot, years }: Setting): number =>
  rate - Math.log(forward / spot) / years

/** The forward that the expiry's pairs imply; none where they are too few or make no sense. */
export const parityForward = (quotes: ReadonlyArray<TwoSided>, setting: Setting): ForwardFit | undefined => {
  const discount = Math.exp(-setting.rate * setting.years)
  const all = pairsOf(quotes)
  const rough = roughForward(all, discount)
  if (rough === undefined) return undefined
  const { deviation } = rough
  const farness = ({ strike }: Pair): number => Math.abs(Math.log(strike / rough.forward)) / deviation
  const pairs = all
    .filter((pair) => farness(pair) <= MAX_DEVIATIONS)
    .toSorted((a, b) => farness(a) - farness(b))
    .slice(0, MAX_PAIRS)
  if (pairs.length < PAIRS_NEEDED) return undefined
  let fit: ForwardFit | undefined
  let { forward } = rough
  for (let round = 0; round < (setting.style === "AMERICAN" ? PREMIUM_ROUNDS : 1); round++) {
    const dividendYield = yieldOf(forward, setting)
    const points = pairs.map((pair): LinePoint => {
      const { call, put, strike } = pair
      const premium = setting.style === "AMERICAN" ? premiumOf(pair, setting, forward, dividendYield) : 0
      const spreads = (call.ask - call.bid) ** 2 + (put.ask - put.bid) ** 2 + TICK * TICK
      return {
        x: strike,
        y: difference(pair) - premium,
        weight: Math.exp(-0.5 * farness(pair) ** 2) / spreads
      }
    })
    const line = lineThrough(points, discount)
    if (line === undefined || !(line.zero > 0)) return undefined
    forward = line.zero
    fit = {
      forward,
      dividendYield: yieldOf(forward, setting),
      source: "parity",
      pairs: pairs.length,
      outliers: line.outliers,
      standardError: line.zeroError
    }
  }
  return fit
}
