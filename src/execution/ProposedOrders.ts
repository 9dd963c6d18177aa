/** Orders that follow from what is there: a working order with new terms, and what closes a position. Pure. */
import { MICROS, money, quantity, type Quantity } from "../domain/Money.ts"
import type { OrderContent } from "../domain/Order.ts"
import { comboId, MAX_LEG_RATIO, MAX_LEGS, type OrderLeg } from "../domain/OrderLeg.ts"
import type { Position } from "../portfolio/Position.ts"
import type { ProposedOrder, SessionPhase } from "../risk/RiskSnapshot.ts"
import type { LiveOrder } from "./Book.ts"
import type { HeldLeg, OrderChange } from "./Broker.ts"
import { sortedLegs } from "./OrderLegs.ts"

/**
 * The new terms as an order of what would still be open. A bracket's exit is counted with the other one; the exits of an
 * entry that has begun to fill work already.
 */
export const changed = ({ order }: LiveOrder, change: OrderChange): ProposedOrder => {
  const { content, filledNotional, filledQuantity, parent } = order
  const size = change.size ?? content.size
  return {
    content: {
      ...content,
      type: change.type ?? content.type,
      size:
        size._tag === "Quantity"
          ? { _tag: "Quantity", quantity: quantity(Math.max(0, size.quantity - filledQuantity)) }
          : { _tag: "Notional", notional: money(Math.max(0, size.notional - filledNotional)) }
    },
    repeat: true,
    ...(filledQuantity > 0 ? { exitsWork: true } : {}),
    ...(parent === undefined ? {} : { bracketOf: parent })
  }
}

/** What closes a position, all of it unless a part is named: at the market in a session, at the open between sessions. */
export const closing = (held: HeldLeg, session: SessionPhase, part: Quantity | undefined): OrderContent => ({
  instrumentId: held.instrumentId,
  side: held.quantity > 0 ? "SELL" : "BUY",
  type: { _tag: "Market" },
  size: { _tag: "Quantity", quantity: part ?? quantity(Math.abs(held.quantity)) },
  timeInForce: session.open ? "DAY" : "AT_THE_OPEN"
})

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Units of a combo that closes these, and its legs, each on the other side; or why there is none. */
const comboClosing = (
  legs: ReadonlyArray<HeldLeg>
): { readonly units: number; readonly legs: ReadonlyArray<OrderLeg> } | string => {
  if (legs.length > MAX_LEGS)
    return `${legs.length} positions are more than the ${MAX_LEGS} legs an order may have`
  const broken = legs.find((leg) => leg.quantity % MICROS !== 0)
  if (broken !== undefined) return `the position in ${broken.instrumentId} is not whole: close it by itself`
  const sizes = legs.map((leg) => Math.abs(leg.quantity) / MICROS)
  const units = sizes.reduce(gcd)
  const largest = Math.max(...sizes) / units
  if (largest > MAX_LEG_RATIO)
    return `a leg of ${largest} in a unit is more than the ${MAX_LEG_RATIO} an order may have: close the positions by themselves`
  return {
    units,
    legs: sortedLegs(
      legs.map((leg, at) => ({
        instrumentId: leg.instrumentId,
        side: leg.quantity > 0 ? ("SELL" as const) : ("BUY" as const),
        ratio: (sizes[at] ?? 0) / units
      }))
    )
  }
}

/** What closes several positions at once, each whole: one combo, or an order where it is one position; or why nothing does. */
export const closingTogether = (
  legs: ReadonlyArray<HeldLeg>,
  session: SessionPhase
): OrderContent | string => {
  const [only, ...others] = legs
  if (only === undefined) return "nothing was named to close"
  if (others.length === 0) return closing(only, session, undefined)
  const combo = comboClosing(legs)
  if (typeof combo === "string") return combo
  return {
    instrumentId: comboId(combo.legs),
    side: "BUY",
    type: { _tag: "Market" },
    size: { _tag: "Quantity", quantity: quantity(combo.units * MICROS) },
    timeInForce: session.open ? "DAY" : "AT_THE_OPEN",
    legs: combo.legs
  }
}

/** Of these parts of positions, the first that the book does not hold, as much and in its direction. */
export const notHeld = (
  positions: Readonly<Record<string, Position>>,
  legs: ReadonlyArray<HeldLeg>
): HeldLeg | undefined =>
  legs.find(({ instrumentId, quantity: part }) => {
    const held = positions[instrumentId]?.quantity ?? 0
    return part === 0 || Math.sign(held) !== Math.sign(part) || Math.abs(held) < Math.abs(part)
  })
