/** `plimsoll audit`: the log of everything the desk did, and whether it is still what was written. */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { AuditLog } from "../../../audit/AuditLog.ts"
import type { AuditEntry } from "../../../audit/AuditEntry.ts"
import { answer, documented, jsonFlag, onDesk } from "../CommandKit.ts"
import { counted, table } from "../Format.ts"

const count = Argument.Int("count").pipe(
  Argument.withDescription("how many; 10 when left out"),
  Argument.filter(
    (n) => n >= 1 && n <= 1000,
    (n) => `expected a number from 1 to 1000, not ${n}`
  ),
  Argument.withDefault(10)
)

export const entryRow = (entry: AuditEntry): ReadonlyArray<string> => [
  String(entry.sequence),
  entry.time.replace("T", " ").replace(/\.\d+Z$/u, " UTC"),
  `${entry.actor.kind} ${entry.actor.name}`,
  entry.action,
  entry.resource,
  entry.outcome
]

const tell = (json: boolean, entries: ReadonlyArray<AuditEntry>) =>
  answer(
    json,
    { entries },
    entries.length === 0 ? "The audit log is empty." : table(entries.map(entryRow), { right: [0] })
  )

const verify = Command.make("verify", { json: jsonFlag }, ({ json }) =>
  onDesk(
    Effect.gen(function* () {
      const intact = yield* (yield* AuditLog).verify
      yield* answer(json, { intact: true, entries: intact.entries, hash: intact.head.hash }, [
        `The audit log is intact: ${counted(intact.entries, "entry", "entries")}, each as it was written.`,
        `Its head is ${intact.head.hash}`
      ])
    })
  )
).pipe(
  documented(
    "Read the whole log and compare it with itself and with the desk. Names the first bad entry: changed, removed, reordered or cut.",
    ["audit verify", "exit code 1 when something is wrong"]
  )
)

const head = Command.make("head", { count, json: jsonFlag }, ({ count: limit, json }) =>
  onDesk(
    Effect.gen(function* () {
      yield* tell(json, yield* (yield* AuditLog).entries({ fromSequence: 1, limit }))
    })
  )
).pipe(documented("The first entries.", ["audit head 5", "the first five"]))

const tail = Command.make("tail", { count, json: jsonFlag }, ({ count: limit, json }) =>
  onDesk(
    Effect.gen(function* () {
      const log = yield* AuditLog
      const last = (yield* log.head).count
      yield* tell(json, yield* log.entries({ fromSequence: Math.max(1, last - limit + 1), limit }))
    })
  )
).pipe(
  documented(
    "The last entries.",
    ["audit tail", "the last ten"],
    ["audit tail 50 --json", "whole, for machines"]
  )
)

export const auditCommand = Command.make("audit").pipe(
  documented(
    "The append-only, hash-chained log of everything the desk did.",
    ["audit verify", "is it what was written?"],
    ["audit tail", "the last ten entries"]
  ),
  Command.withSubcommands([verify, head, tail])
)
