/** `get_greeks`. */
import { Effect, Result, Schema } from "effect"
import type { OptionRight } from "../../../domain/OptionContract.ts"
import {
  analyse,
  type ContractAnalytics,
  dropReasonOf,
  midOf,
  uncertaintyOf
} from "../../../market/ChainAnalysis.ts"
import { CitedQuotes } from "../../../market/CitedQuotes.ts"
import {
  type AskedContract,
  civilDate,
  InvalidContract,
  parseContract,
  rightOf,
  strikeOf
} from "../../../market/ContractText.ts"
import { ageSecondsOf, type ContractQuote } from "../../../market/MarketChain.ts"
import { OptionMarket } from "../../../market/OptionMarket.ts"
import type { DropReason } from "../../../options/chain/OptionChain.ts"
import { accuracies, modelNames } from "../../../options/ModelSelection.ts"
import { storageSteps } from "../kit/NextSteps.ts"
import { tool } from "../kit/Tool.ts"
import { AskedSymbol } from "./Asked.ts"
import { citable } from "./ChainRows.ts"
import {
  boundedNotes,
  chainHead,
  chainNotes,
  daysOf,
  dollarText,
  fiveDecimals,
  headOf,
  headText,
  insufficientSteps,
  optionalDollars,
  optionalRatio,
  optionSteps,
  sixDigits
} from "./OptionWire.ts"

const Fields = Schema.Struct({
  symbol: AskedSymbol,
  expiry: Schema.String.pipe(Schema.check(Schema.isMaxLength(20))),
  right: Schema.String.pipe(Schema.check(Schema.isMaxLength(8))),
  strike: Schema.Union([Schema.String.pipe(Schema.check(Schema.isMaxLength(20))), Schema.Finite])
})

const Output = Schema.Struct({
  contract: Schema.String,
  /** Null where there is no bid and ask to trade at. */
  quoteId: Schema.NullOr(Schema.String),
  ...chainHead,
  ageSeconds: Schema.Finite,
  expiry: Schema.String,
  right: Schema.String,
  strike: Schema.String,
  daysToExpiry: Schema.Finite,
  bid: Schema.NullOr(Schema.String),
  ask: Schema.NullOr(Schema.String),
  mid: Schema.NullOr(Schema.String),
  /** Last trade; of a chain of closing prices the close. */
  last: Schema.NullOr(Schema.String),
  volume: Schema.NullOr(Schema.Finite),
  openInterest: Schema.NullOr(Schema.Finite),
  /** In the contract's own mid or close; null with a status that says why. */
  iv: Schema.NullOr(Schema.Finite),
  ivStatus: Schema.String,
  /** What the spread leaves open of it, each way. */
  ivPlusMinus: Schema.NullOr(Schema.Finite),
  /** What the Greeks are computed from. */
  inputs: Schema.Struct({
    spot: Schema.Finite,
    strike: Schema.Finite,
    years: Schema.Finite,
    rate: Schema.Finite,
    dividendYield: Schema.Finite,
    dividendYieldFrom: Schema.String,
    volatility: Schema.Finite,
    volatilityFrom: Schema.String
  }),
  model: Schema.Literals(modelNames),
  why: Schema.String,
  /** Of one share: dollars, a contract is a hundred of them. */
  value: Schema.Finite,
  delta: Schema.Finite,
  gamma: Schema.Finite,
  /** Dollars a calendar day. */
  thetaPerDay: Schema.Finite,
  /** Dollars a point of volatility, 0.01; and so of the rate. */
  vegaPerPoint: Schema.Finite,
  rhoPerPoint: Schema.Finite,
  /** What delta gains a point of volatility, and a day. */
  vannaPerPoint: Schema.Finite,
  charmPerDay: Schema.Finite,
  /** What vega_per_point gains a point. */
  volgaPerPoint: Schema.Finite,
  notes: Schema.Array(Schema.String)
})

const DAYS = 365
const POINTS = 100

const invalid = (contract: string, problem: string): InvalidContract =>
  new InvalidContract({ contract, message: problem })

const fromFields = (fields: typeof Fields.Type): Result.Result<AskedContract, InvalidContract> => {
  const expiry = civilDate(fields.expiry.trim())
  const right: OptionRight | undefined = rightOf(fields.right.trim())
  const strike = strikeOf(String(fields.strike).trim())
  const name = `${fields.symbol} ${fields.expiry} ${fields.strike} ${fields.right}`
  if (expiry === undefined) {
    return Result.fail(invalid(name, `expiry "${fields.expiry}" is no date; expected "2014-06-13"`))
  }
  if (right === undefined) {
    return Result.fail(invalid(name, `right "${fields.right}" is none; expected "CALL" or "PUT"`))
  }
  if (strike === undefined) {
    return Result.fail(
      invalid(name, `strike "${fields.strike}" is none; expected dollars above zero, such as "92.5"`)
    )
  }
  return Result.succeed({ underlying: fields.symbol, expiry, right, strike })
}

const droppedNote = (reason: DropReason | undefined): ReadonlyArray<string> =>
  reason === undefined ? [] : [`its quote is left out of forwards and of the surface: ${reason}`]

const notesOn = (contract: ContractQuote, { quoted, trust, volatilityFrom }: ContractAnalytics) => [
  ...chainNotes(contract.chain),
  ...droppedNote(dropReasonOf(contract)),
  ...(volatilityFrom === "surface"
    ? [
        `its own quote gives no volatility (${quoted.status}): that of the chain's surface at its strike is used (${trust ?? "inside"})`
      ]
    : [])
]

const told = (contract: ContractQuote, analytics: ContractAnalytics): typeof Output.Type => {
  const { chain, expiry, quote } = contract
  const { quoted, terms, value, volatility, volatilityFrom, yieldFrom } = analytics
  const { greeks, model, why } = value
  const mid = midOf(quote)
  return {
    contract: quote.contract,
    quoteId: citable(chain, quote)?.quoteId ?? null,
    ...headOf(chain),
    ageSeconds: ageSecondsOf(chain) + quote.ageSeconds,
    expiry: expiry.expiry,
    right: quote.right,
    strike: dollarText(quote.strike),
    daysToExpiry: daysOf(expiry.years),
    bid: optionalDollars(quote.bid),
    ask: optionalDollars(quote.ask),
    mid: optionalDollars(mid),
    last: optionalDollars(quote.last),
    volume: quote.volume ?? null,
    openInterest: quote.openInterest ?? null,
    iv: optionalRatio(quoted.volatility),
    ivStatus: quoted.status,
    ivPlusMinus: optionalRatio(quoted.volatility === undefined ? undefined : uncertaintyOf(quote, greeks)),
    inputs: {
      spot: sixDigits(terms.spot),
      strike: terms.strike,
      years: sixDigits(terms.years),
      rate: fiveDecimals(terms.rate),
      dividendYield: fiveDecimals(terms.dividendYield),
      dividendYieldFrom: yieldFrom,
      volatility: fiveDecimals(volatility),
      volatilityFrom
    },
    model,
    why,
    value: sixDigits(greeks.price),
    delta: sixDigits(greeks.delta),
    gamma: sixDigits(greeks.gamma),
    thetaPerDay: sixDigits(greeks.theta / DAYS),
    vegaPerPoint: sixDigits(greeks.vega / POINTS),
    rhoPerPoint: sixDigits(greeks.rho / POINTS),
    vannaPerPoint: sixDigits(greeks.vanna / POINTS),
    charmPerDay: sixDigits(greeks.charm / DAYS),
    volgaPerPoint: sixDigits(greeks.volga / (POINTS * POINTS)),
    notes: boundedNotes(notesOn(contract, analytics))
  }
}

export const getGreeks = tool({
  name: "get_greeks",
  title: "Greeks",
  description:
    'Value, IV and Greeks of one contract now, with the model, its inputs and why, and the quote_id an order cites. contract: "AAPL 140613C00090000", "AAPL 2014-06-13 90 C", or fields. Per share; vega and rho per point (0.01), theta per calendar day.',
  // What it keeps is what an order may cite: asking changes nothing anybody sees.
  annotations: { readOnly: true },
  input: Schema.Struct({
    contract: Schema.Union([Schema.String.pipe(Schema.check(Schema.isMaxLength(80))), Fields]),
    accuracy: Schema.optionalKey(Schema.Literals(accuracies))
  }),
  output: Output,
  next: {
    ...optionSteps,
    ...insufficientSteps,
    ...storageSteps,
    InvalidContract: "write the contract in one of these forms; get_option_chain lists them.",
    ContractExpired: "choose a later expiry: get_option_chain lists them.",
    ContractNotFound: "choose one that get_option_chain lists.",
    InvalidInputs: "the quotes of this contract make no sense together: choose another."
  },
  handle: Effect.fnUntraced(function* ({ accuracy = "accurate", contract: asked }) {
    const contract = yield* Effect.fromResult(
      typeof asked === "string" ? parseContract(asked) : fromFields(asked)
    )
    const options = yield* OptionMarket
    const found = yield* options.contract(contract)
    const quote = citable(found.chain, found.quote)
    if (quote !== undefined) yield* CitedQuotes.use((cited) => cited.keep([quote]))
    return told(found, yield* Effect.fromResult(analyse(found, accuracy)))
  }),
  text: (answer) => {
    const { contract, delta, inputs, model, thetaPerDay, value, vegaPerPoint } = answer
    return `${contract}: value ${value} at ${(100 * inputs.volatility).toFixed(1)}% (${inputs.volatilityFrom}), delta ${delta}, theta ${thetaPerDay} a day, vega ${vegaPerPoint} a point, by ${model}; ${headText(answer)}`
  }
})
