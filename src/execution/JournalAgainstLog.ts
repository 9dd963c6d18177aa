/** The whole journal held against the whole audit log, line by line. */
import { Effect } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import { tells } from "./AuditTrail.ts"
import { disagree } from "./JournalCheck.ts"
import { OrderJournal } from "./OrderJournal.ts"

/** Lines compared at a time. */
const PAGE = 1000

/** Reads all of both and changes nothing. Gives the number of lines. */
export const compareWithLog = Effect.gen(function* () {
  const journal = yield* OrderJournal
  const audit = yield* AuditLog
  const { count } = yield* audit.head
  for (let after = 0; after < count; after += PAGE) {
    const limit = Math.min(PAGE, count - after)
    const lines = yield* journal.read({ after, limit })
    const entries = yield* audit.entries({ fromSequence: after + 1, limit })
    const differs = entries.findIndex((entry, i) => {
      const line = lines[i]
      return line === undefined || !tells(entry, line)
    })
    if (differs !== -1 || entries.length < limit) {
      const at = after + 1 + (differs === -1 ? entries.length : differs)
      return yield* disagree(
        yield* journal.head,
        count,
        `line ${at} of the journal is not what the audit log says of it`
      )
    }
  }
  return count
}).pipe(Effect.withSpan("JournalAgainstLog.compare"))
