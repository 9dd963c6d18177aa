/**
 * What a holder of options should know before it happens to him: short options that end soon, what an exercise would
 * cost or leave behind, a price that stands at a short strike in the last hour, short options that may be assigned
 * early.
 */
import { Array as Arr } from "effect"
import { type InstrumentId, symbolOf } from "../../domain/Identifiers.ts"
import { formatMicros, type Money, type Price } from "../../domain/Money.ts"
import { MICROS_PER_MINUTE, type Timestamp } from "../../domain/Timestamp.ts"
import { toExchangeTime } from "../../market/TradingCalendar.ts"
import type { Position } from "../Position.ts"
import type { ExpiryRow } from "./ExpiryCalendar.ts"

/** The most severe first. */
const severity = ["PIN_RISK", "UNFUNDED", "SHORT_SHARES", "EARLY_ASSIGNMENT", "EXPIRING_SHORT"] as const

/**
 * EXPIRING_SHORT: a short option in its last two sessions. UNFUNDED: options that would be exercised or assigned for
 * more cash than there is. SHORT_SHARES: more shares would go than are held. PIN_RISK: the last hour, the price at a
 * short strike, so that nobody knows whether it will be assigned. EARLY_ASSIGNMENT: a short American option in the
 * money with next to no time value, which its holder may as well exercise.
 */
export type WarningKind = (typeof severity)[number]

export interface OptionWarning {
  readonly kind: WarningKind
  readonly underlying: InstrumentId
  /** The options it is about. */
  readonly instrumentIds: ReadonlyArray<InstrumentId>
  readonly message: string
}

/** Sessions from which the end of a short option is warned of: its last and the one before. */
const LAST_DAYS = 2
/** Before the last trading time. */
const PIN_MICROS = 60 * MICROS_PER_MINUTE
/** So near to a strike, as a part of it, a price is at it. */
const PIN_RATIO = 0.005
/** Time value, dollars a share in micros, below which holding an option in the money gains nothing. */
const LITTLE_TIME_VALUE = 50_000

export interface HeldAtExpiry {
  readonly rows: ReadonlyArray<ExpiryRow>
  /** Everything held: for the shares. */
  readonly positions: ReadonlyArray<Position>
  readonly marks: ReadonlyMap<InstrumentId, Price>
  readonly cash: Money
  readonly now: Timestamp
}

const contracts = ({ position }: ExpiryRow): string => {
  const count = formatMicros(Math.abs(position.quantity))
  return `${position.quantity < 0 ? "short" : "long"} ${count} ${symbolOf(position.instrumentId)}`
}

const dollars = (micros: number): string => `$${formatMicros(Math.abs(micros), 2)}`

const exchange = ({ shares, cash }: Pick<ExpiryRow, "shares" | "cash">): string => {
  const paid = `${dollars(cash)} ${cash < 0 ? "paid" : "received"}`
  return shares === 0
    ? paid
    : `${formatMicros(Math.abs(shares))} shares ${shares < 0 ? "sold" : "bought"}, ${paid}`
}

const outcomeWords = (row: ExpiryRow): string => {
  switch (row.outcome) {
    case undefined:
      return "the underlying has no price"
    case "expires":
      return "at the price now it would expire"
    case "exercised":
    case "assigned":
      return `at the price now it would be ${row.outcome}: ${exchange(row)}`
  }
}

const about = (
  kind: WarningKind,
  rows: ReadonlyArray<ExpiryRow>,
  message: string
): ReadonlyArray<OptionWarning> => {
  const [first] = rows
  if (first === undefined) return []
  return [
    {
      kind,
      underlying: first.position.contract.underlying,
      instrumentIds: rows.map(({ position }) => position.instrumentId),
      message
    }
  ]
}

const isShort = ({ position }: ExpiryRow): boolean => position.quantity < 0

const endsSoon = ({ sessionsLeft }: ExpiryRow): boolean => sessionsLeft > 0 && sessionsLeft <= LAST_DAYS

/** It can no longer be traded, or soon cannot, and has not been settled. */
const isEnding = (row: ExpiryRow, now: Timestamp): boolean =>
  endsSoon(row) || (row.sessionsLeft === 0 && row.settlement !== undefined && row.settlement >= now)

const expiringShort = (row: ExpiryRow): ReadonlyArray<OptionWarning> =>
  isShort(row) && endsSoon(row) && row.lastTrading !== undefined
    ? about(
        "EXPIRING_SHORT",
        [row],
        `${contracts(row)} can be closed until ${toExchangeTime(row.lastTrading)}: ${outcomeWords(row)}`
      )
    : []

/** AM settled contracts are decided by an opening price that nobody trades them at: they have no last hour. */
const pinRisk = (row: ExpiryRow, now: Timestamp): ReadonlyArray<OptionWarning> => {
  const { lastTrading, position, spot } = row
  const { contract, multiplier } = position
  if (!isShort(row) || contract.settlement !== "PHYSICAL" || contract.expirySession !== "PM") return []
  if (spot === undefined || lastTrading === undefined || row.inTheMoney === undefined) return []
  const left = lastTrading - now
  const isNear = Math.abs(row.inTheMoney) <= PIN_RATIO * contract.strike * multiplier
  if (left <= 0 || left > PIN_MICROS || !isNear) return []
  return about(
    "PIN_RISK",
    [row],
    `${symbolOf(contract.underlying)} at ${formatMicros(spot, 2)} stands at the strike of ${contracts(row)} in its last hour: whether it is assigned is not known before the close; close it by ${toExchangeTime(lastTrading)}`
  )
}

const earlyAssignment =
  (marks: ReadonlyMap<InstrumentId, Price>) =>
  (row: ExpiryRow): ReadonlyArray<OptionWarning> => {
    const { inTheMoney, position, sessionsLeft } = row
    const { contract, instrumentId, multiplier } = position
    const mark = marks.get(instrumentId)
    if (!isShort(row) || contract.style !== "AMERICAN" || sessionsLeft === 0) return []
    if (inTheMoney === undefined || inTheMoney <= 0 || mark === undefined) return []
    const timeValue = Math.max(0, mark - inTheMoney / multiplier)
    if (timeValue > LITTLE_TIME_VALUE) return []
    const why =
      contract.right === "CALL" ? "its holder exercises before a dividend" : "its holder gains by exercising"
    return about(
      "EARLY_ASSIGNMENT",
      [row],
      `${contracts(row)} is in the money with ${dollars(timeValue)} of time value a share: ${why}, and you would be assigned`
    )
  }

/** Of each underlying's options that end next and would be exercised or assigned, together. */
const byUnderlyingAndEnd = (rows: ReadonlyArray<ExpiryRow>) =>
  Object.values(
    Arr.groupBy(rows, ({ position, settlement }) => `${settlement} ${position.contract.underlying}`)
  ).filter((group) => group !== undefined)

const sharesLeft =
  (positions: ReadonlyArray<Position>) =>
  (rows: Arr.NonEmptyReadonlyArray<ExpiryRow>): ReadonlyArray<OptionWarning> => {
    const { underlying } = rows[0].position.contract
    const held = positions.find(({ instrumentId }) => instrumentId === underlying)?.quantity ?? 0
    const going = rows.filter(({ shares }) => shares < 0)
    const after = rows.reduce((sum, { shares }) => sum + shares, held)
    if (going.length === 0 || after >= 0 || after >= held) return []
    return about(
      "SHORT_SHARES",
      going,
      `${going.map(contracts).join(", ")} would leave ${formatMicros(Math.abs(after))} ${symbolOf(underlying)} shares short at the price now`
    )
  }

const unfunded = (rows: ReadonlyArray<ExpiryRow>, cash: Money): ReadonlyArray<OptionWarning> => {
  const paying = rows.filter((row) => row.cash < 0)
  const net = rows.reduce((sum, row) => sum + row.cash, 0)
  if (paying.length === 0 || cash + net >= 0) return []
  return about(
    "UNFUNDED",
    paying,
    `${paying.map(contracts).join(", ")} would take ${dollars(net)} at the price now, and there are ${cash < 0 ? "-" : ""}${dollars(cash)} in cash`
  )
}

/** The warnings of what is held at this moment, the most severe first, then those that end first. */
export const optionWarnings = (held: HeldAtExpiry): ReadonlyArray<OptionWarning> => {
  const { cash, marks, now, positions, rows } = held
  const ending = rows.filter((row) => isEnding(row, now))
  const found = [
    ...rows.flatMap((row) => pinRisk(row, now)),
    ...unfunded(ending, cash),
    ...byUnderlyingAndEnd(ending).flatMap(sharesLeft(positions)),
    ...rows.flatMap(earlyAssignment(marks)),
    ...rows.flatMap(expiringShort)
  ]
  return found.toSorted((a, b) => severity.indexOf(a.kind) - severity.indexOf(b.kind))
}
