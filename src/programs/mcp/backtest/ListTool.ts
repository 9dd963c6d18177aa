/** `list_backtests`. */
import { Effect, Schema } from "effect"
import { type BacktestEntry, BacktestStore } from "../../../backtest/BacktestStore.ts"
import type { BacktestSummary } from "../../../backtest/BacktestSummary.ts"
import { fromMillis, toIso } from "../../../domain/Timestamp.ts"
import { cursorSteps } from "../kit/NextSteps.ts"
import { CursorInvalid, cursorOf, fitting, positionOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { MAX_LIST } from "../kit/Answer.ts"
import { listAlgorithms, type ListedAlgorithm } from "../../backtest/Algorithms.ts"
import { playSteps } from "./RunSteps.ts"
import { type Backtests, storeOf } from "./Backtests.ts"
import { NamedValue, short, statisticsOf, toldParameters, toldSymbols } from "./Figures.ts"
import { foundSteps } from "./Found.ts"

/** Algorithms that are told. */
const MAX_ALGORITHMS = 30
/** Parameters of each. */
const MAX_PARAMETERS = 16
/** Characters that they take of an answer. */
const MAX_CHARACTERS = 6000

/** Rows in a page, unless told otherwise, and at most. */
const USUAL_ROWS = 10
const MAX_ROWS = 50

const ratio = Schema.NullOr(Schema.Finite)
const optional = Schema.NullOr(Schema.String)

const Row = Schema.Struct({
  backtestId: Schema.String,
  status: Schema.Literals(["finished", "failed", "running", "interrupted", "damaged"]),
  /** Null when it cannot be read, or is not known yet; so are the others. */
  algorithm: optional,
  engine: optional,
  parameters: Schema.Array(NamedValue),
  symbols: Schema.Array(Schema.String),
  startDate: optional,
  endDate: optional,
  profileLabel: optional,
  promotable: Schema.NullOr(Schema.Boolean),
  ranAt: Schema.String,
  totalReturn: ratio,
  sharpe: ratio,
  maxDrawdown: ratio,
  /** What is wrong with it, or how to go on with it. */
  note: optional
})
type Row = typeof Row.Type

const AlgorithmRow = Schema.Struct({
  name: Schema.String,
  kind: Schema.Literals(["built-in", "file", "lean", "invalid"]),
  summary: Schema.String,
  /** "fast=5 (a whole number from 1 to 500): sessions of the faster mean". */
  parameters: Schema.Array(Schema.String)
})

const algorithmRow = (one: ListedAlgorithm): typeof AlgorithmRow.Type => {
  const { name } = one
  switch (one.kind) {
    case "invalid":
      return { name, kind: one.kind, summary: short(one.problem), parameters: [] }
    case "lean":
      return { name, kind: one.kind, summary: `a LEAN project in ${one.language}`, parameters: [] }
    case "built-in":
    case "file":
      return {
        name,
        kind: one.kind,
        summary: short(one.summary),
        parameters: Object.entries(one.definition.parameters)
          .slice(0, MAX_PARAMETERS)
          .map(([key, { default: usual, expected, meaning }]) =>
            short(`${key}=${String(usual)} (${expected}): ${meaning}`, 160)
          )
      }
  }
}

const nothing = {
  algorithm: null,
  engine: null,
  parameters: [],
  symbols: [],
  startDate: null,
  endDate: null,
  profileLabel: null,
  promotable: null,
  totalReturn: null,
  sharpe: null,
  maxDrawdown: null
}

const storedRow = (summary: BacktestSummary): Row => {
  const { outcome } = summary
  const about = {
    backtestId: summary.id,
    algorithm: short(summary.algorithm, 64),
    engine: summary.engine,
    parameters: toldParameters(summary.parameters),
    symbols: toldSymbols(summary.symbols),
    startDate: summary.from,
    endDate: summary.to,
    profileLabel: short(summary.label),
    promotable: summary.promotable,
    ranAt: toIso(fromMillis(summary.ranAt))
  }
  if (outcome._tag === "Failed") {
    const note = short(`${outcome.failure.kind}: ${outcome.failure.message}`)
    return { ...nothing, ...about, status: "failed", note }
  }
  const { maxDrawdown, sharpe, totalReturn } = statisticsOf(outcome.statistics)
  return {
    ...about,
    status: "finished",
    totalReturn,
    sharpe,
    maxDrawdown,
    note: summary.contaminated ?? null
  }
}

const rowOf = (entry: BacktestEntry, running: ReadonlySet<string>): Row => {
  switch (entry._tag) {
    case "Stored":
      return storedRow(entry.summary)
    case "Damaged":
      return {
        ...nothing,
        backtestId: short(entry.id, 64),
        status: "damaged",
        ranAt: toIso(fromMillis(entry.changedAt)),
        note: short(entry.problem)
      }
    case "Interrupted": {
      const isRunning = running.has(entry.id)
      return {
        ...nothing,
        backtestId: entry.id,
        status: isRunning ? "running" : "interrupted",
        ranAt: toIso(fromMillis(entry.savedAt)),
        note: isRunning
          ? null
          : `${entry.done} of ${entry.of} sessions; a person goes on with it: plimsoll backtest run --resume ${entry.id}`
      }
    }
  }
}

const idOf = (entry: BacktestEntry): string => (entry._tag === "Stored" ? entry.summary.id : entry.id)

export const listBacktests = (backtests: Backtests) =>
  tool({
    name: "list_backtests",
    title: "List backtests",
    description:
      "The stored backtests, newest first, failed, interrupted and damaged ones too; with algorithms: true also what can be run, with its parameters. Runs of `plimsoll run` are not among them.",
    annotations: { readOnly: true },
    evenWithoutMarket: true,
    input: Schema.Struct({
      algorithms: Schema.optionalKey(Schema.Boolean),
      limit: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_ROWS })))
      ),
      cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
    }),
    output: Schema.Struct({
      backtests: Schema.Array(Row),
      /** Being played by this server. */
      running: Schema.Array(Schema.String),
      /** Where it was asked for: what run_backtest plays. */
      algorithms: Schema.optionalKey(Schema.Array(AlgorithmRow)),
      total: Schema.Int,
      nextCursor: Schema.NullOr(Schema.String)
    }),
    next: {
      ...cursorSteps,
      BacktestStoreFailed: foundSteps.BacktestStoreFailed,
      AlgorithmInvalid: playSteps.AlgorithmInvalid
    },
    handle: ({ algorithms: isAsked, cursor, limit = USUAL_ROWS }) =>
      Effect.gen(function* () {
        const question = ["list_backtests"]
        const after = yield* positionOf(question, cursor)
        const entries = yield* BacktestStore.use((store) => store.list)
        // A page goes on after the last one's row, whatever has been run meanwhile.
        const at = after === undefined ? -1 : entries.findIndex((entry) => idOf(entry) === after)
        if (after !== undefined && at === -1) {
          return yield* new CursorInvalid({
            message: "the backtest that the last page ended with was taken away: start anew"
          })
        }
        const rest = entries.slice(at + 1)
        const algorithms =
          isAsked === true
            ? fitting(
                (yield* listAlgorithms(backtests.folder().project))
                  .slice(0, MAX_ALGORITHMS)
                  .map(algorithmRow),
                MAX_CHARACTERS
              )
            : undefined
        const rows = fitting(
          rest.slice(0, limit).map((entry) => rowOf(entry, backtests.running)),
          MAX_LIST - (algorithms === undefined ? 0 : JSON.stringify(algorithms).length)
        )
        const last = rows.at(-1)
        return {
          backtests: rows,
          running: [...backtests.running],
          ...(algorithms === undefined ? {} : { algorithms }),
          total: entries.length,
          nextCursor:
            last !== undefined && rows.length < rest.length ? cursorOf(question, last.backtestId) : null
        }
      }).pipe(Effect.provide(storeOf(backtests))),
    text: ({ algorithms, backtests: rows, total }) =>
      [
        ...(algorithms ?? []).map(({ kind, name, summary }) => `${name} (${kind}): ${summary}`),
        `${rows.length} of ${total} backtests`,
        ...rows.map(
          ({ algorithm, backtestId, profileLabel, promotable, status }) =>
            `${backtestId} ${status} ${algorithm ?? ""}${promotable === false ? ` (${profileLabel}, not promotable)` : ""}`
        )
      ].join("\n")
  })
