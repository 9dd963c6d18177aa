/**
 * The journal held against the audit log, before a process does anything with
 * either.
 *
 * Every journal line has one entry in the audit log, written in the same
 * transaction and on disk in another file before what it announces is done. So
 * where a database has lost its end without a word (a truncated WAL, an old
 * copy put back), the log still has it, and the other way round. A desk whose
 * journal and log differ takes no orders and is not brought forward; canceling,
 * halting and looking at it go on.
 */
import { Effect, Option, Schema } from "effect"
import type { AuditEntry } from "../audit/AuditEntry.ts"
import type { AuditUnreadable } from "../audit/AuditErrors.ts"
import type { AuditLog } from "../audit/AuditLog.ts"
import { StorageBusy, type StorageError } from "../domain/StorageError.ts"
import { tells } from "./AuditTrail.ts"
import type { OrderJournal } from "./OrderJournal.ts"

/** The desk's journal and its audit log are not of the same length, or do not end alike: one of them is damaged. */
export class JournalDisagrees extends Schema.TaggedError<JournalDisagrees>()("JournalDisagrees", {
  /** Lines of the journal, and entries that the database says the log has. */
  journal: Schema.Int,
  audit: Schema.Int,
  message: Schema.String
}) {}

export const disagree = (lines: number, entries: number, what: string) =>
  new JournalDisagrees({
    journal: lines,
    audit: entries,
    message: `${what}. No order is sent. "plimsoll recover --check" tells what can be got back, and "plimsoll recover" does it (a run's book is begun again)`
  })

/** While others write the two ends are looked at again; so often at most. */
const MAX_LOOKS = 1000

/** Compares once; when they agree, this process asks no more. */
export const makeJournalCheck = (
  journal: OrderJournal["Service"],
  audit: AuditLog["Service"]
): Effect.Effect<void, JournalDisagrees | StorageError | AuditUnreadable> => {
  /** Both ends, neither having moved in between. */
  const ends = Effect.gen(function* () {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const before = yield* journal.head
      const { count } = yield* audit.head
      const lines = yield* journal.head
      if (lines === before) return { entries: count, lines }
    }
    return yield* new StorageBusy({
      operation: "hold the journal against the audit log",
      message:
        "hold the journal against the audit log: others wrote at every look; nothing was sent, try again"
    })
  })

  const isTold = Effect.fnUntraced(function* (entry: AuditEntry) {
    const [line] = yield* journal.read({ after: entry.sequence - 1, limit: 1 })
    return line !== undefined && tells(entry, line)
  })

  const compare = Effect.gen(function* () {
    const { entries, lines } = yield* ends
    if (entries !== lines) {
      return yield* disagree(
        lines,
        entries,
        `the journal has ${lines} lines and the database knows of ${entries} audit entries, and each line has one`
      )
    }
    const last = yield* audit.compareEnds.pipe(
      Effect.catchTag("AuditDisagrees", ({ message }) => Effect.fail(disagree(lines, entries, message)))
    )
    if (Option.isNone(last) || (yield* isTold(last.value))) return
    return yield* disagree(
      lines,
      entries,
      `line ${last.value.sequence} of the journal is not what the audit log says of it`
    )
  }).pipe(Effect.withSpan("JournalCheck.compare"))

  let isDone = false
  return Effect.suspend(() =>
    isDone
      ? Effect.void
      : Effect.map(compare, () => {
          isDone = true
        })
  )
}
