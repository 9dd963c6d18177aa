/** `BacktestStore` on the file system: a folder of its own for each backtest. */
import { Effect, type FileSystem, Layer, Option, type Path, Schema } from "effect"
import { makeFiles } from "./BacktestFiles.ts"
import { backtestId, resultHash } from "./BacktestId.ts"
import { BacktestResult } from "./BacktestResult.ts"
import { BacktestCheckpoint, type BacktestEntry, BacktestStore } from "./BacktestStore.ts"
import { BacktestDamaged, BacktestNotFound, BacktestNotReproducible } from "./BacktestStoreErrors.ts"
import { BacktestSummary, summaryOf } from "./BacktestSummary.ts"

/** A finished result, and one that is not: a file of its own, so that neither can stand in the other's way. */
const RESULT = "result.json"
const FAILURE = "failure.json"
const CHECKPOINT = "checkpoint.json"
const TEAR_SHEET = "tearsheet.html"
/** What a list shows, so that it need not read the results. */
const SUMMARY = "summary.json"
/** A result that could not be read any more when it was made anew. */
const DAMAGED = "result.damaged.json"

/** Names of backtests that a message has. */
const SHOWN = 10
/** Characters of a problem with a file that are told. */
const MAX_PROBLEM = 300
/** Times a damaged result is put aside that others keep putting there. */
const MAX_REPAIRS = 3

const strict = { onExcessProperty: "error" } as const
const decodeResult = Schema.decodeUnknownEffect(Schema.fromJsonString(BacktestResult), strict)
const decodeCheckpoint = Schema.decodeUnknownEffect(Schema.fromJsonString(BacktestCheckpoint), strict)

/** A summary, and of which state of the result's file it is. */
const StampedSummary = Schema.Struct({ stamp: Schema.String, summary: BacktestSummary })
const decodeSummary = Schema.decodeUnknownEffect(Schema.fromJsonString(StampedSummary), strict)

const oneLine = (message: string): string =>
  message
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
    .slice(0, MAX_PROBLEM)

const damagedAs = (id: string, file: string, problem: string): BacktestDamaged =>
  new BacktestDamaged({
    id,
    file,
    problem,
    message: `${file} is damaged: ${problem}; the other backtests are as they were. Run it again, or take it away with "plimsoll backtest remove ${id}"`
  })

/** What is wrong with a result that is well formed. */
const problemOf = (id: string, { id: own, inputs, outcome }: BacktestResult): string | undefined => {
  const made = backtestId(inputs)
  if (own !== id || made !== id) return `its inputs are those of ${made}: it was changed, or put here by hand`
  if (outcome._tag === "Finished" && resultHash(outcome.content) !== outcome.hash) {
    return "its content has another hash than it says: it was changed"
  }
  return undefined
}

const notReproducible = (id: string, earlier: string, now: string): BacktestNotReproducible =>
  new BacktestNotReproducible({
    id,
    earlier,
    now,
    message: `THIS BACKTEST IS NOT REPRODUCIBLE: ${id} gave the result ${now.slice(0, 12)}, and before from the same inputs ${earlier.slice(0, 12)}. One of the two is wrong; do not rely on either. The earlier one is kept as it was. Look for what the strategy depends on beside its context (time, chance, files, what it remembers between calls)`
  })

/** One of several, as people name them: the whole id, or the beginning of one that no other has. */
const named = (
  name: string,
  ids: ReadonlyArray<string>,
  what: string
): Effect.Effect<string, BacktestNotFound> => {
  const fail = (message: string) => Effect.fail(new BacktestNotFound({ name, message }))
  if (ids.includes(name)) return Effect.succeed(name)
  const found = name === "" ? [] : ids.filter((id) => id.startsWith(name))
  const [only, ...others] = found
  const listed = (all: ReadonlyArray<string>): string =>
    all.slice(0, SHOWN).join(", ") + (all.length > SHOWN ? ` and ${all.length - SHOWN} more` : "")
  if (only === undefined) {
    return fail(
      `there is no ${what} "${name}"; ${ids.length === 0 ? "there is none at all" : `there are ${listed(ids)}`}`
    )
  }
  return others.length === 0
    ? Effect.succeed(only)
    : fail(`"${name}" may be ${listed(found)}: give more of the id`)
}

const make = Effect.fnUntraced(function* (root: string) {
  const files = yield* makeFiles(root)

  const resultIn = Effect.fnUntraced(function* (id: string, name: string) {
    const file = files.fileOf(id, name)
    const text = yield* files
      .read(id, name)
      .pipe(Effect.mapError(({ message }) => damagedAs(id, file, oneLine(message))))
    if (Option.isNone(text)) return Option.none<BacktestResult>()
    const result = yield* decodeResult(text.value).pipe(
      Effect.mapError(({ message }) => damagedAs(id, file, oneLine(message)))
    )
    const problem = problemOf(id, result)
    return problem === undefined ? Option.some(result) : yield* damagedAs(id, file, problem)
  })

  /** The finished result, or where there is none the failed one. */
  const stored = (id: string) =>
    Effect.flatMap(resultIn(id, RESULT), (finished) =>
      Option.isSome(finished) ? Effect.succeed(finished) : resultIn(id, FAILURE)
    )

  /** The stamp of what `stored` reads; none where there is nothing. */
  const stampOf = Effect.fnUntraced(function* (id: string) {
    const finished = yield* files.stamp(id, RESULT)
    return Option.isSome(finished) ? finished : yield* files.stamp(id, FAILURE)
  })

  const keepSummary = Effect.fnUntraced(
    function* (id: string, stamp: string, summary: BacktestSummary) {
      yield* files.replace(id, SUMMARY, JSON.stringify({ stamp, summary }))
    },
    (effect) => Effect.ignore(effect)
  )

  const keptSummary = Effect.fnUntraced(
    function* (id: string, stamp: string) {
      const text = yield* files.read(id, SUMMARY)
      if (Option.isNone(text)) return Option.none<BacktestSummary>()
      const kept = yield* decodeSummary(text.value)
      return kept.stamp === stamp ? Option.some(kept.summary) : Option.none<BacktestSummary>()
    },
    Effect.orElseSucceed(() => Option.none<BacktestSummary>())
  )

  const entryOf = Effect.fnUntraced(function* (id: string) {
    const stamp = yield* stampOf(id)
    if (Option.isNone(stamp)) return yield* interrupted(id)
    const kept = yield* keptSummary(id, stamp.value)
    if (Option.isSome(kept)) return Option.some<BacktestEntry>({ _tag: "Stored", summary: kept.value })
    const found = yield* stored(id)
    if (Option.isNone(found)) return Option.none<BacktestEntry>()
    const summary = summaryOf(found.value)
    yield* keepSummary(id, stamp.value, summary)
    return Option.some<BacktestEntry>({ _tag: "Stored", summary })
  })

  const readCheckpoint = Effect.fnUntraced(function* (id: string) {
    const file = files.fileOf(id, CHECKPOINT)
    const asDamage = ({ message }: { readonly message: string }) => damagedAs(id, file, oneLine(message))
    const text = yield* files.read(id, CHECKPOINT).pipe(Effect.mapError(asDamage))
    if (Option.isNone(text)) return Option.none<BacktestCheckpoint>()
    const checkpoint = yield* decodeCheckpoint(text.value).pipe(Effect.mapError(asDamage))
    return checkpoint.id === id
      ? Option.some(checkpoint)
      : yield* damagedAs(id, file, `it is of ${checkpoint.id}`)
  })

  const interrupted = (id: string) =>
    Effect.map(readCheckpoint(id), (found) =>
      Option.map(found, ({ done, of, savedAt }): BacktestEntry => ({
        _tag: "Interrupted",
        id,
        done,
        of,
        savedAt
      }))
    )

  const damagedEntry = ({ file, id, problem }: BacktestDamaged) =>
    Effect.map(files.changedAt(id, ""), (changedAt) =>
      Option.some<BacktestEntry>({ _tag: "Damaged", id, file, problem, changedAt })
    )

  const list = Effect.gen(function* () {
    const entries = yield* Effect.forEach(yield* files.ids, (id) =>
      Effect.catchTag(entryOf(id), "BacktestDamaged", damagedEntry)
    )
    return entries.flatMap(Option.toArray).toSorted((a, b) => timeOf(b) - timeOf(a))
  })

  const putFinished = Effect.fnUntraced(function* (id: string, hash: string, text: string) {
    for (let n = 1; ; n++) {
      if (yield* files.create(id, RESULT, text)) break
      const earlier = yield* Effect.option(resultIn(id, RESULT))
      const known = Option.flatten(earlier)
      if (Option.isSome(known) && known.value.outcome._tag === "Finished") {
        if (known.value.outcome.hash !== hash)
          return yield* notReproducible(id, known.value.outcome.hash, hash)
        // The same result: only when it was run is newer.
        yield* files.replace(id, RESULT, text)
        break
      }
      if (n > MAX_REPAIRS) {
        yield* files.replace(id, RESULT, text)
        break
      }
      if (Option.isNone(earlier)) yield* files.move(id, RESULT, DAMAGED)
    }
    yield* files.drop(id, FAILURE)
  })

  const put = Effect.fn("BacktestStore.put")(function* (result: BacktestResult) {
    const { id, outcome } = result
    const text = JSON.stringify(result)
    if (outcome._tag === "Finished") yield* putFinished(id, outcome.hash, text)
    else yield* files.replace(id, FAILURE, text)
    const stamp = yield* files.stamp(id, outcome._tag === "Finished" ? RESULT : FAILURE)
    // Of a failure where there is a finished one nothing is to be shown.
    const shown = yield* stampOf(id)
    if (Option.isSome(stamp) && Option.isSome(shown) && stamp.value === shown.value)
      yield* keepSummary(id, stamp.value, summaryOf(result))
  })

  const isStored = (id: string) => Effect.map(stampOf(id), Option.isSome)

  const get = Effect.fn("BacktestStore.get")(function* (name: string) {
    const ids = yield* Effect.filter(yield* files.ids, isStored)
    const id = name === "latest" ? yield* latestOf(yield* list) : yield* named(name, ids, "backtest")
    const found = yield* stored(id)
    if (Option.isSome(found)) return found.value
    return yield* new BacktestNotFound({ name, message: `the backtest ${id} was taken away meanwhile` })
  })

  const checkpoint = Effect.fn("BacktestStore.checkpoint")(function* (name: string) {
    const ids = yield* Effect.filter(yield* files.ids, (id) =>
      Effect.map(files.stamp(id, CHECKPOINT), Option.isSome)
    )
    const times = yield* Effect.forEach(ids, (id) =>
      Effect.map(files.changedAt(id, CHECKPOINT), (at) => ({ id, at }))
    )
    const [newest] = times.toSorted((a, b) => b.at - a.at)
    if (name === "latest" && newest === undefined) {
      return yield* new BacktestNotFound({ name, message: "there is no interrupted backtest to go on with" })
    }
    const id =
      name === "latest" && newest !== undefined ? newest.id : yield* named(name, ids, "interrupted backtest")
    const found = yield* readCheckpoint(id)
    if (Option.isSome(found)) return found.value
    return yield* new BacktestNotFound({ name, message: `the backtest ${id} went on meanwhile` })
  })

  return BacktestStore.of({
    folderOf: (id) => ({
      path: files.folderOf(id),
      result: files.fileOf(id, RESULT),
      failure: files.fileOf(id, FAILURE),
      tearSheet: files.fileOf(id, TEAR_SHEET)
    }),
    put,
    get,
    list,
    remove: (name) =>
      Effect.flatMap(files.ids, (ids) => named(name, ids, "backtest")).pipe(Effect.tap(files.dropFolder)),
    putTearSheet: (id, page) => files.replace(id, TEAR_SHEET, page),
    putCheckpoint: (saved) => files.replace(saved.id, CHECKPOINT, JSON.stringify(saved)),
    checkpoint,
    dropCheckpoint: (id) => files.drop(id, CHECKPOINT)
  })
})

const timeOf = (entry: BacktestEntry): number => {
  switch (entry._tag) {
    case "Stored":
      return entry.summary.ranAt
    case "Interrupted":
      return entry.savedAt
    case "Damaged":
      return entry.changedAt
  }
}

const latestOf = (entries: ReadonlyArray<BacktestEntry>): Effect.Effect<string, BacktestNotFound> => {
  const newest = entries.find((entry) => entry._tag === "Stored")
  return newest === undefined
    ? Effect.fail(
        new BacktestNotFound({
          name: "latest",
          message: 'there is no backtest yet: "plimsoll backtest run sma-cross" makes one'
        })
      )
    : Effect.succeed(newest.summary.id)
}

/** The backtests below `folder`, which is made when the first is put. */
export const layer = (options: {
  readonly folder: string
}): Layer.Layer<BacktestStore, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(BacktestStore, make(options.folder))
