/** `plimsoll audit`: the log of everything the desk did, and whether it is still what was written. */
import { Effect, type Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { AuditLog } from "../../../audit/AuditLog.ts"
import type { AuditEntry } from "../../../audit/AuditEntry.ts"
import { auditLayer, type AuditPlace, auditPlaces } from "../../AuditProgram.ts"
import { answer, documented, jsonFlag, optional } from "../CommandKit.ts"
import { counted, table } from "../Format.ts"
import { surroundings } from "../Surroundings.ts"
import { printable } from "../Terminal.ts"

/** The log of a run's book is not what was written. */
class BrokenRunLog extends Schema.TaggedError<BrokenRunLog>()("BrokenRunLog", {
  log: Schema.String,
  message: Schema.String
}) {}

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
  printable(`${entry.actor.kind} ${entry.actor.name}`),
  entry.action,
  printable(entry.resource),
  entry.outcome
]

const tell = (json: boolean, entries: ReadonlyArray<AuditEntry>) =>
  answer(
    json,
    { entries },
    entries.length === 0 ? "The audit log is empty." : table(entries.map(entryRow), { right: [0] })
  )

const run = optional(Flag.String("run"), "the books of a run instead of the desk: its id, or latest")

/** Looks at each log that was asked for, nothing else of the desk being opened. */
const eachLog = <A, E, R>(
  asked: Option.Option<string>,
  look: (log: AuditLog["Service"], place: AuditPlace) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const places = yield* auditPlaces(surroundings().folder, asked)
    return yield* Effect.forEach(places, (place) =>
      Effect.gen(function* () {
        return yield* look(yield* AuditLog, place)
      }).pipe(Effect.provide(auditLayer(place)))
    )
  })

const verify = Command.make("verify", { run, json: jsonFlag }, ({ json, run: asked }) =>
  Effect.gen(function* () {
    const logs = yield* eachLog(asked, (log, { name }) =>
      log.verify.pipe(
        Effect.map(({ entries, head }) => ({ log: name, entries, hash: head.hash })),
        Effect.mapError((error) =>
          error._tag === "AuditBroken" && name !== "desk"
            ? new BrokenRunLog({ log: name, message: `${name}: ${error.message}` })
            : error
        )
      )
    )
    const [only] = logs
    yield* answer(
      json,
      logs.length === 1 && only !== undefined
        ? { intact: true, entries: only.entries, hash: only.hash }
        : { intact: true, logs },
      logs.flatMap(({ entries, hash, log }) => [
        `${log === "desk" ? "The audit log" : `The audit log of ${log}`} is intact: ${counted(entries, "entry", "entries")}, each as it was written.`,
        `Its head is ${hash}`
      ])
    )
  })
).pipe(
  documented(
    "Read the whole log and compare it with itself and with the desk. Names the first bad entry: changed, removed, reordered or cut.",
    ["audit verify", "exit code 1 when something is wrong"],
    ["audit verify --run latest", "the books of the last run"]
  )
)

const head = Command.make("head", { count, run, json: jsonFlag }, ({ count: limit, json, run: asked }) =>
  Effect.gen(function* () {
    const pages = yield* eachLog(asked, (log) => log.entries({ fromSequence: 1, limit }))
    yield* tell(json, pages.flat())
  })
).pipe(documented("The first entries.", ["audit head 5", "the first five"]))

const tail = Command.make("tail", { count, run, json: jsonFlag }, ({ count: limit, json, run: asked }) =>
  Effect.gen(function* () {
    const pages = yield* eachLog(asked, (log) =>
      Effect.flatMap(log.head, ({ count: last }) =>
        log.entries({ fromSequence: Math.max(1, last - limit + 1), limit })
      )
    )
    yield* tell(json, pages.flat())
  })
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
