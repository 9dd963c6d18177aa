/** What the options library makes of a chain of the options market: cleaned quotes, a surface, a contract's Greeks. */
import { Result } from "effect"
import type { OptionStyle } from "../domain/OptionContract.ts"
import { americanVolatility } from "../options/AmericanImpliedVolatility.ts"
import { cleanChain } from "../options/chain/Cleaning.ts"
import type { CleanChain, DropReason, RawChain, RawQuote, Smile } from "../options/chain/OptionChain.ts"
import type { Greeks } from "../options/Greeks.ts"
import { type StatusName, statusName } from "../options/ImpliedVolatility.ts"
import type { Accuracy, ModelName } from "../options/ModelSelection.ts"
import type { InvalidInputs, OptionTerms } from "../options/OptionInputs.ts"
import { greeksBy, type OptionValue, value, type ValueRequest } from "../options/OptionModel.ts"
import { fitSurface } from "../options/surface/SurfaceFit.ts"
import {
  InsufficientQuotes,
  type InterpolationModel,
  type VolatilitySurface
} from "../options/surface/VolatilitySurface.ts"
import type { ContractQuote, MarketChain } from "./MarketChain.ts"

/** A chain is one value however often it is handed out: what is made of it is made once. */
const remembered = <A>(make: (raw: RawChain) => A): ((chain: MarketChain) => A) => {
  const made = new WeakMap<RawChain, { readonly value: A }>()
  return ({ raw }) => {
    const known = made.get(raw) ?? { value: make(raw) }
    made.set(raw, known)
    return known.value
  }
}

export const cleaned: (chain: MarketChain) => CleanChain = remembered((raw) => cleanChain(raw))

type Fitted = Result.Result<VolatilitySurface, InsufficientQuotes>

const fittedBy: (chain: MarketChain) => Map<InterpolationModel, Fitted> = remembered(() => new Map())

/** The chain's surface, of arbitrage-free slices unless another model is asked for. */
export const surfaceOf = (chain: MarketChain, model: InterpolationModel = "svi"): Fitted => {
  const known = fittedBy(chain)
  const surface = known.get(model) ?? fitSurface(cleaned(chain), { model })
  known.set(model, surface)
  return surface
}

/** Why the cleaning leaves a contract's quote out; undefined where it does not. */
export const dropReasonOf = ({
  chain,
  quote
}: Pick<ContractQuote, "chain" | "quote">): DropReason | undefined =>
  cleaned(chain).dropped.get(quote.contract)

/** Its price and its strike are of another share than the chain's spot: no number of it means anything. */
const wrongBasis = ({ chain, quote }: ContractQuote): InsufficientQuotes =>
  new InsufficientQuotes({
    symbol: chain.raw.symbol,
    wanted: `a volatility of ${quote.contract}`,
    found: 0,
    needed: 1,
    message: `${quote.contract} is a contract of the other side of the share's split: its strike does not go with the underlying's price of ${chain.raw.spot}`
  })

/** More than any market has had, and as good as not knowing. */
const MAX_VOLATILITY = 10

/** A yield further from zero is an error of the quotes it was implied from. */
const MAX_YIELD = 2

export interface CarriedTerms {
  readonly terms: OptionTerms
  /** Where the dividend yield is from, in words. */
  readonly yieldFrom: string
}

/** The contract's terms, with the dividend yield that its expiry's quotes imply. */
export const termsOf = ({ chain, expiry, quote }: ContractQuote): CarriedTerms => {
  const implied = cleaned(chain).smiles.find((smile) => smile.expiry === expiry.expiry)
  const base = {
    right: quote.right,
    spot: chain.raw.spot,
    strike: quote.strike,
    years: expiry.years,
    rate: expiry.rate
  }
  // The model's own yield is what its quotes were made with.
  return implied !== undefined &&
    chain.source !== "model" &&
    implied.source !== "spot" &&
    Math.abs(implied.dividendYield) <= MAX_YIELD
    ? {
        terms: { ...base, dividendYield: implied.dividendYield },
        yieldFrom:
          implied.source === "parity"
            ? `put-call parity of ${expiry.expiry} over ${implied.pairs} strikes`
            : `put-call parity of the expiries around ${expiry.expiry}`
      }
    : {
        terms: { ...base, dividendYield: chain.dividendYield },
        yieldFrom: chain.origins.dividendYield
      }
}

/** The middle of a quote that has both sides; undefined for any other. */
export const midOf = ({ ask, bid }: RawQuote): number | undefined =>
  bid !== undefined && ask !== undefined && bid > 0 && ask >= bid ? (bid + ask) / 2 : undefined

/** What a contract's volatility is looked for in: its mid; of a chain of closing prices its close. */
const priceOf = ({ chain, quote }: ContractQuote): number | undefined =>
  chain.source === "lean-universe" ? (midOf(quote) ?? quote.last) : midOf(quote)

/** The volatility in a contract's own price, and how it was found. */
export interface QuotedVolatility {
  /** no_price: neither both sides of a quote, nor a close. */
  readonly status: StatusName | "no_price"
  readonly volatility: number | undefined
}

const styles: Readonly<Record<OptionStyle, ValueRequest["style"]>> = {
  AMERICAN: "american",
  EUROPEAN: "european"
}

/** By a model, or by the one that is chosen for the accuracy wanted. */
export const quotedVolatility = (
  contract: ContractQuote,
  { terms }: CarriedTerms,
  by: { readonly accuracy: Accuracy } | { readonly model: ModelName }
): Result.Result<QuotedVolatility, InvalidInputs> => {
  const price = priceOf(contract)
  if (price === undefined) return Result.succeed({ status: "no_price", volatility: undefined })
  const request = { terms, price, style: styles[contract.chain.raw.style], ...by }
  return Result.map(americanVolatility(request), ({ volatility: found }) => ({
    status: statusName(found),
    volatility: found._tag === "Ok" ? found.volatility : undefined
  }))
}

/** Half of what the spread leaves open of a volatility: half spread ÷ vega; undefined without both sides. */
export const uncertaintyOf = ({ ask, bid }: RawQuote, { vega }: Greeks): number | undefined =>
  bid !== undefined && ask !== undefined && vega > 0
    ? Math.min((ask - bid) / 2 / vega, MAX_VOLATILITY)
    : undefined

export interface QuotedAnalytics extends CarriedTerms {
  readonly quoted: QuotedVolatility
  /** At the price's own volatility; undefined where it has none. */
  readonly greeks: Greeks | undefined
}

/**
 * A contract's value and Greeks at the volatility of its own price, where there
 * is one in it: for many contracts at once. American ones by Bjerksund and
 * Stensland (2002), which takes a hundredth of the accurate model's time.
 */
export const atQuotedVolatility = (contract: ContractQuote): Result.Result<QuotedAnalytics, InvalidInputs> =>
  Result.gen(function* () {
    const carried = termsOf(contract)
    const model = contract.chain.raw.style === "EUROPEAN" ? "bsm" : "bjs2002"
    const quoted = yield* quotedVolatility(contract, carried, { model })
    const { volatility } = quoted
    const greeks =
      volatility === undefined ? undefined : yield* greeksBy(model, { ...carried.terms, volatility })
    return { ...carried, quoted, greeks }
  })

/** A volatility that the spread leaves open by more, each way, is not told in a list. */
const MAX_UNCERTAINTY = 0.05

/** What a list of contracts tells of each besides its quote. */
export interface ShownGreeks {
  readonly volatility: number | undefined
  readonly delta: number | undefined
  readonly dropped: DropReason | undefined
}

/** Volatility and delta of a contract's own price, as far as that says them. */
export const shownGreeks = (contract: ContractQuote): ShownGreeks => {
  const dropped = dropReasonOf(contract)
  // A contract of the other side of a split has a price of another share: no number of it means anything.
  const found =
    dropped === "wrong-split-basis"
      ? undefined
      : Result.getOrElse(atQuotedVolatility(contract), () => undefined)
  // A close has no spread: how certain it is nobody knows.
  const uncertainty =
    found?.greeks === undefined ? undefined : (uncertaintyOf(contract.quote, found.greeks) ?? 0)
  return {
    volatility:
      uncertainty !== undefined && uncertainty <= MAX_UNCERTAINTY ? found?.quoted.volatility : undefined,
    delta: found?.greeks?.delta,
    dropped
  }
}

/** Of ascending strikes so many on each side of a price. */
export const strikesAround = (
  strikes: ReadonlyArray<number>,
  price: number,
  each: number
): ReadonlyArray<number> => {
  const above = strikes.findIndex((strike) => strike >= price)
  const middle = above === -1 ? strikes.length : above
  return strikes.slice(Math.max(0, middle - each), middle + each)
}

const valueAt = (
  { chain }: ContractQuote,
  { terms }: CarriedTerms,
  volatility: number,
  accuracy: Accuracy
): Result.Result<OptionValue, InvalidInputs> =>
  value({ style: styles[chain.raw.style], inputs: { ...terms, volatility }, accuracy })

export interface ContractAnalytics extends CarriedTerms {
  readonly quoted: QuotedVolatility
  readonly volatility: number
  /** mid, close: of the contract's own price. surface: of the chain's surface at its strike. */
  readonly volatilityFrom: "mid" | "close" | "surface"
  /** How far the surface's may be trusted; undefined for the quote's own. */
  readonly trust: string | undefined
  readonly value: OptionValue
}

const ownPrice = ({ quote }: ContractQuote): "close" | "mid" => (midOf(quote) === undefined ? "close" : "mid")

/**
 * A contract's value and Greeks at the volatility of its own price; where there
 * is none in it, at that of the chain's surface. Of a contract of another split
 * basis there are none.
 */
export const analyse = (
  contract: ContractQuote,
  accuracy: Accuracy
): Result.Result<ContractAnalytics, InsufficientQuotes | InvalidInputs> =>
  Result.gen(function* () {
    if (dropReasonOf(contract) === "wrong-split-basis") return yield* Result.fail(wrongBasis(contract))
    const carried = termsOf(contract)
    const quoted = yield* quotedVolatility(contract, carried, { accuracy })
    const found =
      quoted.volatility === undefined
        ? yield* fromSurface(contract)
        : { volatility: quoted.volatility, volatilityFrom: ownPrice(contract), trust: undefined }
    const valued = yield* valueAt(contract, carried, found.volatility, accuracy)
    return { ...carried, quoted, ...found, value: valued }
  })

const fromSurface = ({ chain, expiry, quote }: ContractQuote) =>
  Result.flatMap(surfaceOf(chain), (surface) => {
    const answer = surface.volatilityAt(quote.strike, expiry.years)
    return answer._tag === "Outside"
      ? Result.fail(
          new InsufficientQuotes({
            symbol: chain.raw.symbol,
            wanted: `a volatility of ${quote.contract}`,
            found: 0,
            needed: 1,
            message: `${quote.contract} has no usable quote of its own, and lies ${answer.why} of the chain's surface`
          })
        )
      : Result.succeed({
          volatility: answer.volatility,
          volatilityFrom: "surface" as const,
          trust: answer._tag === "Near" ? `near: ${answer.why}` : "inside"
        })
  })

/** Volatility at the forward between the two strikes around it; undefined where a side has none. */
export const atmVolatility = ({ points }: Smile): number | undefined => {
  const above = points.findIndex(({ logMoneyness }) => logMoneyness >= 0)
  const high = points[above]
  const low = points[above - 1]
  if (high === undefined) return undefined
  if (high.logMoneyness === 0 || low === undefined) {
    return high.logMoneyness === 0 ? high.volatility : undefined
  }
  const share = -low.logMoneyness / (high.logMoneyness - low.logMoneyness)
  return low.volatility + share * (high.volatility - low.volatility)
}
