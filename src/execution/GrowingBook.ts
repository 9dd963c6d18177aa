/** The book as lines are added to it, with every order as it then stands, also one that had left the book. */
import { Effect, Option } from "effect"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { StorageError } from "../domain/StorageError.ts"
import * as Book from "./Book.ts"
import { applyToOrder } from "./OrderFold.ts"
import type { JournalEntry, OrderRecord } from "./OrderJournal.ts"

/** `stored` gives an order as it stood before the lines. */
export const makeGrowingBook = (
  before: Book.BookState,
  stored: (id: ClientOrderId) => Effect.Effect<Option.Option<OrderRecord>, StorageError>
) => {
  let book = before
  const touched = new Map<ClientOrderId, OrderRecord>()

  const order = (id: ClientOrderId): Effect.Effect<Option.Option<OrderRecord>, StorageError> =>
    Effect.suspend(() => {
      const found = touched.get(id)
      return found === undefined ? stored(id) : Effect.succeedSome(found)
    })

  /** A fill that comes after its order has ended happened all the same. */
  const lateFill = Effect.fnUntraced(function* ({ event }: JournalEntry) {
    if (event._tag !== "OrderFilled") return undefined
    const record = Option.getOrUndefined(yield* order(event.clientOrderId))
    return record && { ...record, order: applyToOrder(record.order, event) }
  })

  /** Lines must come in order, each one sequence after the last. */
  const add = Effect.fnUntraced(function* (line: JournalEntry) {
    const step = Book.apply(book, line)
    book = step.book
    for (const record of step.touched) touched.set(record.order.clientOrderId, record)
    const late = step.touched.length === 0 ? yield* lateFill(line) : undefined
    if (late !== undefined) touched.set(late.order.clientOrderId, late)
  })

  return { book: () => book, order, add, touched: () => [...touched.values()] }
}
