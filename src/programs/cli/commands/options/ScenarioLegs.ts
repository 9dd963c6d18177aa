/** The typed legs of a position with what is needed to value them: from a chain, or from flags. */
import { Effect, Option } from "effect"
import { dayOfDate, type SessionDate } from "../../../../domain/Timestamp.ts"
import type { OptionStyle } from "../../../../domain/OptionContract.ts"
import { expiryClose } from "../../../../market/OptionTime.ts"
import type { RawChain, RawExpiry } from "../../../../options/chain/OptionChain.ts"
import { type Leg, type LegModel, type OptionLeg, inputsAt } from "../../../../options/Position.ts"
import type { VolatilitySurface } from "../../../../options/surface/VolatilitySurface.ts"
import { badUsage, type BadUsage } from "../../Failures.ts"
import type { OpenedChain } from "./ChainSource.ts"
import type { LegEnd, TypedLeg } from "./LegText.ts"
import { MICROS_PER_YEAR, pricingTime } from "./OptionFlags.ts"

/** A position ready to be valued, and what was taken for what was not said. */
export interface ResolvedPosition {
  readonly legs: ReadonlyArray<Leg>
  readonly spot: number
  /** Of the time to the first expiry, for the probability of profit. */
  readonly horizon: {
    readonly rate: number
    readonly dividendYield: number
    readonly volatility: number
    /** Where the volatility is from, in words. */
    readonly from: string
  }
  readonly notes: ReadonlyArray<string>
}

type OptionTyped = Extract<TypedLeg, { _tag: "Option" }>

/** A typed leg without a price enters at the model's value. */
const entered = (leg: OptionLeg, typed: number | undefined, spot: number, model: LegModel): OptionLeg => ({
  ...leg,
  entryPrice: typed ?? model.price(inputsAt(leg, spot, 0, 0), leg.style)
})

const NEAREST = 4

/** "30d" is the nearest expiry, where one is about as far away. */
const isAbout = (days: number, distance: number): boolean => distance <= Math.max(4, days / 4)

/** The expiry of a chain that a day or a number of days stands for; a failure names the nearest. */
export const expiryAt = (
  { expiries, symbol }: RawChain,
  end: LegEnd,
  asked: string
): Effect.Effect<RawExpiry, BadUsage> => {
  const day = end._tag === "Day" ? dayOfDate(end.expiry) : undefined
  const distance = ({ expiry, years }: RawExpiry): number =>
    end._tag === "Days" ? Math.abs(years * 365 - end.days) : Math.abs(dayOfDate(expiry) - (day ?? 0))
  const near = expiries.toSorted((a, b) => distance(a) - distance(b))
  const [first] = near
  if (
    first !== undefined &&
    (end._tag === "Days" ? isAbout(end.days, distance(first)) : distance(first) === 0)
  ) {
    return Effect.succeed(first)
  }
  const named = near
    .slice(0, NEAREST)
    .map(({ expiry }) => expiry)
    .toSorted()
  return Effect.fail(
    badUsage(
      `${asked}: ${symbol} has no options that expire then; the nearest expiries are ${named.join(", ") || "none"}`
    )
  )
}

/** The expiry that a leg names. */
export const expiryOf = (
  chain: Pick<OpenedChain, "raw">,
  { end, text }: Pick<OptionTyped, "end" | "text">
): Effect.Effect<RawExpiry, BadUsage> => expiryAt(chain.raw, end, `--leg "${text}"`)

interface Wing {
  readonly volatility: number
  readonly dividendYield: number
}

/** The volatility of a strike: of its own quotes, else of the surface. */
const wingOf = (
  chain: OpenedChain,
  surface: VolatilitySurface | undefined,
  { expiry, years }: RawExpiry,
  { strike, text }: OptionTyped
): Effect.Effect<Wing, BadUsage> => {
  const smile = chain.clean.smiles.find((one) => one.expiry === expiry)
  const dividendYield =
    smile === undefined || smile.source === "spot" ? chain.market.dividendYield : smile.dividendYield
  const own = smile?.points.find((point) => point.strike === strike)
  if (own !== undefined) return Effect.succeed({ volatility: own.volatility, dividendYield })
  const fitted = surface?.volatilityAt(strike, years)
  return fitted === undefined || fitted._tag === "Outside"
    ? Effect.fail(
        badUsage(
          `--leg "${text}": no quote of that strike can be used, and it lies outside of the chain's surface; give the position with --spot, --rate and --volatility instead of --symbol`
        )
      )
    : Effect.succeed({ volatility: fitted.volatility, dividendYield })
}

const midOf = ({ quotes }: RawExpiry, { right, strike }: OptionTyped): number | undefined => {
  const quote = quotes.find((one) => one.right === right && one.strike === strike)
  return quote?.bid !== undefined && quote.ask !== undefined && quote.bid <= quote.ask
    ? (quote.bid + quote.ask) / 2
    : undefined
}

/** Legs of a chain's expiries, by its quotes. */
export const legsOfChain = Effect.fnUntraced(function* (
  typed: ReadonlyArray<TypedLeg>,
  options: {
    readonly chain: OpenedChain
    readonly surface: VolatilitySurface | undefined
    readonly model: LegModel
    readonly multiplier: number
  }
): Effect.fn.Return<ResolvedPosition, BadUsage> {
  const { chain, model, multiplier, surface } = options
  const { spot, style } = chain.raw
  const notes = new Set<string>()
  const legs: Array<Leg> = []
  let first: { readonly years: number; readonly rate: number; readonly wing: Wing } | undefined
  for (const leg of typed) {
    if (leg._tag === "Shares") {
      legs.push({ _tag: "Shares", quantity: leg.quantity, entryPrice: leg.entryPrice ?? spot })
      continue
    }
    const expiry = yield* expiryOf(chain, leg)
    if (leg.end._tag === "Days") notes.add(`${leg.end.days}d is the expiry of ${expiry.expiry}`)
    const wing = yield* wingOf(chain, surface, expiry, leg)
    if (first === undefined || expiry.years < first.years) {
      first = { years: expiry.years, rate: expiry.rate, wing }
    }
    const mid = midOf(expiry, leg)
    if (leg.entryPrice === undefined) {
      notes.add(
        mid === undefined
          ? "a leg without a price or a quote enters at its model value"
          : "a leg without a price enters at the middle of its quote"
      )
    }
    legs.push(
      entered(
        {
          _tag: "Option",
          right: leg.right,
          strike: leg.strike,
          years: expiry.years,
          rate: expiry.rate,
          ...wing,
          style,
          quantity: leg.quantity,
          multiplier,
          entryPrice: 0
        },
        leg.entryPrice ?? mid,
        spot,
        model
      )
    )
  }
  const years = first?.years ?? 0
  const atForward = surface?.volatilityAt(surface.forwardAt(years), years)
  const isFitted = atForward !== undefined && atForward._tag !== "Outside"
  return {
    legs,
    spot,
    horizon: {
      rate: first?.rate ?? 0,
      dividendYield: first?.wing.dividendYield ?? 0,
      volatility: isFitted ? atForward.volatility : (first?.wing.volatility ?? 0),
      from: isFitted ? "that of the surface at the forward" : "the first leg's"
    },
    notes: [...notes]
  }
})

const yearsOf = Effect.fnUntraced(function* (end: LegEnd, text: string, date: Option.Option<SessionDate>) {
  if (end._tag === "Days") return end.days / 365
  const at = yield* pricingTime(date)
  const close = expiryClose(end.expiry)
  if (Option.isNone(close) || close.value < at.close) {
    return yield* badUsage(
      `--leg "${text}": ${end.expiry} is ${Option.isNone(close) ? "outside the trading calendar" : `before ${at.date}, ${at.isToday ? "today: name the day it is priced on by --date" : "the day it is priced on"}`}`
    )
  }
  return (close.value - at.close) / MICROS_PER_YEAR
})

/** Legs that all have the volatility, rate and yield of the flags. */
export const legsOfFlags = Effect.fnUntraced(function* (
  typed: ReadonlyArray<TypedLeg>,
  options: {
    readonly spot: number
    readonly rate: number
    readonly dividendYield: number
    readonly volatility: number
    readonly style: OptionStyle
    readonly date: Option.Option<SessionDate>
    readonly model: LegModel
    readonly multiplier: number
  }
): Effect.fn.Return<ResolvedPosition, BadUsage> {
  const { date, dividendYield, model, multiplier, rate, spot, style, volatility } = options
  const notes = new Set<string>()
  const legs: Array<Leg> = []
  for (const leg of typed) {
    if (leg._tag === "Shares") {
      legs.push({ _tag: "Shares", quantity: leg.quantity, entryPrice: leg.entryPrice ?? spot })
      continue
    }
    if (leg.entryPrice === undefined) notes.add("a leg without a price enters at its model value")
    legs.push(
      entered(
        {
          _tag: "Option",
          right: leg.right,
          strike: leg.strike,
          years: yield* yearsOf(leg.end, leg.text, date),
          rate,
          dividendYield,
          volatility,
          style,
          quantity: leg.quantity,
          multiplier,
          entryPrice: 0
        },
        leg.entryPrice,
        spot,
        model
      )
    )
  }
  return {
    legs,
    spot,
    horizon: { rate, dividendYield, volatility, from: "--volatility" },
    notes: [...notes]
  }
})
