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
 * What is not attributed is zero whenever each instrument's marks at both
 * moments are the ones that the equities were measured with.
 */
import { Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { type Money, money, zeroMoney } from "../domain/Money.ts"
import { type LedgerState, markOf, type Marks, positionValue, postings } from "./Ledger.ts"
import { exactMoney } from "./Position.ts"

/** What the books keep for the account only, here by instrument: sums since a moment, each positive in its own sense. */
export interface Charges {
  readonly dividends: Money
  readonly fees: Money
  readonly corrections: Money
}

export type ChargesByInstrument = ReadonlyMap<InstrumentId, Charges>

export const noCharges: ChargesByInstrument = new Map()

const nothing: Charges = { dividends: zeroMoney, fees: zeroMoney, corrections: zeroMoney }

/** The charges after `event`, which is applied to books in `state`. */
export const chargesAfter = (
  charges: ChargesByInstrument,
  event: JournalEvent,
  state: LedgerState
): ChargesByInstrument => {
  if (!("instrumentId" in event)) return charges
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
  return new Map(charges).set(event.instrumentId, {
    dividends: exactMoney(dividends, `dividends of ${event.instrumentId}`),
    fees: exactMoney(fees, `fees of ${event.instrumentId}`),
    corrections: exactMoney(corrections, `corrections of ${event.instrumentId}`)
  })
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

const instrumentProfit = (
  before: BooksAt,
  after: BooksAt,
  id: InstrumentId,
  { corrections, dividends, fees }: Charges
): InstrumentProfit => {
  const realised = (after.ledger.positions[id]?.realised ?? 0) - (before.ledger.positions[id]?.realised ?? 0)
  const [was, is] = [unrealisedOf(before, id), unrealisedOf(after, id)]
  const unrealisedChange =
    was === undefined || is === undefined ? Option.none<Money>() : Option.some(money(is - was))
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
  // Closed positions stay in the books, so the later ones hold every instrument there ever was.
  for (const { instrumentId: id } of Object.values(after.ledger.positions)) {
    const own = charges.get(id)
    const part = instrumentProfit(before, after, id, own ?? nothing)
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
