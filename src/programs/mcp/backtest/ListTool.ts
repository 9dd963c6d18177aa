/** `list_backtests`. */
import { Effect, Schema } from "effect"
import { type BacktestEntry, BacktestStore } from "../../../backtest/BacktestStore.ts"
import type { BacktestSummary } from "../../../backtest/BacktestSummary.ts"
import { fromMillis, toIso } from "../../../domain/Timestamp.ts"
import { cursorSteps } from "../kit/NextSteps.ts"
import { CursorInvalid, cursorOf, fitting, positionOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { type Backtests, storeOf } from "./Backtests.ts"
import { NamedValue, short, statisticsOf, toldParameters, toldSymbols } from "./Figures.ts"
import { foundSteps } from "./Found.ts"

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
  return { ...about, status: "finished", totalReturn, sharpe, maxDrawdown, note: null }
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
      "The stored backtests, newest first, failed, interrupted and damaged ones too. Runs of `plimsoll run` are not among them.",
    annotations: { readOnly: true },
    evenWithoutMarket: true,
    input: Schema.Struct({
      limit: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_ROWS })))
      ),
      cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
    }),
    output: Schema.Struct({
      backtests: Schema.Array(Row),
      /** Of those that are being played by this server. */
      running: Schema.Array(Schema.String),
      total: Schema.Int,
      nextCursor: Schema.NullOr(Schema.String)
    }),
    next: { ...cursorSteps, BacktestStoreFailed: foundSteps.BacktestStoreFailed },
    handle: ({ cursor, limit = USUAL_ROWS }) =>
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
        const rows = fitting(rest.slice(0, limit).map((entry) => rowOf(entry, backtests.running)))
        const last = rows.at(-1)
        return {
          backtests: rows,
          running: [...backtests.running],
          total: entries.length,
          nextCursor:
            last !== undefined && rows.length < rest.length ? cursorOf(question, last.backtestId) : null
        }
      }).pipe(Effect.provide(storeOf(backtests))),
    text: ({ backtests: rows, total }) =>
      [
        `${rows.length} of ${total} backtests`,
        ...rows.map(
          ({ algorithm, backtestId, profileLabel, promotable, status }) =>
            `${backtestId} ${status} ${algorithm ?? ""}${promotable === false ? ` (${profileLabel}, not promotable)` : ""}`
        )
      ].join("\n")
  })
