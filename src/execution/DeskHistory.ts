/**
 * The account's past beside its present: its days as the journal has them, up
 * to the moment of the picture. Contains no way to change anything.
 *
 * What was read of the journal is kept, so that asking again reads only what
 * came since.
 */
import { Context, Effect, Layer, Semaphore } from "effect"
import * as AccountDays from "./AccountDays.ts"
import type { BrokerUnavailable } from "./Broker.ts"
import { type DeskStatus, DeskView } from "./DeskView.ts"
import { OrderJournal } from "./OrderJournal.ts"
import { StorageCorrupt } from "../domain/StorageError.ts"

/** Journal lines read at a time. */
const PAGE = 1000

/** A picture of the desk and the days that led to it: both as of the same journal line. */
export interface DeskPast {
  readonly status: DeskStatus
  readonly days: AccountDays.AccountDays
}

export class DeskHistory extends Context.Service<
  DeskHistory,
  {
    readonly past: Effect.Effect<DeskPast, BrokerUnavailable>
  }
>()("plimsoll/execution/DeskHistory") {
  static readonly layer: Layer.Layer<DeskHistory, never, DeskView | OrderJournal> = Layer.effect(
    DeskHistory,
    Effect.gen(function* () {
      const view = yield* DeskView
      const journal = yield* OrderJournal
      // One at a time: what is kept never runs ahead of a picture.
      const one = yield* Semaphore.make(1)
      let kept = AccountDays.noDays

      const upTo = Effect.fnUntraced(function* (sequence: number) {
        let days = kept.sequence <= sequence ? kept : AccountDays.noDays
        while (days.sequence < sequence) {
          const lines = yield* journal.read({
            after: days.sequence,
            limit: Math.min(PAGE, sequence - days.sequence)
          })
          if (lines.length === 0) {
            return yield* new StorageCorrupt({
              table: "journal",
              key: String(days.sequence + 1),
              message: `the book is at line ${sequence} but line ${days.sequence + 1} of the journal is missing`
            })
          }
          days = lines.reduce(AccountDays.apply, days)
          kept = days
        }
        return days
      })

      const past = Effect.gen(function* () {
        const status = yield* view.status
        return { status, days: yield* upTo(status.sequence) }
      }).pipe(one.withPermit, Effect.withSpan("DeskHistory.past"))

      return DeskHistory.of({ past })
    })
  )
}
