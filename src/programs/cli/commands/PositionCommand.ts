/** `plimsoll position`: what is held, as a holder of options looks at it. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { toIso } from "../../../domain/Timestamp.ts"
import { accountGreeks } from "../../../execution/options/AccountGreeks.ts"
import { expiryCalendar } from "../../../portfolio/options/ExpiryCalendar.ts"
import { structuresOf, structureValue } from "../../../portfolio/options/Holdings.ts"
import { answer, documented, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { nameArgument, payoffCommand, whatIfCommand } from "./position/PayoffCommand.ts"
import { expiryJson, greeksJson, positionJson, structureJson, warningJson } from "./position/PositionJson.ts"
import { expiryLines, greeksLines, listLines, warningLines } from "./position/PositionText.ts"
import { type Selection, selection } from "./position/Selection.ts"

const flags = { name: nameArgument, json: jsonFlag }

/** Warnings of the positions asked about. */
const warningsOf = ({ desk, positions }: Selection) => {
  const held = new Set(positions.map(({ instrumentId }) => instrumentId))
  return desk.warnings.filter(({ instrumentIds }) => instrumentIds.some((id) => held.has(id)))
}

const spaced = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", ...lines]

const headJson = ({ desk }: Selection) => ({ as_of: toIso(desk.prices.now) })

const listCommand = Command.make(
  "list",
  flags,
  Effect.fn("position.list")(function* ({ json, name }) {
    yield* onDesk(
      Effect.gen(function* () {
        const found = yield* selection(name)
        const { desk, positions } = found
        const warnings = warningsOf(found)
        const structures = structuresOf(positions).map((one) => ({
          ...one,
          value: structureValue(one, desk.prices.marks)
        }))
        yield* answer(
          json,
          {
            ...headJson(found),
            structures: structures.map(structureJson),
            positions: positions.map(positionJson(desk)),
            warnings: warnings.map(warningJson)
          },
          [...listLines(style(), desk, structures, positions), ...spaced(warningLines(style(), warnings))]
        )
      })
    )
  })
).pipe(
  documented(
    "What is held, by structure: cost, worth and profit of each, with the name it is closed by.",
    ["position list", "everything"],
    ["position list AAPL --json", "what is held on one underlying"]
  )
)

const greeksCommand = Command.make(
  "greeks",
  flags,
  Effect.fn("position.greeks")(function* ({ json, name }) {
    yield* onDesk(
      Effect.gen(function* () {
        const found = yield* selection(name)
        const of = { greeks: accountGreeks(found.positions, found.desk.prices) }
        yield* answer(json, { ...headJson(found), ...greeksJson(of) }, greeksLines(style(), of))
      })
    )
  })
).pipe(
  documented(
    "The Greeks of what is held: in all, by underlying, by expiry and by position, at the volatilities its prices imply.",
    ["position greeks", "of the account"],
    ["position greeks AAPL", "of one underlying"]
  )
)

const expiriesCommand = Command.make(
  "expiries",
  flags,
  Effect.fn("position.expiries")(function* ({ json, name }) {
    yield* onDesk(
      Effect.gen(function* () {
        const found = yield* selection(name)
        const rows = expiryCalendar(found.positions, found.desk.prices, found.status.exerciseThreshold)
        const warnings = warningsOf(found)
        yield* answer(
          json,
          { ...headJson(found), expiries: rows.map(expiryJson), warnings: warnings.map(warningJson) },
          [...expiryLines(style(), rows), ...spaced(warningLines(style(), warnings))]
        )
      })
    )
  })
).pipe(
  documented(
    "When the options that are held end, and what would come of each at the price now: exercised, assigned, expired.",
    ["position expiries", "the calendar of the account"],
    ["position expiries AAPL --json", "for machines"]
  )
)

export const positionCommand = Command.make("position").pipe(
  documented(
    "What is held, as a holder of options looks at it: structures, Greeks, expiries, payoff, what if.",
    ["position list", "the structures, and what each has gained"],
    ["position payoff AAPL --html aapl.html", "a page with the payoff of one underlying"]
  ),
  Command.withSubcommands([listCommand, greeksCommand, expiriesCommand, payoffCommand, whatIfCommand])
)
