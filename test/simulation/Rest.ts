/** The end of a simulation: all is mended, everybody finishes, and the desk agrees with the venue. */
import { Exit, Schema } from "effect"
import canonicalize from "canonicalize"
import { ClientOrderId } from "../../src/domain/Identifiers.ts"
import { isTerminal, Order, type OrderSize, OrderStatus, type OrderType } from "../../src/domain/Order.ts"
import * as Book from "../../src/execution/Book.ts"
import { BookKeeper } from "../../src/execution/BookKeeper.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import type { Act } from "./Acts.ts"
import type { Simulation } from "./Simulation.ts"
import { calm } from "./SimulatedNetwork.ts"
import type { SimulatedProcess } from "./SimulatedProcess.ts"

/** More than any number of things that can still be under way. */
const MAX_LEFT = 20_000
/** So often everybody looks, at most, until there is nothing more to do. */
const MAX_ROUNDS = 8

const finish = (simulation: Simulation): void => {
  for (let left = 0; ; left++) {
    if (left > MAX_LEFT) return simulation.fail("there is no end to what is under way")
    if (!simulation.goOn()) break
  }
  for (const process of simulation.processes) {
    for (const { what } of process.acts)
      simulation.fail(`${process.name}: ${what} never ends (${process.whereabouts})`)
  }
}

const quietly = (simulation: Simulation, process: SimulatedProcess, act: Act): void => {
  act(process, (isDone) => {
    if (!isDone) simulation.fail(`${process.name} fails though nothing is wrong any more`)
  })
  finish(simulation)
}

/** Everybody looks until nobody finds anything. */
const reconcileAll = (simulation: Simulation): void => {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const before = simulation.observer.book.sequence
    // Longer than anything is taken to be on its way.
    simulation.loop.advance(31_000)
    for (const process of simulation.processes) {
      quietly(simulation, process, simulation.acts.turn())
      quietly(simulation, process, simulation.acts.reconcile())
    }
    simulation.observer.look()
    if (simulation.observer.book.sequence === before) return
  }
  simulation.fail(`the desk does not come to rest in ${MAX_ROUNDS} rounds of reconciliation`)
}

/** What both sides of an order have to agree on. */
const termsOf = (order: {
  readonly type: OrderType
  readonly size: OrderSize
  readonly filledQuantity: number
}) => ({ type: order.type, size: order.size, filledQuantity: order.filledQuantity })

const checkOrders = (simulation: Simulation): void => {
  const { fail, observer, venue } = simulation
  const working = new Set(venue.working())
  for (const { order } of Object.values(observer.book.orders)) {
    const { clientOrderId, status } = order
    const there = venue.order(clientOrderId)
    if (
      there !== undefined &&
      canonicalize(termsOf(there)) !== canonicalize(termsOf({ ...order, ...order.content }))
    )
      fail(
        `${clientOrderId} is ${canonicalize(termsOf(there))} at the venue and ${canonicalize(termsOf({ ...order, ...order.content }))} in the books`
      )
    if (status === "Accepted" || status === "PartiallyFilled") {
      if (!working.has(clientOrderId))
        fail(`${clientOrderId} is ${status} in the books and does not work at the venue`)
    } else fail(`${clientOrderId} is ${status} at rest`)
  }
  for (const id of working) {
    if (Book.liveOrder(observer.book, id) === undefined) fail(`${id} works at the venue and not in the books`)
  }
  for (const [id, times] of venue.taken) if (times > 1) fail(`${id} was taken ${times} times`)
  if (simulation.isFaithful && observer.corrections.length > 0)
    fail("the books were corrected though the venue told all")
  for (const id of observer.denied) if (venue.knows(id)) fail(`${id} was denied and the venue knows it`)
  if (observer.book.breaker.causes.killSwitch) {
    for (const id of working) {
      const isTakenOn = observer.book.haltSettled === "acknowledged" && observer.takenOn.has(id)
      if (observer.submitted.get(id)?.byPerson !== true && !isTakenOn)
        fail(`${id} works at the venue after a halt`)
    }
  }
}

const storedOrder = Schema.decodeUnknownSync(
  Schema.Struct({ client_order_id: ClientOrderId, status: OrderStatus, body: Schema.fromJsonString(Order) })
)

/** Orders are kept as the journal tells them, and with all that filled of them, also after they had ended. */
const checkStored = (simulation: Simulation): void => {
  const { database, fail, observer } = simulation
  const filled = new Map<string, number>()
  const legs = new Map<string, Map<string, number>>()
  for (const { clientOrderId: id, instrumentId, quantity, units } of observer.trades.values()) {
    const own = legs.get(id) ?? new Map<string, number>()
    legs.set(id, own.set(instrumentId, (own.get(instrumentId) ?? 0) + quantity))
    // Of a combo the last leg's fill says how many units there were.
    const isLeg = observer.combos.has(id)
    filled.set(id, (filled.get(id) ?? 0) + (isLeg ? (units ?? 0) : quantity))
  }
  for (const [id, content] of observer.combos) {
    const isWhole = content.every(
      ({ instrumentId, ratio }) => (legs.get(id)?.get(instrumentId) ?? 0) === (filled.get(id) ?? 0) * ratio
    )
    if (!isWhole) fail(`${id} has legs that stand alone`)
  }
  for (const row of database.rows("SELECT client_order_id, status, body FROM orders", [])) {
    const { body, client_order_id: id, status } = storedOrder(row)
    const live = Book.liveOrder(observer.book, id)
    if (live === undefined ? !isTerminal(status) : live.order.status !== status)
      fail(`${id} is stored as ${status} and is ${live?.order.status ?? "closed"} in the journal`)
    if (body.filledQuantity !== (filled.get(id) ?? 0))
      fail(`${id} is stored with ${body.filledQuantity} filled, and ${filled.get(id) ?? 0} are journaled`)
  }
}

const checkFills = (simulation: Simulation): void => {
  const { fail, observer, venue } = simulation
  for (const { event } of venue.record) {
    if (event._tag === "OrderFilled" && !observer.trades.has(event.tradeId))
      fail(`trade ${event.tradeId} happened and is not journaled`)
  }
}

const checkAccount = (simulation: Simulation): void => {
  const { fail, observer, venue } = simulation
  const { ledger } = observer.book
  if (ledger.cash !== venue.cash) fail(`the books have ${ledger.cash} in cash and the venue ${venue.cash}`)
  const held = Object.fromEntries(
    Ledger.positions(ledger).map((position) => [position.instrumentId, position.quantity])
  )
  const there = Object.fromEntries(venue.positions)
  if (canonicalize(held) !== canonicalize(there))
    fail(`the books hold ${canonicalize(held)} and the venue ${canonicalize(there)}`)
}

const checkKeepers = (simulation: Simulation): void => {
  const { fail, observer } = simulation
  for (const process of simulation.processes) {
    process.act(
      "tell the book",
      BookKeeper.use((keeper) => keeper.current),
      (exit) => {
        if (Exit.isFailure(exit)) fail(`${process.name} cannot tell its book`)
        else if (canonicalize(exit.value) !== canonicalize(observer.book))
          fail(`the book of ${process.name} is not the fold of the journal`)
      }
    )
    finish(simulation)
  }
}

export const comeToRest = (simulation: Simulation): void => {
  const { hardship, network, say, venue } = simulation
  say("all is mended")
  Object.assign(hardship, { pauses: 0, deaths: 0, busy: 0 })
  network.weather = calm
  venue.isRecordUnreadable = false
  venue.ignoresCancels = false
  simulation.bury()
  finish(simulation)
  simulation.bury()
  if (simulation.processes.length === 0) {
    simulation.startProcess()
    finish(simulation)
  }
  reconcileAll(simulation)
  checkOrders(simulation)
  checkStored(simulation)
  checkFills(simulation)
  checkAccount(simulation)
  checkKeepers(simulation)
  const [first] = simulation.processes
  if (first !== undefined) quietly(simulation, first, simulation.acts.flush())
  simulation.observer.checkAuditFiles()
}
