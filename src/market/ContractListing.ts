/** Which contracts there are at a moment, and what is said of one that is not among them. */
import { Schema } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { dayOfDate, SessionDate, type Timestamp } from "../domain/Timestamp.ts"
import { isWholeSplit } from "./ContractAdjustment.ts"
import type { AskedContract } from "./ContractText.ts"
import type { ModelInputs } from "./ModelInputs.ts"
import { isListedStrike, isSplitStrike, listedExpiries } from "./OptionListing.ts"
import type { MarketChain } from "./MarketChain.ts"
import { InstrumentNotFound } from "./MarketData.ts"
import { exchangeDate, fromExchangeTime } from "./TradingCalendar.ts"

/** The contract's last day has passed. */
export class ContractExpired extends Schema.TaggedError<ContractExpired>()("ContractExpired", {
  contract: Schema.String,
  expiry: SessionDate,
  message: Schema.String
}) {}

/** The chain has no such contract; `nearest` are some that it has. */
export class ContractNotFound extends Schema.TaggedError<ContractNotFound>()("ContractNotFound", {
  contract: Schema.String,
  nearest: Schema.Array(Schema.String),
  message: Schema.String
}) {}

/** For an id that is an option's by its venue, and names none on an instrument that is listed. */
export const noContract = (id: InstrumentId): InstrumentNotFound =>
  new InstrumentNotFound({
    symbol: id,
    nearest: [],
    message: `no instrument "${id}": it is no option on an instrument of this desk's market data`
  })

/** Contracts the model quotes when they are asked for, besides those it shows. */
export const isQuoted = ({ expiry, strike }: AskedContract, inputs: ModelInputs): boolean =>
  isListedStrike(strike) || isSplitStrike(strike, strikeRatios(inputs, expiry))

/** What strikes of an expiry were divided by while it was listed: by the last whole split, the last two, and so on. */
const strikeRatios = ({ splits }: ModelInputs, expiry: SessionDate): ReadonlyArray<number> => {
  let ratio = 1
  return splits.flatMap((split) => {
    if (!isWholeSplit(split) || !listedExpiries(fromExchangeTime(split.date, 0)).includes(expiry)) return []
    ratio *= split.numerator / split.denominator
    return [ratio]
  })
}

/** In words, for what was traded until `last`. */
export const expiredAt = (expiry: SessionDate, last: Timestamp): string =>
  exchangeDate(last) === expiry
    ? `expired at the close of ${expiry}`
    : `expired: of ${expiry}, it was traded until the close of ${exchangeDate(last)}`

const NEAREST = 4

const distance = (a: SessionDate, b: SessionDate): number => Math.abs(dayOfDate(a) - dayOfDate(b))

/** Why a chain has no such contract, and what it has near it. */
export const notFound = (chain: MarketChain, contract: AskedContract, name: string): ContractNotFound => {
  const { raw } = chain
  const symbol = raw.symbol
  const expiry = raw.expiries.find((one) => one.expiry === contract.expiry)
  if (expiry === undefined) {
    const near = raw.expiries
      .toSorted((a, b) => distance(a.expiry, contract.expiry) - distance(b.expiry, contract.expiry))
      .slice(0, NEAREST)
      .map((one) => one.expiry)
      .toSorted()
    return new ContractNotFound({
      contract: name,
      nearest: near,
      message: `${symbol} has no options that expire on ${contract.expiry}; the nearest expiries are ${near.join(", ") || "none"}`
    })
  }
  const near = expiry.quotes
    .filter(({ right }) => right === contract.right)
    .toSorted((a, b) => Math.abs(a.strike - contract.strike) - Math.abs(b.strike - contract.strike))
    .slice(0, NEAREST)
    .toSorted((a, b) => a.strike - b.strike)
    .map((one) => one.contract)
  return new ContractNotFound({
    contract: name,
    nearest: near,
    message: `${symbol} has no contract ${name}; the nearest strikes of that expiry are ${near.join(", ") || "none"}`
  })
}
