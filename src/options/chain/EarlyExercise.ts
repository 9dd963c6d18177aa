/**
 * American prices as European ones plus what early exercise is worth.
 *
 * The premium is Bjerksund and Stensland's (2002) value less Black and
 * Scholes's at the same volatility. Theirs is never above the true American
 * value, so the premium is a little too small rather than too great.
 */
import { Result } from "effect"
import { americanVolatility as searchedVolatility } from "../AmericanImpliedVolatility.ts"
import { bjerksundStensland2002 } from "../BjerksundStensland.ts"
import { europeanPrice } from "../BlackScholes.ts"
import { europeanVolatility } from "../ImpliedVolatility.ts"

/** A contract's market, as the pricing functions take it. */
export interface Terms {
  readonly sign: 1 | -1
  readonly spot: number
  readonly strike: number
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
}

/** What the right to exercise early is worth, in dollars; zero or more. */
export const earlyExercisePremium = (
  { dividendYield, rate, sign, spot, strike, years }: Terms,
  volatility: number
): number => {
  // A call on a share that pays nothing, a put where money earns nothing: nothing is gained by exercise.
  const [gained, lost] = sign > 0 ? [dividendYield, rate] : [rate, dividendYield]
  if (gained <= 0 && gained <= lost) return 0
  return Math.max(
    0,
    bjerksundStensland2002(sign, spot, strike, years, rate, dividendYield, volatility) -
      europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
  )
}

const ROUNDS = 12
/** Volatilities that differ by less are the same. */
const SAME = 1e-9

/** By search, where going around does not come to rest: deep in the money, where all of a price is premium. */
const searched = ({ sign, ...terms }: Terms, price: number): number => {
  const found = searchedVolatility({
    terms: { ...terms, right: sign > 0 ? "CALL" : "PUT" },
    price,
    style: "american",
    model: "bjs2002"
  })
  return Result.isSuccess(found) && found.success.volatility._tag === "Ok"
    ? found.success.volatility.volatility
    : Number.NaN
}

/**
 * The volatility in an American price, `americanVolatility`'s of the model
 * "bjs2002" to nine digits: that of the European price that is left when the
 * premium at this volatility is taken off, found by going around until it stays.
 * Out of the money, where the premium is small, that takes four rounds or fewer.
 * NaN where no volatility gives the price.
 */
export const quotedVolatility = (terms: Terms, price: number): number => {
  const { dividendYield, rate, sign, spot, strike, years } = terms
  const european = (left: number): number =>
    europeanVolatility(sign, spot, strike, years, rate, dividendYield, left)
  let volatility = european(price)
  for (let round = 0; round < ROUNDS && volatility > 0; round++) {
    const next = european(price - earlyExercisePremium(terms, volatility))
    if (Math.abs(next - volatility) < SAME) return next
    volatility = next
  }
  return searched(terms, price)
}
