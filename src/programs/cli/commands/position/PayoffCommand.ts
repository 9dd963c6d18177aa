/** `plimsoll position payoff` and `plimsoll position what-if`. */
import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { formatMicros, MICROS } from "../../../../domain/Money.ts"
import { greeksOf } from "../../../../execution/options/AccountGreeks.ts"
import { valuedStructures } from "../../../../execution/options/OptionDesk.ts"
import { firstExpiry } from "../../../../options/Position.ts"
import type { ScenarioAxes, ScenarioGrid } from "../../../../options/Scenario.ts"
import { isOptionPart } from "../../../../options/Structure.ts"
import { toExchangeTime } from "../../../../market/TradingCalendar.ts"
import { expiryCalendar } from "../../../../portfolio/options/ExpiryCalendar.ts"
import { structureCost } from "../../../../portfolio/options/Holdings.ts"
import { payoffCurves, whatIf } from "../../../../portfolio/options/PositionPayoff.ts"
import * as Ledger from "../../../../portfolio/Ledger.ts"
import { version } from "../../../Version.ts"
import { answer, documented, jsonFlag, onDesk, optional, style } from "../../CommandKit.ts"
import { BadUsage, misused } from "../../Failures.ts"
import { dollarsText, percent, plainNumber, priceWords, shareCount, table } from "../../Format.ts"
import { symbolOf } from "../../LegWords.ts"
import { heldRows } from "../../OutlookText.ts"
import { writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { readDays, readShifts, readSpots } from "../options/AxisText.ts"
import { cellNames, gridLines, positionLines } from "../options/ScenarioText.ts"
import { legFlag, unitsFlag } from "../OrderLegFlags.ts"
import { type Looked, lookAt } from "./Payoff.ts"
import { positionPage } from "./page/PositionPage.ts"
import { structureWords } from "./PositionText.ts"
import { outcomeJson, shareGreeksJson } from "./PositionJson.ts"

export const nameArgument = Argument.String("name").pipe(
  Argument.withDescription(
    'an underlying ("AAPL"), a contract, or a structure by its id ("AAPL-VERTICAL-140613-P-85-90")'
  ),
  Argument.optional
)

const flags = {
  name: nameArgument,
  leg: legFlag("a leg of an order to look at beside what is held", "may be given several times", 0),
  units: unitsFlag,
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("path")),
    "a file for a page with the chart of the payoff, what if, legs and expiries"
  ),
  json: jsonFlag
}

const axisFlags = {
  spots: optional(
    Flag.String("spots"),
    "prices to look at: ±10%, -20%..10%, 80..120 or 90,95,100; ±10% when left out"
  ),
  vols: optional(
    Flag.String("vols"),
    "changes of volatility in points: ±5, -10..10 or -5,0,5; -5,0,5 when left out"
  ),
  days: optional(
    Flag.String("days"),
    "days from now: 0,10,30 or 0..30; now, half way and the first expiry when left out"
  ),
  show: Flag.Literals("show", cellNames).pipe(
    Flag.withDescription("what the tables show; profit when left out, --json has all"),
    Flag.withDefault("profit")
  )
}

type Asked = Command.Command.Config.Infer<typeof flags>
type Axes = Pick<Command.Command.Config.Infer<typeof axisFlags>, "spots" | "vols" | "days">

const usualAxes: Axes = { spots: Option.none(), vols: Option.none(), days: Option.none() }

/** Legs times cells that are valued with their Greeks: some ten seconds. */
const MAX_VALUED = 20_000

const axesOf = Effect.fnUntraced(function* ({ days, spots, vols }: Axes, { payoff }: Looked) {
  const { legs, spot } = payoff.position
  const first = firstExpiry(legs)
  const axes: ScenarioAxes = {
    spots: yield* misused(
      readSpots(
        Option.getOrElse(spots, () => "±10%"),
        spot
      )
    ),
    volatilityShifts: yield* misused(readShifts(Option.getOrElse(vols, () => "-5,0,5"))),
    elapsedYears: Option.isSome(days)
      ? yield* misused(readDays(days.value))
      : first === undefined
        ? [0]
        : [...new Set([0, first / 2, first])]
  }
  const late = axes.elapsedYears.find((years) => first !== undefined && years > first + 1e-9)
  if (late !== undefined)
    return yield* new BadUsage({
      message: `--days ${Math.round(late * 365)} is after the first expiry, in ${((first ?? 0) * 365).toFixed(1)} days: expected days up to it`
    })
  const size = axes.spots.length * axes.volatilityShifts.length * axes.elapsedYears.length * legs.length
  if (size > MAX_VALUED)
    return yield* new BadUsage({
      message: `${size} cells times legs are too many: expected at most ${MAX_VALUED} (--spots, --vols, --days)`
    })
  return axes
})

const gridOf = Effect.fnUntraced(function* (axes: Axes, looked: Looked) {
  return yield* Effect.fromResult(whatIf(looked.payoff.position, yield* axesOf(axes, looked)))
})

const structuresHeld = ({ marks, positions }: Looked) => valuedStructures(positions, marks)

/** What a reader has to know: warnings of what is held, and of how it was valued. */
const notesOf = ({ modelled, payoff, selection, underlying }: Looked): ReadonlyArray<string> => [
  ...(modelled ? ["the prices of these options are a volatility model's: no market quoted them"] : []),
  ...selection.desk.warnings.filter((one) => one.underlying === underlying).map(({ message }) => message),
  ...payoff.position.notes
]

const pageOf = (looked: Looked, grid: ScenarioGrid): string => {
  const { effect, marks, order, payoff, positions, selection, spot, underlying } = looked
  const { now } = selection.desk.prices
  const { curves, prices } = payoffCurves(payoff)
  const before = effect?.payoffBefore === undefined ? undefined : payoffCurves(effect.payoffBefore, prices)
  const beforeEnd = before?.curves[1] ?? before?.curves[0]
  const underlyings = new Map([...selection.desk.prices.underlyings, [underlying, spot] as const])
  const { outcome, probability } = payoff
  return positionPage({
    name: symbolOf(underlying),
    at: toExchangeTime(now),
    spot: spot / MICROS,
    structures: structuresHeld(looked).map((one) => ({
      title: structureWords(one),
      id: one.id,
      cost: structureCost(one),
      unrealised: one.value?.unrealised
    })),
    order,
    picture: {
      prices,
      curves,
      spot: spot / MICROS,
      breakEvens: outcome.breakEvens,
      before: beforeEnd?.profits
    },
    outcome: {
      cost: outcome.cost,
      breakEvens: outcome.breakEvens,
      maxGain: outcome.maxGain,
      maxLoss: outcome.maxLoss,
      probability,
      profitNow: payoff.now.value - outcome.cost,
      firstExpiry: payoff.position.expiries[0]?.expiry
    },
    grid,
    legs: positions.map((position) => {
      const mark = marks.get(position.instrumentId)
      return {
        position,
        mark,
        value: mark === undefined ? undefined : Ledger.positionValue(position, mark),
        greeks: greeksOf(position, { mark, spot, now })
      }
    }),
    expiries: expiryCalendar(positions, { now, underlyings, marks }, selection.status.exerciseThreshold),
    notes: notesOf(looked),
    generatedBy: `Plimsoll ${version}`
  })
}

const writePage = Effect.fnUntraced(function* (
  html: Option.Option<string>,
  looked: Looked,
  grid: ScenarioGrid
) {
  if (Option.isNone(html)) return
  const { cwd, folder } = surroundings()
  const file = resolve(cwd, html.value)
  yield* writeWhole(file, pageOf(looked, grid), folder)
  err(`page: ${printable(file)}`)
})

const headLines = ({ order, selection, spot, underlying }: Looked): ReadonlyArray<string> => [
  `${style().bold(symbolOf(underlying))}  ${priceWords(spot)}   ${toExchangeTime(selection.desk.prices.now)}`,
  ...order.map((leg) => `  with ${leg}`)
]

/** What is held before the order and after it. */
const effectLines = ({ effect }: Looked): ReadonlyArray<string> => {
  if (effect === undefined) return []
  const column = ({ greeks }: typeof effect.before): ReadonlyArray<string> => [
    plainNumber(greeks.delta, 1),
    dollarsText(greeks.vega),
    dollarsText(greeks.theta)
  ]
  const [before, after] = [column(effect.before), column(effect.after)]
  return [
    "",
    ...table(
      [
        ["", "before", "after"],
        ...heldRows(effect.before.structures, effect.after.structures),
        ...["delta, shares", "vega a point", "theta a day"].map((label, at) => [
          label,
          before[at] ?? "",
          after[at] ?? ""
        ])
      ],
      { indent: "  " }
    )
  ]
}

const bodyLines = (looked: Looked): ReadonlyArray<string> => {
  const { payoff, positions } = looked
  const { now, outcome, position, probability, volatility } = payoff
  const structures = structuresHeld(looked)
  const texts = positions.map((one) => `${shareCount(one.quantity)} ${symbolOf(one.instrumentId)}`)
  return [
    ...structures.map((one) => `  ${structureWords(one)}  ${style().dim(one.id)}`),
    ...effectLines(looked),
    "",
    ...positionLines(
      {
        legs: position.legs,
        texts,
        now,
        outcome,
        hasOptions: position.expiries.length > 0,
        probability,
        probabilityFrom:
          volatility === undefined ? "" : `lognormal, volatility ${percent(volatility)}, the options' own`
      },
      style()
    )
  ]
}

const noteLines = (looked: Looked): ReadonlyArray<string> =>
  notesOf(looked).map((note) => style().yellow(printable(note)))

const outcomeOrNull = (payoff: Looked["payoff"] | undefined) =>
  payoff === undefined ? null : outcomeJson(payoff.outcome, payoff.probability)

const commonJson = (looked: Looked) => {
  const { effect, order, payoff, selection, spot, underlying } = looked
  return {
    underlying: symbolOf(underlying),
    spot: formatMicros(spot),
    as_of: toExchangeTime(selection.desk.prices.now),
    structures: structuresHeld(looked).map(({ id, structure }) => ({
      id,
      title: structure.title,
      units: structure.units,
      options: structure.legs.filter(isOptionPart).length
    })),
    order,
    before:
      effect === undefined
        ? null
        : {
            structures: effect.before.structures,
            outcome: outcomeOrNull(effect.payoffBefore),
            greeks: shareGreeksJson(effect.before.greeks)
          },
    legs: payoff.position.legs,
    value: payoff.now.value,
    outcome: outcomeOrNull(payoff),
    notes: notesOf(looked)
  }
}

export const payoffCommand = Command.make(
  "payoff",
  flags,
  Effect.fn("position.payoff")(function* (asked: Asked) {
    yield* onDesk(
      Effect.gen(function* () {
        const looked = yield* lookAt(asked)
        const grid = yield* gridOf(usualAxes, looked)
        yield* writePage(asked.html, looked, grid)
        const { curves, prices } = payoffCurves(looked.payoff)
        yield* answer(
          asked.json,
          {
            ...commonJson(looked),
            prices,
            curves: curves.map(({ expiry, profits, years }) => ({ expiry: expiry ?? null, years, profits }))
          },
          [...headLines(looked), ...bodyLines(looked), ...noteLines(looked)]
        )
      })
    )
  })
).pipe(
  documented(
    "What a position gains and loses as its options end: break-evens, most to gain and to lose, probability of profit; with --leg also what an order would make of it.",
    ["position payoff AAPL --html aapl.html", "with a chart"],
    ["position payoff AAPL-VERTICAL-140613-P-85-90", "of one structure"],
    ['position payoff AAPL --leg "-1 C 95 30d"', "before and after an order, filled at the quotes now"]
  )
)

export const whatIfCommand = Command.make(
  "what-if",
  { ...flags, ...axisFlags },
  Effect.fn("position.whatIf")(function* (asked: Asked & Command.Command.Config.Infer<typeof axisFlags>) {
    yield* onDesk(
      Effect.gen(function* () {
        const looked = yield* lookAt(asked)
        const grid = yield* gridOf(asked, looked)
        yield* writePage(asked.html, looked, grid)
        yield* answer(
          asked.json,
          {
            ...commonJson(looked),
            spots: grid.spots,
            volatility_shifts: grid.volatilityShifts,
            elapsed_years: grid.elapsedYears,
            cells: grid.cells.map(({ elapsedYears, volatilityShift, ...cell }) => ({
              elapsed_years: elapsedYears,
              volatility_shift: volatilityShift,
              ...cell
            }))
          },
          [...headLines(looked), ...gridLines(grid, asked.show, style()), ...noteLines(looked)]
        )
      })
    )
  })
).pipe(
  documented(
    "What a position would gain or lose, were the price, the volatility or the day another.",
    ["position what-if AAPL --spots ±15% --vols ±10 --days 0,7", "over prices, volatilities and days"],
    ["position what-if AAPL --show delta --json", "all figures for machines"]
  )
)
