/** `plimsoll options scenario`: what a position gains and loses by price, volatility and time. */
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import { legModel } from "../../../../options/LegModel.ts"
import { accuracies } from "../../../../options/ModelSelection.ts"
import { type Extreme, outcomeOf, probabilityOfProfit } from "../../../../options/Payoff.ts"
import { firstExpiry } from "../../../../options/Position.ts"
import { positionGreeks, type ScenarioAxes, scenarioGrid } from "../../../../options/Scenario.ts"
import { fitSurface } from "../../../../options/surface/SurfaceFit.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { BadUsage, misused } from "../../Failures.ts"
import { percent } from "../../Format.ts"
import { printable } from "../../Terminal.ts"
import { readDays, readShifts, readSpots } from "./AxisText.ts"
import { chainFlags, openChain } from "./ChainSource.ts"
import { legExample, readLeg } from "./LegText.ts"
import { readNumber } from "./NumberText.ts"
import { orBadUsage } from "./OptionText.ts"
import { legsOfChain, legsOfFlags } from "./ScenarioLegs.ts"
import { cellNames, gridLines, positionLines } from "./ScenarioText.ts"

const number = (name: string, description: string) =>
  optional(Flag.Finite(name).pipe(Flag.withMetavar("number")), description)
const text = (name: string, description: string) => optional(Flag.String(name), description)

const flags = {
  leg: Flag.String("leg").pipe(
    Flag.withMetavar("leg"),
    Flag.withDescription(`a leg of the position, such as ${legExample}; may be given several times`),
    Flag.atLeast(1)
  ),
  ...chainFlags,
  spot: text("spot", "without --symbol: the price of the underlying; with it also prices as for --spots"),
  rate: number("rate", "without --symbol: risk-free, per year"),
  yield: number("yield", "without --symbol: dividend yield, per year; 0 when left out"),
  volatility: number("volatility", "without --symbol: of every leg, annual; 0.2 is 20%"),
  style: Flag.Literals("style", ["american", "european"]).pipe(
    Flag.withDescription("without --symbol: when the options may be exercised; american when left out"),
    Flag.withDefault("american")
  ),
  multiplier: Flag.Int("multiplier").pipe(
    Flag.withDescription("shares a contract; 100 when left out"),
    Flag.filter(
      (value) => value >= 1 && value <= 1_000_000,
      (value) => `expected a number from 1 to 1000000, not ${value}`
    ),
    Flag.withDefault(100)
  ),
  spots: text("spots", "prices to look at: ±10%, -20%..10%, 80..120 or 90,95,100; ±10% when left out"),
  vols: text("vols", "changes of volatility in points: ±5, -10..10 or -5,0,5; -5,0,5 when left out"),
  days: text("days", "days from now: 0,10,30 or 0..30; now, half way and the first expiry when left out"),
  show: Flag.Literals("show", cellNames).pipe(
    Flag.withDescription("what the tables show; profit when left out, --json has all"),
    Flag.withDefault("profit")
  ),
  accuracy: Flag.Literals("accuracy", accuracies).pipe(
    Flag.withDescription("of American legs; fast when left out"),
    Flag.withDefault("fast")
  ),
  json: jsonFlag
}

type Asked = Command.Command.Config.Infer<typeof flags>

/** --spot as a price, where it is one. */
const priceOf = (spot: Option.Option<string>): number | undefined =>
  Option.match(spot, {
    onNone: () => undefined,
    onSome: (typed) => Result.getOrUndefined(readNumber(typed))
  })

const positionOf = Effect.fnUntraced(function* (asked: Asked) {
  const typed = yield* misused(Result.all(asked.leg.map(readLeg)))
  const model = legModel(asked.accuracy)
  const { multiplier } = asked
  const spot = priceOf(asked.spot)
  const common = { model, multiplier }
  if (Option.isSome(asked.symbol) || Option.isSome(asked.data)) {
    const own = [asked.rate, asked.yield, asked.volatility].some(Option.isSome)
    if (own || spot !== undefined) {
      return yield* new BadUsage({
        message: "the chain of --symbol has spot, rate, yield and volatilities: leave those flags out"
      })
    }
    const chain = yield* openChain(asked)
    const surface = Result.getOrUndefined(fitSurface(chain.clean))
    const position = yield* legsOfChain(typed, { ...common, chain, surface })
    return {
      ...position,
      model,
      typed,
      source: `${chain.raw.symbol}: ${chain.source}`,
      notes: [...position.notes, ...chain.market.notes]
    }
  }
  const { rate, volatility } = asked
  if (spot === undefined || Option.isNone(rate) || Option.isNone(volatility)) {
    return yield* new BadUsage({
      message:
        "of what market? Name the underlying by --symbol, or give the price, rate and volatility by --spot, --rate and --volatility"
    })
  }
  const position = yield* legsOfFlags(typed, {
    ...common,
    spot,
    rate: rate.value,
    dividendYield: Option.getOrElse(asked.yield, () => 0),
    volatility: volatility.value,
    style: asked.style === "american" ? "AMERICAN" : "EUROPEAN",
    date: asked.date
  })
  return { ...position, model, typed, source: undefined }
})

/** Legs times cells that are valued with their Greeks: some ten seconds. */
const MAX_VALUED_FAST = 20_000
const MAX_VALUED_ACCURATE = 2000

const axesOf = Effect.fnUntraced(function* (asked: Asked, spot: number, first: number | undefined) {
  const isRange = Option.isSome(asked.spot) && priceOf(asked.spot) === undefined
  if (isRange && Option.isSome(asked.spots)) {
    return yield* new BadUsage({
      message: "--spot and --spots both name prices to look at: give one of them"
    })
  }
  const spotText = Option.getOrElse(isRange ? asked.spot : asked.spots, () => "±10%")
  const axes: ScenarioAxes = {
    spots: yield* misused(readSpots(spotText, spot)),
    volatilityShifts: yield* misused(readShifts(Option.getOrElse(asked.vols, () => "-5,0,5"))),
    elapsedYears: Option.isSome(asked.days)
      ? yield* misused(readDays(asked.days.value))
      : first === undefined
        ? [0]
        : [...new Set([0, first / 2, first])]
  }
  const late = axes.elapsedYears.find((years) => first !== undefined && years > first + 1e-9)
  if (late !== undefined) {
    return yield* new BadUsage({
      message: `--days ${Math.round(late * 365)} is after the first expiry, in ${((first ?? 0) * 365).toFixed(1)} days: expected days up to it`
    })
  }
  return axes
})

const extremeJson = (of: Extreme) =>
  of._tag === "Unlimited" ? { limited: false } : { limited: true, profit: of.profit, at: of.at ?? null }

export const scenarioCommand = Command.make(
  "scenario",
  flags,
  Effect.fn("options.scenario")(function* (asked) {
    const position = yield* positionOf(asked)
    const { horizon, legs, model, spot } = position
    const first = firstExpiry(legs)
    const axes = yield* axesOf(asked, spot, first)
    const most = asked.accuracy === "fast" ? MAX_VALUED_FAST : MAX_VALUED_ACCURATE
    const size = axes.spots.length * axes.volatilityShifts.length * axes.elapsedYears.length
    if (size * legs.length > most) {
      return yield* new BadUsage({
        message: `${size} cells of ${legs.length} legs are too many: expected at most ${most} cells times legs ${asked.accuracy === "fast" ? "" : "that are accurate "}(--spots, --vols, --days)`
      })
    }
    const outcome = yield* orBadUsage(outcomeOf(legs, { spot, model }))
    const grid = yield* orBadUsage(scenarioGrid(legs, axes, model))
    const now = positionGreeks(legs, { spot, volatilityShift: 0, elapsedYears: 0 }, model)
    const probability =
      first === undefined ? undefined : yield* orBadUsage(probabilityOfProfit(outcome, { spot, ...horizon }))
    yield* answer(
      asked.json,
      {
        source: position.source ?? null,
        spot,
        legs,
        cost: outcome.cost,
        now,
        outcome: {
          horizon_years: first === undefined ? null : outcome.horizonYears,
          exact: outcome.exact,
          break_evens: outcome.breakEvens,
          profitable: outcome.profitable.map(({ from, to }) => ({ from, to: to ?? null })),
          max_gain: extremeJson(outcome.maxGain),
          max_loss: extremeJson(outcome.maxLoss),
          probability_of_profit: probability ?? null,
          probability_volatility: first === undefined ? null : horizon.volatility
        },
        spots: grid.spots,
        volatility_shifts: grid.volatilityShifts,
        elapsed_years: grid.elapsedYears,
        cells: grid.cells.map(({ elapsedYears, volatilityShift, ...cell }) => ({
          elapsed_years: elapsedYears,
          volatility_shift: volatilityShift,
          ...cell
        })),
        notes: position.notes
      },
      [
        ...(position.source === undefined ? [] : [style().bold(printable(position.source))]),
        ...positionLines(
          {
            legs,
            texts: position.typed.map((leg) => leg.text.replace(/\s*@.*$/u, "")),
            now,
            outcome,
            hasOptions: first !== undefined,
            probability,
            probabilityFrom: `lognormal, volatility ${percent(horizon.volatility)}, ${horizon.from}`
          },
          style()
        ),
        ...gridLines(grid, asked.show, style()),
        ...position.notes.map((note) => style().dim(printable(note)))
      ]
    )
  })
).pipe(
  documented(
    "What a position of options and shares gains and loses over prices, volatilities and times; break-evens, most to gain and lose, probability of profit.",
    [
      'options scenario --symbol AAPL --data lean --date 2014-06-09 --leg "+1 C 95 2014-07-19 @2.10" --leg "-1 C 100 2014-07-19 @0.90" --spots ±10%',
      "a spread by a chain's quotes"
    ],
    [
      'options scenario --spot 100 --rate 0.04 --volatility 0.25 --leg "-1 P 95 30d" --leg "+100 shares" --show delta',
      "without a chain"
    ]
  )
)
