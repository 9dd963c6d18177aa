/** `plimsoll position`: what is held, as a holder of options looks at it. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { toIso } from "../../../domain/Timestamp.ts"
import { accountGreeks } from "../../../execution/options/AccountGreeks.ts"
import { valuedStructures } from "../../../execution/options/OptionDesk.ts"
import { expiryCalendar } from "../../../portfolio/options/ExpiryCalendar.ts"
import { answer, documented, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { nameArgument, payoffCommand, whatIfCommand } from "./position/PayoffCommand.ts"
import { expiryJson, greeksJson, positionJson, structureJson, warningJson } from "./position/PositionJson.ts"
import { expiryLines, greeksLines, listLines, warningLines } from "./position/PositionText.ts"
import { type Selection, selection } from "./position/Selection.ts"

/** Warnings of the positions asked about. */
const warningsOf = ({ desk, positions }: Selection) => {
  const held = new Set(positions.map(({ instrumentId }) => instrumentId))
  return desk.warnings.filter(({ instrumentIds }) => instrumentIds.some((id) => held.has(id)))
}

const spaced = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", ...lines]

/** A command that shows something of what is held: for machines, and in lines. */
const showing = (
  view: string,
  show: (found: Selection) => { readonly json: object; readonly lines: ReadonlyArray<string> }
) =>
  Command.make(
    view,
    { name: nameArgument, json: jsonFlag },
    Effect.fn(`position.${view}`)(function* (asked) {
      yield* onDesk(
        Effect.gen(function* () {
          const found = yield* selection(asked.name)
          const { json, lines } = show(found)
          yield* answer(asked.json, { as_of: toIso(found.desk.prices.now), ...json }, lines)
        })
      )
    })
  )

const listCommand = showing("list", (found) => {
  const { desk, positions } = found
  const warnings = warningsOf(found)
  const structures = valuedStructures(positions, desk.prices.marks)
  return {
    json: {
      structures: structures.map(structureJson),
      positions: positions.map(positionJson(desk)),
      warnings: warnings.map(warningJson)
    },
    lines: [...listLines(style(), desk, structures, positions), ...spaced(warningLines(style(), warnings))]
  }
}).pipe(
  documented(
    "What is held, by structure: cost, worth and profit of each, with the name it is closed by.",
    ["position list", "everything"],
    ["position list AAPL --json", "what is held on one underlying"]
  )
)

const greeksCommand = showing("greeks", ({ desk, positions }) => {
  const of = { greeks: accountGreeks(positions, desk.prices) }
  return { json: greeksJson(of), lines: greeksLines(style(), of) }
}).pipe(
  documented(
    "The Greeks of what is held: in all, by underlying, by expiry and by position, at the volatilities its prices imply.",
    ["position greeks", "of the account"],
    ["position greeks AAPL", "of one underlying"]
  )
)

const expiriesCommand = showing("expiries", (found) => {
  const rows = expiryCalendar(found.positions, found.desk.prices, found.status.exerciseThreshold)
  const warnings = warningsOf(found)
  return {
    json: { expiries: rows.map(expiryJson), warnings: warnings.map(warningJson) },
    lines: [...expiryLines(style(), rows), ...spaced(warningLines(style(), warnings))]
  }
}).pipe(
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
