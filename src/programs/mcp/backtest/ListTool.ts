/** `list_backtests`. */
import { Effect, Schema } from "effect"
import { cursorSteps } from "../kit/NextSteps.ts"
import { cursorOf, fitting, positionOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { InputFigures, inputFigures, rounded } from "./Figures.ts"
import { onPlatform } from "./Platform.ts"
import { type Backtests, runsOf } from "./RunTool.ts"
import { backtestIds, newestFirst, type Shelved, shelved } from "./Shelf.ts"
import { resumeCommand } from "../../RunToReport.ts"

/** Rows in a page, unless told otherwise, and at most. */
const USUAL_ROWS = 10
const MAX_ROWS = 50

const ratio = Schema.NullOr(Schema.Finite)

const Row = Schema.Struct({
  backtestId: Schema.String,
  status: Schema.Literals(["finished", "running", "unfinished", "damaged"]),
  algorithms: Schema.Array(Schema.String),
  /** Null when they cannot be read. */
  inputs: Schema.NullOr(InputFigures),
  /** Of the first algorithm. */
  totalReturn: ratio,
  sharpe: ratio,
  maxDrawdown: ratio,
  /** What is wrong with it, or how to go on with it. */
  note: Schema.NullOr(Schema.String)
})

const noFigures = { totalReturn: null, sharpe: null, maxDrawdown: null }

const told = (value: number | null): number | null => (value === null ? null : rounded(value))

const rowOf = (found: Shelved, running: ReadonlySet<string>): typeof Row.Type => {
  const { id } = found.folder
  if (found.status === "damaged") {
    return {
      backtestId: id,
      status: "damaged",
      algorithms: [],
      inputs: null,
      ...noFigures,
      note: found.problem
    }
  }
  const { inputs } = found.file
  const about = { backtestId: id, algorithms: inputs.strategies, inputs: inputFigures(inputs) }
  if (found.status === "finished") {
    const { max_drawdown: maxDrawdown, sharpe, total_return: totalReturn } = found.result
    return {
      ...about,
      status: "finished",
      totalReturn: told(totalReturn),
      sharpe: told(sharpe),
      maxDrawdown: told(maxDrawdown),
      note: null
    }
  }
  return running.has(id)
    ? { ...about, status: "running", ...noFigures, note: null }
    : {
        ...about,
        status: "unfinished",
        ...noFigures,
        note: `interrupted, or played by another process: ${resumeCommand("plimsoll", id)}`
      }
}

export const listBacktests = (backtests: Backtests) =>
  tool({
    name: "list_backtests",
    title: "List backtests",
    description: "The runs there are, newest first, unfinished and damaged ones too.",
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
      total: Schema.Int,
      nextCursor: Schema.NullOr(Schema.String)
    }),
    next: {
      ...cursorSteps,
      PlatformError: "tell a person: the runs' folder cannot be read."
    },
    handle: ({ cursor, limit = USUAL_ROWS }) =>
      onPlatform(
        Effect.gen(function* () {
          const runs = runsOf(backtests)
          const question = ["list_backtests"]
          const after = yield* positionOf(question, cursor)
          const ids = yield* backtestIds(runs)
          // A page goes on after the last one's row, whatever has been run meanwhile.
          const rest = after === undefined ? ids : ids.filter((id) => newestFirst(id, after) > 0)
          const found = yield* Effect.forEach(rest.slice(0, limit), (id) => shelved(runs, id))
          const rows = fitting(found.map((one) => rowOf(one, backtests.running)))
          const last = rows.at(-1)
          return {
            backtests: rows,
            total: ids.length,
            nextCursor:
              last !== undefined && rows.length < rest.length ? cursorOf(question, last.backtestId) : null
          }
        })
      ),
    text: ({ backtests: rows, total }) =>
      [
        `${rows.length} of ${total} backtests`,
        ...rows.map(({ algorithms, backtestId, status }) => `${backtestId} ${status} ${algorithms.join(",")}`)
      ].join("\n")
  })
