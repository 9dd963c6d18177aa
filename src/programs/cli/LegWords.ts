/** The legs of an order in words. */
import {
  type InstrumentId,
  instrumentId,
  isOptionId,
  OPTION_VENUE,
  symbolOf
} from "../../domain/Identifiers.ts"
import { price, shares, zeroMoney } from "../../domain/Money.ts"
import type { OccContract } from "../../domain/OccSymbol.ts"
import { OPTION_MULTIPLIER, type OptionContract } from "../../domain/OptionContract.ts"
import { legSign, type OrderLeg } from "../../domain/OrderLeg.ts"
import { occOfId } from "../../market/OptionInstruments.ts"
import { recognise, type Structure } from "../../options/Structure.ts"

export { symbolOf }

/** As far as a name says it: a standard contract on `underlying`. */
const namedContract = ({ expiry, right, strike }: OccContract, underlying: InstrumentId): OptionContract => ({
  underlying,
  right,
  strike: price(Math.round(strike * 1_000_000)),
  expiry,
  style: "AMERICAN",
  settlement: "PHYSICAL",
  expirySession: "PM",
  deliverable: shares(OPTION_MULTIPLIER),
  deliverableCash: zeroMoney
})

/** What legs make together, by their names alone: what an adjusted contract delivers is not in them. */
export const structureOf = (legs: ReadonlyArray<OrderLeg>): Structure => {
  const held = legs.find((leg) => !isOptionId(leg.instrumentId))
  return recognise(
    legs.map((leg) => {
      const occ = occOfId(leg.instrumentId)
      return {
        instrumentId: leg.instrumentId,
        quantity: legSign(leg) * leg.ratio,
        ...(occ === undefined
          ? {}
          : {
              contract: namedContract(occ, held?.instrumentId ?? instrumentId(`${occ.root}.${OPTION_VENUE}`))
            })
      }
    })
  )
}

/** "SELL 1 AAPL 140613P00090000". */
export const legWords = ({ instrumentId: id, ratio, side }: OrderLeg): string =>
  `${side} ${ratio} ${symbolOf(id)}`

/** "AAPL bull put vertical 2014-06-13 90/85"; a shape without a name is told leg by leg. */
export const structureWords = (legs: ReadonlyArray<OrderLeg>): string => {
  const { name, title, units } = structureOf(legs)
  const times = units > 1 ? `${units} × ` : ""
  return name === "CUSTOM" ? `${title} (${legs.map(legWords).join(", ")})` : `${times}${title}`
}
