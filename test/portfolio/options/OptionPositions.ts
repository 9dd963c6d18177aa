/** Positions in options and shares, in few words. */
import { MICROS, money, signedQuantity, zeroMoney } from "../../../src/domain/Money.ts"
import { fromExchangeTime } from "../../../src/market/TradingCalendar.ts"
import { sessionDate, type Timestamp } from "../../../src/domain/Timestamp.ts"
import type { StructureLeg } from "../../../src/options/Structure.ts"
import type { Position } from "../../../src/portfolio/Position.ts"

/** A leg as it is held; what was paid is dollars a share. */
export const held = (leg: StructureLeg, paid = 0): Position => {
  const multiplier = leg.contract === undefined ? 1 : 100
  return {
    instrumentId: leg.instrumentId,
    multiplier,
    ...(leg.contract === undefined ? {} : { contract: leg.contract }),
    quantity: signedQuantity(Math.round(leg.quantity * MICROS)),
    cost: money(Math.round(paid * leg.quantity * multiplier * MICROS)),
    realised: zeroMoney,
    realisedFifo: zeroMoney,
    lots: []
  }
}

/** "2014-06-12 15:30" in New York. */
export const at = (text: string): Timestamp => {
  const [date = "", clock = ""] = text.split(" ")
  const [hours, minutes] = clock.split(":").map(Number)
  return fromExchangeTime(sessionDate(date), ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 * MICROS)
}
