/** Regimes of a stored backtest's market, or of a file's: what is looked at, and the look at it. */
import { Clock, Effect, Option, Result } from "effect"
import { labelOf } from "../../../backtest/robustness/Contaminated.ts"
import { checkReturns, type ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import { BadRequest } from "../../../backtest/robustness/RobustnessError.ts"
import type { CusumOptions } from "../../../backtest/robustness/regimes/Cusum.ts"
import type {
  WalkForwardOptions,
  Walked,
  WalkProgress
} from "../../../backtest/robustness/regimes/hmm/WalkForwardFilter.ts"
import {
  nothingTold,
  type RegimeMethod,
  type RegimeReport,
  regimeSteps
} from "../../../backtest/robustness/regimes/MarketRegimes.ts"
import type { RegimesPage } from "../../../backtest/report/robustness/RegimesHtml.ts"
import { version } from "../../Version.ts"
import { returnsOf } from "../KeepBacktest.ts"
import { keptRegimes } from "./RegimesFile.ts"
import { type AskedReturns, type FoundReturns, foundReturns } from "./ReturnsAsked.ts"
import { type KeepOptions, keptWhile, type Unfinished } from "./Unfinished.ts"

export interface AskedRegimes extends AskedReturns {
  /** A file's column; the series itself when left out. */
  readonly market: Option.Option<string>
  readonly methods: ReadonlyArray<RegimeMethod>
  readonly walk: WalkForwardOptions
  readonly cusum: CusumOptions
}

export interface FoundRegimes {
  readonly report: RegimeReport
  readonly backtest: FoundReturns["backtest"]
}

/** What the backtest is compared with: its starting cash in the symbols, bought and held. */
const benchmarkOf = ({ content, result }: NonNullable<FoundReturns["backtest"]>) => {
  const { benchmark, dates } = content
  if (benchmark.length !== dates.length || benchmark.every((dollars) => dollars === 0)) {
    return Result.fail(
      new BadRequest({
        message: `backtest ${result.id} holds no benchmark: there is no market to tell regimes of`
      })
    )
  }
  return Result.mapError(
    checkReturns({
      name: `${result.inputs.data.symbols.join(", ")} held`,
      returns: returnsOf(benchmark, result.inputs.cash),
      dates
    }),
    ({ message }) => new BadRequest({ message })
  )
}

const seriesOf = Effect.fnUntraced(function* (asked: AskedRegimes, folder: string) {
  const { series: strategy, backtest } = yield* foundReturns(asked, folder)
  if (backtest !== undefined) {
    if (Option.isSome(asked.market)) {
      return yield* new BadRequest({
        message: "a market's column is of a file of returns: a backtest's market is its benchmark"
      })
    }
    return { strategy, market: yield* Effect.fromResult(benchmarkOf(backtest)), backtest }
  }
  const market: ReturnSeries = Option.isNone(asked.market)
    ? strategy
    : (yield* foundReturns({ ...asked, column: asked.market }, folder)).series
  return { strategy, market, backtest }
})

export interface RegimesHooks {
  /** Of the backtest whose returns they are, by its id. */
  readonly keep: (backtest: string | undefined) => KeepOptions
  readonly onProgress: (progress: WalkProgress, elapsedMillis: number) => void
}

type Series = Effect.Success<ReturnType<typeof seriesOf>>

/** Steps between which others may run, and an interruption is heard. */
const findIn = Effect.fnUntraced(function* (
  { backtest, market, strategy }: Series,
  { cusum, methods, walk }: AskedRegimes,
  onProgress: RegimesHooks["onProgress"],
  { from, reached }: Unfinished<Walked>
) {
  const begun = yield* Clock.currentTimeMillis
  const steps = regimeSteps({ strategy, market, methods, walk, cusum, from })
  for (;;) {
    const step = steps.next()
    if (step.done === true) {
      const report = yield* Effect.fromResult(step.value)
      const failure = nothingTold(report)
      if (failure !== undefined) return yield* failure
      const found: FoundRegimes = { report, backtest }
      return found
    }
    const { walked } = step.value
    onProgress(step.value, (yield* Clock.currentTimeMillis) - begun)
    yield* reached(() => walked)
    yield* Effect.yieldNow
  }
})

/** From where it was left, if that is asked for. */
export const findRegimes = Effect.fn("findRegimes")(function* (
  asked: AskedRegimes,
  folder: string,
  { keep, onProgress }: RegimesHooks
) {
  const series = yield* seriesOf(asked, folder)
  return yield* keptWhile(
    keptRegimes(series.market, asked.walk),
    keep(series.backtest?.result.id),
    (unfinished) => findIn(series, asked, onProgress, unfinished)
  )
})

/** `command` is the whole line that gives it again. */
export const regimesPage = ({ backtest, report }: FoundRegimes, command: string): RegimesPage => ({
  report,
  title: `${backtest === undefined ? report.strategy.name : backtest.result.inputs.algorithm.name}: regimes`,
  command,
  generatedBy: `plimsoll ${version}`,
  limits: backtest === undefined ? undefined : labelOf(backtest.result.inputs, backtest.content.dates)
})
