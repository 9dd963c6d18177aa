/** What a damaged desk's audit log and database still hold of its journal, and what they make together. */
import { Effect, Schema } from "effect"
import type { AuditEntry } from "../audit/AuditEntry.ts"
import { continuing, type LogEnd, type SalvagedEntry, salvageLog } from "../audit/LogSalvage.ts"
import { tells } from "./AuditTrail.ts"
import { DamagedDesk } from "./DamagedDesk.ts"
import { JournalEntry } from "./OrderJournal.ts"

/** The desk cannot be rebuilt so; nothing was changed. */
export class RecoveryRefused extends Schema.TaggedError<RecoveryRefused>()("RecoveryRefused", {
  message: Schema.String
}) {}

export interface Survey {
  /** Good entries in the log's files, from the first on. */
  readonly log: LogEnd
  /** Entries that the database's outbox adds to them. */
  readonly outbox: ReadonlyArray<SalvagedEntry>
  /** Lines after those, which the database has and the log does not. */
  readonly untold: number
  /** The journal as it can be rebuilt. */
  readonly lines: number
  /** Of the log's lines, those that the database still has, as they are. */
  readonly agreeing: number
  /** Those that it has lost, or that do not match their checksum. */
  readonly lostLines: number
  /** Lines that it has in place of the log's: written after it had lost its end. They are not used. */
  readonly contradicting: number
  /** The log itself is damaged: it has no entry for some lines, or foreign bytes where the next one belongs. */
  readonly isLogDamaged: boolean
}

/** Journal lines read at a time. */
const PAGE = 500

const decodeLine = Schema.decodeUnknownEffect(JournalEntry, { onExcessProperty: "error" })

/** The journal line that an entry tells of. */
export const lineOf = (entry: AuditEntry): Effect.Effect<JournalEntry, RecoveryRefused> =>
  decodeLine({ actor: entry.actor, ...Object(entry.details) }).pipe(
    Effect.filterOrFail(
      ({ sequence }) => sequence === entry.sequence,
      () => ({ message: "it tells of another line" })
    ),
    Effect.mapError(
      ({ message }) =>
        new RecoveryRefused({
          message: `entry ${entry.sequence} of the audit log holds no journal line of this program: ${message}`
        })
    )
  )

/** A line that a flush was cut off in, and that the outbox holds whole. */
const isTornFlush = ({ stopped, unused }: LogEnd, next: SalvagedEntry | undefined): boolean =>
  stopped !== undefined &&
  !stopped.complete &&
  unused === 1 &&
  next?.row.segment === stopped.segment &&
  next.row.line.startsWith(stopped.text)

/** Lines of the database from `from` on, as far as none is missing, page by page. */
export const untoldLines = Effect.fnUntraced(function* <E, R>(
  from: number,
  use: (lines: ReadonlyArray<JournalEntry>) => Effect.Effect<void, E, R>
) {
  const old = yield* DamagedDesk
  let next = from
  while (true) {
    const page = old.journal(next, next + PAGE - 1)
    const gap = page.findIndex(({ sequence }, i) => sequence !== next + i)
    const good = gap === -1 ? page : page.slice(0, gap)
    if (good.length > 0) yield* use(good)
    next += good.length
    if (good.length < PAGE) return next - from
  }
})

/** Reads both, changes nothing. `folder` is the audit log's. */
export const survey = Effect.fn("Recovery.survey")(function* (folder: string) {
  const old = yield* DamagedDesk
  let agreeing = 0
  let contradicting = 0
  const log = yield* salvageLog(folder, (entries) =>
    Effect.gen(function* () {
      const [first] = entries
      if (first === undefined) return
      const from = first.entry.sequence
      const kept = new Map(old.journal(from, from + entries.length - 1).map((line) => [line.sequence, line]))
      for (const { entry } of entries) {
        yield* lineOf(entry)
        const line = kept.get(entry.sequence)
        if (line === undefined) continue
        if (tells(entry, line)) agreeing++
        else contradicting++
      }
    })
  )
  // A database that went on after it had lost its end tells another story from there on.
  const more = contradicting > 0 ? { entries: [], head: log.head } : continuing(log.head, old.outbox)
  yield* Effect.forEach(more.entries, ({ entry }) => lineOf(entry), { discard: true })
  const untold = contradicting > 0 ? 0 : yield* untoldLines(more.head.count + 1, () => Effect.void)
  const isWhole = log.stopped === undefined || isTornFlush(log, more.entries[0])
  const found: Survey = {
    log,
    outbox: more.entries,
    untold,
    lines: more.head.count + untold,
    agreeing,
    lostLines: log.head.count - agreeing - contradicting,
    contradicting,
    isLogDamaged: untold > 0 || !isWhole
  }
  return found
})
