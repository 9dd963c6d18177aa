/**
 * The limits every order is held against.
 *
 * Ratios are plain numbers (0.25 is 25%) with at most six decimals, in code and
 * in `plimsoll.json`; comparisons are made on integers (`ExactRatio`). Every
 * number is bounded, so that NaN, a negative or an absurd value is refused
 * where the limits are read and never reaches a rule.
 */
import canonicalize from "canonicalize"
import { Effect, Result, Schema, SchemaIssue, SchemaParser } from "effect"
import { Symbol } from "../domain/Identifiers.ts"
import { sha256 } from "../domain/Sha256.ts"
import { hasSixDecimals } from "./ExactRatio.ts"

const sixDecimals = Schema.makeFilter<number>((n) => hasSixDecimals(n) || "Expected at most six decimals")

const decimalBetween = (minimum: number, maximum: number) =>
  Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum, maximum }), sixDecimals))

const wholeBetween = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** So many of the latest orders are remembered, and a rate can count no more. */
export const MAX_ORDERS_PER_MINUTE = 512

const staleness = decimalBetween(0, 86_400)

/** What holds of options alone. Ratios of Greeks are shares of equity. */
export const OptionLimits = Schema.Struct({
  /** Whether calls may be written that nothing covers, and puts beyond what the cash secures. */
  uncovered: Schema.Boolean,
  /** The widest spread a market order is taken at: (ask − bid) ÷ their middle. */
  spreadRatio: decimalBetween(0, 2),
  /** Dollars per point of volatility, of all options on one underlying and of all, without signs. */
  vegaRatio: decimalBetween(0, 10),
  totalVegaRatio: decimalBetween(0, 10),
  /** Dollars that delta times price changes by per 1% of the underlying. */
  gammaRatio: decimalBetween(0, 10),
  totalGammaRatio: decimalBetween(0, 10),
  /** Dollars a day. */
  thetaRatio: decimalBetween(0, 10),
  totalThetaRatio: decimalBetween(0, 10)
})
export type OptionLimits = typeof OptionLimits.Type

/** Those of a desk when nobody has said anything else, and of limits accepted before there were any. */
export const defaultOptionLimits: OptionLimits = {
  uncovered: false,
  spreadRatio: 0.25,
  vegaRatio: 0.01,
  totalVegaRatio: 0.02,
  gammaRatio: 0.5,
  totalGammaRatio: 1,
  thetaRatio: 0.005,
  totalThetaRatio: 0.01
}

export const RiskLimits = Schema.Struct({
  /** Most of equity that one instrument may be, working orders counted as filled. */
  positionRatio: decimalBetween(0, 10),
  /** Most of equity that one order may be. */
  orderNotionalRatio: decimalBetween(0, 10),
  /** Most of equity that long and short positions together may be, working orders counted as filled. */
  grossExposureRatio: decimalBetween(0, 10),
  /** The day's loss, against equity at the prior close, at which only reducing orders are left. */
  dailyLossRatio: decimalBetween(0.001, 1),
  /** The fall from the peak of equity at which only reducing orders are left. */
  drawdownRatio: decimalBetween(0.001, 1),
  /** How far an order's price, or the quote it cites, may be from the market; and what a market order is valued above the ask. */
  priceCollarRatio: decimalBetween(0, 0.5),
  /** Orders and replacements in any minute, the reserve included; null is no limit. */
  ordersPerMinute: Schema.NullOr(wholeBetween(1, MAX_ORDERS_PER_MINUTE)),
  /** How many of those only reducing orders may use. */
  reservedForReducing: wholeBetween(0, MAX_ORDERS_PER_MINUTE),
  /** Working orders at once, a bracket's exits included. */
  openOrders: wholeBetween(1, 10_000),
  /** An order like one sent less than this ago is a duplicate. */
  duplicateWindowSeconds: decimalBetween(0, 3600),
  /** The greatest age of the quote an order cites, by class of asset. */
  quoteStalenessSeconds: Schema.Struct({ equity: staleness, index: staleness, option: staleness }),
  /** Symbols nothing may be sent for; an underlying's symbol covers its options. */
  restricted: Schema.Array(Symbol),
  /** Whether a sale may go beyond what is held. */
  shortSales: Schema.Boolean,
  options: OptionLimits.pipe(Schema.withDecodingDefaultKey(Effect.succeed(defaultOptionLimits)))
}).pipe(
  Schema.check(
    Schema.makeFilter<{ readonly ordersPerMinute: number | null; readonly reservedForReducing: number }>(
      ({ ordersPerMinute, reservedForReducing }) =>
        ordersPerMinute === null ||
        reservedForReducing <= ordersPerMinute || {
          path: ["reservedForReducing"],
          issue: `Expected at most ordersPerMinute (${ordersPerMinute})`
        }
    )
  )
)
export type RiskLimits = typeof RiskLimits.Type

/** The desk's limits when nobody has said anything else. */
export const defaultLimits: RiskLimits = {
  positionRatio: 0.25,
  orderNotionalRatio: 0.1,
  grossExposureRatio: 1,
  dailyLossRatio: 0.03,
  drawdownRatio: 0.2,
  priceCollarRatio: 0.05,
  ordersPerMinute: 30,
  reservedForReducing: 10,
  openOrders: 20,
  duplicateWindowSeconds: 5,
  quoteStalenessSeconds: { equity: 15, index: 15, option: 60 },
  restricted: [],
  shortSales: false,
  options: defaultOptionLimits
}

/** Limits could not be read, so nothing may be sent. `field` is empty when the whole is at fault. */
export class LimitsUnreadable extends Schema.TaggedError<LimitsUnreadable>()("LimitsUnreadable", {
  /** The file, or whatever else they were read from. */
  source: Schema.String,
  field: Schema.String,
  message: Schema.String
}) {}

const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()
const decode = SchemaParser.decodeUnknownResult(RiskLimits, { onExcessProperty: "error" })

/**
 * Limits from unknown input, unknown fields refused. `source` is what the
 * error calls it ("plimsoll.json", "the desk's sealed limits").
 */
export const decodeLimits = (input: unknown, source: string): Result.Result<RiskLimits, LimitsUnreadable> =>
  Result.mapError(decode(input), (issue) => {
    const first = formatIssue(issue).issues[0]
    const field = (first?.path ?? [])
      .map((part) => String(typeof part === "object" ? part.key : part))
      .join(".")
    const problem = first?.message ?? "not readable"
    return new LimitsUnreadable({
      source,
      field,
      message: `${source}: limits${field === "" ? "" : `.${field}`}: ${problem}. No order is accepted until it is mended.`
    })
  })

/** Limits as they may be kept: without those of options, which are the defaults then. */
export type StoredLimits = Omit<RiskLimits, "options"> & { readonly options?: OptionLimits }

export const completeLimits = (stored: StoredLimits): RiskLimits => ({
  ...stored,
  options: stored.options ?? defaultOptionLimits
})

/** A profile's limits, and what a file wants otherwise; of those of options it may say some. */
export const withOverrides = (
  base: RiskLimits,
  overrides: { readonly [field: string]: unknown }
): { readonly [field: string]: unknown } => {
  const { options } = overrides
  return typeof options === "object" && options !== null && !Array.isArray(options)
    ? { ...base, ...overrides, options: { ...base.options, ...options } }
    : { ...base, ...overrides }
}

/**
 * sha256, in hex, of the limits as canonical JSON (RFC 8785). The restricted
 * list's order does not matter, and limits of options that are the defaults are
 * as if not said: limits accepted before there were any keep their name.
 */
export const hashLimits = ({ options, ...limits }: StoredLimits): string => {
  const isDefault = options === undefined || canonicalize(options) === canonicalize(defaultOptionLimits)
  const canonical = canonicalize({
    ...limits,
    restricted: [...new Set(limits.restricted)].toSorted(),
    ...(isDefault ? {} : { options })
  })
  return sha256(canonical ?? "")
}
