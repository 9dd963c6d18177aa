/**
 * A day's profit or loss, taken apart: realised, unrealised, dividends, fees,
 * corrections, for the account and for each instrument.
 *
 * Between two moments of the books it holds, to the micro:
 *
 *   equity after − equity before − deposits + withdrawals
 *     = realised + change of unrealised + dividends − fees + corrections
 *     = Σ over the instruments + corrections of cash + what is not attributed
 *
 * An option that ends in shares hands its cost on to them; here it leaves at what
 * it is worth at the settlement price, as if the shares were bought or sold at that
 * price, so that each has the profit of its own days. A contract that a split
 * renames takes the unrealised profit it opens the day with along. Both are in the
 * unrealised change.
 *
 * What is not attributed is zero whenever each instrument's marks at both
 * moments are the ones that the equities were measured with.
 */
import { Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf } from "../domain/JournalEvent.ts"
import { MICROS, type Money, money, proportion, zeroMoney } from "../domain/Money.ts"
import { moneyness } from "../domain/OptionContract.ts"
import { closedLots, type LedgerState, markOf, type Marks, positionValue, postings } from "./Ledger.ts"
import { costClosed } from "./Lots.ts"
import { exactMoney } from "./Position.ts"

/** What the books keep for the account only, here by instrument: sums since a moment, each positive in its own sense. */
export interface Charges {
  readonly dividends: Money
  readonly fees: Money
  readonly corrections: Money
}

/** Charges, and what passes from one instrument to another without being anybody's profit. */
interface Passed extends Charges {
  /** Profit added to this instrument's, and taken from another's. */
  readonly carried: Money
  /** What a split or a dividend made of this contract. */
  readonly into: InstrumentId | undefined
}

export type ChargesByInstrument = ReadonlyMap<InstrumentId, Passed>

export const noCharges: ChargesByInstrument = new Map()

const nothing: Passed = {
  dividends: zeroMoney,
  fees: zeroMoney,
  corrections: zeroMoney,
  carried: zeroMoney,
  into: undefined
}

const changed = (
  charges: ChargesByInstrument,
  id: InstrumentId,
  change: (before: Passed) => Partial<Passed>
): ChargesByInstrument => {
  const before = charges.get(id) ?? nothing
  return new Map(charges).set(id, { ...before, ...change(before) })
}

const carry = (
  charges: ChargesByInstrument,
  from: InstrumentId,
  to: InstrumentId,
  amount: number
): ChargesByInstrument => {
  const given = changed(charges, to, ({ carried }) => ({
    carried: exactMoney(carried - amount, `what ${from} hands on to ${to}`)
  }))
  return changed(given, from, ({ carried }) => ({
    carried: exactMoney(carried + amount, `what ${to} takes on from ${from}`)
  }))
}

/** Micros that contracts are worth which leave for shares: less than nothing where the strike is the worse price. */
const worthOf = ({
  contract,
  multiplier,
  quantity,
  settlementPrice
}: JournalEventOf<"OptionExercised" | "OptionAssigned">): number =>
  proportion(moneyness(contract, multiplier, settlementPrice), quantity, MICROS)

/** With what `event` passes from an instrument to another. */
const carriedBy = (
  charges: ChargesByInstrument,
  event: JournalEvent,
  state: LedgerState
): ChargesByInstrument => {
  switch (event._tag) {
    case "OptionExercised":
    case "OptionAssigned": {
      if (event.delivery === undefined) return charges
      const cost = costClosed(
        closedLots(event, state).filter(({ instrumentId }) => instrumentId === event.instrumentId)
      )
      const worth = event._tag === "OptionExercised" ? worthOf(event) : 0 - worthOf(event)
      return carry(charges, event.instrumentId, event.delivery.instrumentId, worth - cost)
    }
    case "OptionAdjusted": {
      const { instrumentId, to } = event
      const held = state.positions[instrumentId]
      if (to === instrumentId || held === undefined || held.quantity === 0) return charges
      // What average cost has realised ahead of FIFO goes along in the books.
      const passed = carry(charges, instrumentId, to, held.realised - held.realisedFifo)
      return changed(passed, instrumentId, () => ({ into: to }))
    }
    default:
      return charges
  }
}

/** The charges after `event`, which is applied to books in `state`. */
export const chargesAfter = (
  before: ChargesByInstrument,
  event: JournalEvent,
  state: LedgerState
): ChargesByInstrument => {
  if (!("instrumentId" in event)) return before
  const charges = carriedBy(before, event, state)
  let { corrections, dividends, fees }: { [K in keyof Charges]: number } =
    charges.get(event.instrumentId) ?? nothing
  let isTouched = false
  for (const { account, amount } of postings(event, state)) {
    // Fees are a debit, what was received a credit.
    if (account === "fees") fees += amount
    else if (account === "dividends") dividends -= amount
    else if (account === "corrections") corrections -= amount
    else continue
    isTouched = true
  }
  if (!isTouched) return charges
  return changed(charges, event.instrumentId, () => ({
    dividends: exactMoney(dividends, `dividends of ${event.instrumentId}`),
    fees: exactMoney(fees, `fees of ${event.instrumentId}`),
    corrections: exactMoney(corrections, `corrections of ${event.instrumentId}`)
  }))
}

/** The books at one moment, and what the account was worth then. */
export interface BooksAt {
  readonly ledger: LedgerState
  readonly equity: Money
  /** As far as they are known. */
  readonly marks: Marks
}

/** total = realised + unrealisedChange + dividends − fees + corrections. */
export interface ProfitParts extends Charges {
  readonly realised: Money
  readonly unrealisedChange: Money
  readonly total: Money
}

/** An instrument's part; what depends on a price that is not known is absent. */
export interface InstrumentProfit extends Charges {
  readonly instrumentId: InstrumentId
  readonly realised: Money
  readonly unrealisedChange: Option.Option<Money>
  readonly total: Option.Option<Money>
}

export interface PeriodProfit {
  readonly whole: ProfitParts
  /** Deposits less withdrawals: neither profit nor loss. */
  readonly netFlows: Money
  /** Whatever was held, traded or charged, by instrument id. */
  readonly byInstrument: ReadonlyArray<InstrumentProfit>
  /** Cash that the venue turned out to hold beyond the books. */
  readonly cashCorrections: Money
  /** What the marks do not explain, instruments without a price included. */
  readonly unattributed: Money
}

const atCost = ({ positions }: LedgerState): number =>
  Object.values(positions).reduce((sum, { cost }) => sum + cost, 0)

const partsOf = (before: BooksAt, after: BooksAt): ProfitParts => {
  const unrealised = ({ equity, ledger }: BooksAt): number => equity - ledger.cash - atCost(ledger)
  const change = (field: "realised" | "dividends" | "fees" | "corrections"): Money =>
    exactMoney(after.ledger[field] - before.ledger[field], `change of ${field}`)
  const [realised, dividends, fees, corrections] = [
    change("realised"),
    change("dividends"),
    change("fees"),
    change("corrections")
  ]
  const unrealisedChange = exactMoney(unrealised(after) - unrealised(before), "change of unrealised")
  return {
    realised,
    unrealisedChange,
    dividends,
    fees,
    corrections,
    total: exactMoney(realised + unrealisedChange + dividends - fees + corrections, "profit")
  }
}

/** Unrealised profit of one instrument; absent when it is held and has no mark. */
const unrealisedOf = ({ ledger, marks }: BooksAt, id: InstrumentId): number | undefined => {
  const position = ledger.positions[id]
  if (position === undefined || position.quantity === 0) return 0
  const mark = markOf(marks, id)
  return mark === undefined ? undefined : positionValue(position, mark) - position.cost
}

/** Contracts that became another one in the period, by what they became. */
type Renamed = ReadonlyMap<InstrumentId, ReadonlyArray<InstrumentId>>

const renamedIn = (charges: ChargesByInstrument): Renamed => {
  const found = new Map<InstrumentId, ReadonlyArray<InstrumentId>>()
  for (const [id, { into }] of charges) {
    if (into !== undefined) found.set(into, [...(found.get(into) ?? []), id])
  }
  return found
}

/** Unrealised profit an instrument's days begin with: its own unless it was renamed, and that of what became it. */
const openingOf = (
  before: BooksAt,
  id: InstrumentId,
  own: Passed,
  origins: ReadonlyArray<InstrumentId>
): number | undefined => {
  let sum = 0
  for (const each of own.into === undefined ? [id, ...origins] : origins) {
    const part = unrealisedOf(before, each)
    if (part === undefined) return undefined
    sum += part
  }
  return sum
}

const instrumentProfit = (
  before: BooksAt,
  after: BooksAt,
  id: InstrumentId,
  own: Passed,
  origins: ReadonlyArray<InstrumentId>
): InstrumentProfit => {
  const { carried, corrections, dividends, fees } = own
  const realised = (after.ledger.positions[id]?.realised ?? 0) - (before.ledger.positions[id]?.realised ?? 0)
  const [was, is] = [openingOf(before, id, own, origins), unrealisedOf(after, id)]
  const unrealisedChange =
    was === undefined || is === undefined ? Option.none<Money>() : Option.some(money(is - was + carried))
  return {
    instrumentId: id,
    realised: money(realised),
    unrealisedChange,
    dividends,
    fees,
    corrections,
    total: Option.map(unrealisedChange, (change) =>
      exactMoney(realised + change + dividends - fees + corrections, `profit of ${id}`)
    )
  }
}

const isHeld = ({ positions }: LedgerState, id: InstrumentId): boolean => (positions[id]?.quantity ?? 0) !== 0

/**
 * What happened between two moments of one account. `charges` are those of the
 * events in between, from `noCharges` on.
 */
export const periodProfit = (before: BooksAt, after: BooksAt, charges: ChargesByInstrument): PeriodProfit => {
  const whole = partsOf(before, after)
  const byInstrument: Array<InstrumentProfit> = []
  let attributed = 0
  let corrected = 0
  const renamed = renamedIn(charges)
  // Closed positions stay in the books, so the later ones hold every instrument there ever was.
  for (const { instrumentId: id } of Object.values(after.ledger.positions)) {
    const own = charges.get(id)
    const part = instrumentProfit(before, after, id, own ?? nothing, renamed.get(id) ?? [])
    const isIn =
      isHeld(before.ledger, id) || isHeld(after.ledger, id) || own !== undefined || part.realised !== 0
    if (isIn) byInstrument.push(part)
    attributed += Option.getOrElse(part.total, () => zeroMoney)
    corrected += part.corrections
  }
  const cashCorrections = exactMoney(whole.corrections - corrected, "corrections of cash")
  return {
    whole,
    netFlows: exactMoney(
      after.ledger.deposits - before.ledger.deposits - (after.ledger.withdrawals - before.ledger.withdrawals),
      "deposits less withdrawals"
    ),
    byInstrument: byInstrument.toSorted((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1)),
    cashCorrections,
    unattributed: exactMoney(whole.total - attributed - cashCorrections, "what is not attributed")
  }
}
