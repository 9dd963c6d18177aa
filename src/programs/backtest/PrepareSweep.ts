/** From what somebody asks for to a sweep that can be played: its points, each bound, on one tape. */
import { Effect, Option, Result } from "effect"
import { idOf } from "../../backtest/BacktestId.ts"
import { type CostsPreset, defaultCosts } from "../../backtest/CostsPreset.ts"
import type { Tape } from "../../backtest/engine/Tape.ts"
import {
  BadGrid,
  type Grid,
  gridPointAt,
  gridPoints,
  type GridValues,
  MAX_POINTS,
  readGrid,
  sizeOf
} from "../../backtest/Grid.ts"
import { drawnIndices } from "../../backtest/robustness/sensitivity/DrawnPoints.ts"
import type { SweepFile, SweepPoint } from "../../backtest/Sweep.ts"
import { dollars } from "../../domain/Money.ts"
import { partsOf, quoted } from "../../session/ShellWord.ts"
import type { Strategy } from "../../session/Strategy.ts"
import type { StrategyDefinition } from "../../session/StrategyDefinition.ts"
import type { StrategyAlgorithm } from "./Algorithms.ts"
import type { BacktestFile } from "./BacktestFile.ts"
import { DEFAULT_SEED } from "../DeskConfig.ts"
import { warmUpOf } from "./BacktestTape.ts"
import type { PointTask } from "./worker/Messages.ts"
import {
  type AskedBacktest,
  type AskedPlace,
  prepareBacktest,
  strategyNamed,
  valuesOf
} from "./PrepareBacktest.ts"

/** A sweep as it is asked for: a backtest, and the parameters that vary. */
export interface AskedSweep extends AskedBacktest {
  /** One parameter each, as they are typed: "fast=5,8,10", "slow=50..200:25". */
  readonly grid: ReadonlyArray<string>
  /** Points to draw from the grid, by the backtest's seed; all of it unless given. */
  readonly sample?: number | undefined
}

/** A point that the strategy takes. */
export interface BoundPoint {
  readonly index: number
  readonly values: GridValues
  readonly strategy: Strategy
}

export type RefusedPoint = Extract<SweepPoint, { readonly _tag: "Refused" }>

export interface PreparedSweep {
  readonly id: string
  readonly sweep: SweepFile
  readonly grid: Grid
  readonly points: ReadonlyArray<BoundPoint>
  readonly refused: ReadonlyArray<RefusedPoint>
  readonly algorithm: StrategyAlgorithm
  /** Of the point with the most warm-up. */
  readonly file: BacktestFile
  readonly tape: Tape
  readonly costs: CostsPreset
  /** The arguments that give this sweep again, from "backtest" on. */
  readonly command: string
  /** What has to be known of the prices, before any figure. */
  readonly caveats: ReadonlyArray<string>
  /** How a person's own files were read. */
  readonly notes: ReadonlyArray<string>
}

/** Where there are no costs only ratios are wanted: with so much, rounding to a micro is below a ten-billionth. */
const CASH_WITHOUT_COSTS = dollars(100_000_000)

/** What a sweep begins with unless it is said. */
const cashOf = ({ cash, costs }: AskedSweep): AskedSweep["cash"] =>
  Option.isNone(cash) && Option.contains(costs, "none") ? Option.some(CASH_WITHOUT_COSTS) : cash

const isRefused = (point: BoundPoint | RefusedPoint): point is RefusedPoint => "_tag" in point
const isBound = (point: BoundPoint | RefusedPoint): point is BoundPoint => !isRefused(point)

/** The points that are played: all of the grid, or a sample of it. */
const pointsIn = (grid: Grid, sample: number | undefined, seed: number): ReadonlyArray<PointTask> =>
  sample === undefined
    ? gridPoints(grid).map((values, index) => ({ index, values }))
    : drawnIndices(sizeOf(grid), sample, seed).map((index) => ({ index, values: gridPointAt(grid, index) }))

/** Every point, bound, or why the strategy does not take it. */
const bindPoints = (
  definition: StrategyDefinition,
  points: ReadonlyArray<PointTask>,
  unvaried: GridValues
): ReadonlyArray<BoundPoint | RefusedPoint> =>
  points.map(({ index, values }) =>
    Result.match(definition.bind({ ...unvaried, ...values }), {
      onFailure: ({ message }): BoundPoint | RefusedPoint => ({
        _tag: "Refused",
        index,
        values,
        reason: message
      }),
      onSuccess: (strategy) => ({ index, values, strategy })
    })
  )

/** The tape of the point that needs the most warm-up; points for which there are too few bars are refused. */
const prepareWidest = Effect.fnUntraced(function* (
  asked: AskedBacktest,
  points: ReadonlyArray<BoundPoint>,
  place: AskedPlace
) {
  const tooFew: Array<RefusedPoint> = []
  let left = points.toSorted((a, b) => warmUpOf(b.strategy) - warmUpOf(a.strategy))
  while (true) {
    const [widest] = left
    if (widest === undefined) return yield* Effect.die("a sweep without a point")
    const prepared = yield* Effect.result(
      prepareBacktest({ ...asked, typed: {}, parameters: widest.strategy.parameters }, place)
    )
    if (Result.isSuccess(prepared)) return { prepared: prepared.success, tooFew }
    const { failure } = prepared
    const most = warmUpOf(widest.strategy)
    const fits = left.filter(({ strategy }) => warmUpOf(strategy) < most)
    if (failure._tag !== "TooFewBars" || fits.length === 0) return yield* failure
    for (const { index, strategy, values } of left) {
      if (warmUpOf(strategy) < most) continue
      tooFew.push({ _tag: "Refused", index, values, reason: failure.message })
    }
    left = fits
  }
})

const gridWords = (grid: Grid): string =>
  grid.map(({ parameter, values }) => `--grid ${quoted(`${parameter}=${values.join(",")}`)}`).join(" ")

/** A sweep keeps figures of its points, not which quotes their orders cited. */
const modelledOptions =
  "Options are traded: where the data has none published the volatility model made their quotes, and premiums and marks say nothing of what could have been earned."

/** The words of one backtest, with the grid in the place of what varies. */
const sweepCommand = (backtest: string, grid: Grid): string => {
  const varied = new Set(grid.map(({ parameter }) => parameter))
  const parameterOf = (value: string): string => value.replace(/^'/u, "").replace(/=.*$/su, "")
  const rest = partsOf(backtest)
    .filter(({ name, value }) => name !== "--param" || value === undefined || !varied.has(parameterOf(value)))
    .map(({ text }) => text)
    .join(" ")
    .replace(/^backtest run /u, "")
  return `backtest sensitivity ${rest} ${gridWords(grid)}`
}

/** The sweep that was asked for, or what does not fit together; nothing is written. */
export const prepareSweep = Effect.fn("prepareSweep")(function* (asked: AskedSweep, place: AskedPlace) {
  const algorithm = yield* strategyNamed(asked.algorithm, place.project)
  const { definition } = algorithm
  if (asked.sample !== undefined && !(asked.sample >= 1 && asked.sample <= MAX_POINTS)) {
    return yield* new BadGrid({ message: `a sample has 1 to ${MAX_POINTS} points, not ${asked.sample}` })
  }
  const grid = yield* Effect.fromResult(
    readGrid(definition, asked.grid, { isDrawnFrom: asked.sample !== undefined })
  )
  const sample = asked.sample !== undefined && asked.sample < sizeOf(grid) ? asked.sample : undefined
  const given = yield* valuesOf(definition, asked)
  const both = grid.find(({ parameter }) => Object.hasOwn(given, parameter))
  if (both !== undefined) {
    return yield* new BadGrid({
      message: `${both.parameter} has a value of its own and a grid: leave one of them out`
    })
  }
  const seed = Option.getOrElse(asked.seed, () => DEFAULT_SEED)
  const bound = bindPoints(definition, pointsIn(grid, sample, seed), given)
  const fitting = bound.filter(isBound)
  const [example] = bound.filter(isRefused)
  if (fitting.length === 0) {
    return yield* new BadGrid({ message: `no point of the grid can be played: ${example?.reason}` })
  }
  const withCash: AskedSweep = { ...asked, cash: cashOf(asked) }
  const { prepared, tooFew } = yield* prepareWidest(withCash, fitting, place)
  const refused = [...bound.filter(isRefused), ...tooFew].toSorted((a, b) => a.index - b.index)
  const isOut = new Set(refused.map(({ index }) => index))
  const { inputs } = prepared.file
  const varied = new Set(grid.map(({ parameter }) => parameter))
  const parameters = Object.fromEntries(
    Object.entries(inputs.algorithm.parameters).filter(([name]) => !varied.has(name))
  )
  const sweep: SweepFile = {
    version: 1,
    inputs: { ...inputs, algorithm: { ...inputs.algorithm, parameters } },
    grid,
    ...(sample === undefined ? {} : { sample })
  }
  const made: PreparedSweep = {
    id: idOf(inputs.algorithm.name, sweep),
    sweep,
    grid,
    points: fitting.filter(({ index }) => !isOut.has(index)),
    refused,
    algorithm,
    file: prepared.file,
    tape: prepared.tape,
    costs: Option.getOrElse(asked.costs, () => defaultCosts),
    command: `${sweepCommand(prepared.file.command, grid)}${sample === undefined ? "" : ` --sample ${sample}`}`,
    caveats: prepared.strategy.options === undefined ? [] : [modelledOptions],
    notes: prepared.notes
  }
  return made
})
