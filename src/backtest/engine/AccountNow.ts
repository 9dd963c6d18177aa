/** How an account with options stands at a decision point: as `DeskView` tells it. Pure. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Money, Price } from "../../domain/Money.ts"
import { lastMarks } from "../../execution/LastMarks.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { type BreakerState, tradingStateOf } from "../../risk/CircuitBreaker.ts"
import type { AccountView } from "../../session/Deciding.ts"
import type { ActiveTrip, Holding, OptionHolding } from "../../session/Strategy.ts"
import type { BacktestDesk } from "./BacktestDesk.ts"
import type { PointLook } from "./PointLook.ts"

/** The circuit breaker's trip that is in force. */
export const tripOf = ({ causes, sessionsSinceDrawdown }: BreakerState): ActiveTrip | undefined => {
  if (causes.drawdown) return { cause: "drawdown", sessionsSince: sessionsSinceDrawdown }
  return causes.dailyLoss ? { cause: "daily-loss", sessionsSince: 0 } : undefined
}

/** The last prices of what is held: quotes now, and the last marks of contracts that wait to settle. */
export const marksNow = (
  { book, marks }: BacktestDesk,
  look: PointLook
): ReadonlyMap<InstrumentId, Price> => {
  const found = new Map<InstrumentId, Price>(lastMarks(book, Object.fromEntries(marks), look.now))
  for (const { instrumentId } of Ledger.positions(book.ledger)) {
    const quote = look.quoteOf(instrumentId)
    if (quote !== undefined) found.set(instrumentId, quote.last)
  }
  return found
}

const optionsOf = (
  { ledger }: BacktestDesk,
  look: PointLook,
  marks: ReadonlyMap<InstrumentId, Price>
): ReadonlyArray<OptionHolding> =>
  Ledger.positions(ledger).flatMap(({ contract, cost, instrumentId, multiplier, quantity }) => {
    const mark = marks.get(instrumentId)
    if (contract === undefined || mark === undefined) return []
    return [{ instrumentId, contract, multiplier, quantity, mark, quote: look.quoteOf(instrumentId), cost }]
  })

/** What is held of instruments of the tape, told when it is looked at. */
export class HeldNow implements ReadonlyMap<InstrumentId, Holding> {
  readonly #held: BacktestDesk["held"]

  constructor(held: BacktestDesk["held"]) {
    this.#held = held
  }

  get size(): number {
    return this.#held.length
  }

  has(id: InstrumentId): boolean {
    return this.#held.some(({ reader }) => reader.id === id)
  }

  get(id: InstrumentId): Holding | undefined {
    const held = this.#held.find(({ reader }) => reader.id === id)
    return held === undefined ? undefined : { quantity: held.position.quantity, mark: held.mark }
  }

  entries(): MapIterator<[InstrumentId, Holding]> {
    return this.#all().entries()
  }

  keys(): MapIterator<InstrumentId> {
    return this.#all().keys()
  }

  values(): MapIterator<Holding> {
    return this.#all().values()
  }

  [Symbol.iterator](): MapIterator<[InstrumentId, Holding]> {
    return this.#all()[Symbol.iterator]()
  }

  forEach(
    each: (holding: Holding, id: InstrumentId, all: ReadonlyMap<InstrumentId, Holding>) => void,
    self?: unknown
  ): void {
    for (const [id, holding] of this.#all()) each.call(self, holding, id, this)
  }

  #all(): Map<InstrumentId, Holding> {
    return new Map(
      this.#held.map(({ mark, position, reader }) => [reader.id, { quantity: position.quantity, mark }])
    )
  }
}

export const optionAccount = (
  desk: BacktestDesk,
  look: PointLook,
  marks: ReadonlyMap<InstrumentId, Price>,
  equity: Money
): AccountView => ({
  holdings: () => {
    const holdings = new Map<InstrumentId, Holding>()
    for (const { contract, instrumentId, quantity } of Ledger.positions(desk.ledger)) {
      const mark = marks.get(instrumentId)
      if (contract === undefined && mark !== undefined) holdings.set(instrumentId, { quantity, mark })
    }
    return holdings
  },
  working: () => Object.values(desk.book.orders).map(({ order }) => order),
  options: () => optionsOf(desk, look, marks),
  equity: () => equity,
  cash: () => desk.ledger.cash,
  tradingState: () => tradingStateOf(desk.breaker),
  activeTrip: () => tripOf(desk.breaker)
})
