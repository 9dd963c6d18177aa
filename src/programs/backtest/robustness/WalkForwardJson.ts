/** A walk-forward as scripts get it. Ratios; Sharpe ratios are a year; windows are numbers of sessions from 0, the last one included. */
import { contaminationOf, contaminationWords } from "../../../backtest/robustness/Contaminated.ts"
import type { Span } from "../../../backtest/robustness/walkforward/Windows.ts"
import { degradationOf, type WalkedWindow } from "../../../backtest/robustness/walkforward/WalkForward.ts"
import type { PreparedWalkForward } from "./WalkForwardPrepare.ts"
import type { FinishedWalkForward } from "./WalkForwardRun.ts"

const spanOf = ({ from, until }: Span): readonly [number, number] => [from, until - 1]

type Dates = (span: Span) => readonly [string, string]

/**
 * One without a choice has null for its values and its figures in-sample, and stays in cash. A parameter named as one of
 * the figures is among `parameters` alone.
 */
const windowRow = (window: WalkedWindow, names: ReadonlyArray<string>, dates: Dates) => {
  const spans = {
    train: spanOf(window.train),
    test: spanOf(window.test),
    train_dates: dates(window.train),
    test_dates: dates(window.test)
  }
  if (window._tag === "NoPoint") {
    return {
      ...Object.fromEntries(names.map((name) => [name, null])),
      ...spans,
      parameters: null,
      train_sharpe: null,
      test_return: 0,
      test_sharpe: null,
      entries: 0,
      reason: window.reason
    }
  }
  const { rank, score, tested, trained, values } = window
  return {
    ...values,
    ...spans,
    parameters: values,
    train_sharpe: trained.sharpe,
    test_return: tested.totalReturn,
    test_sharpe: tested.sharpe,
    train_return: trained.totalReturn,
    train_objective: score,
    test_max_drawdown: tested.maxDrawdown,
    entries: tested.entries,
    degradation: degradationOf(window),
    rank: rank?.rank ?? null,
    ranked_points: rank?.of ?? null,
    equal_points: rank?.equal ?? null
  }
}

const growth = (returns: Float64Array): number => returns.reduce((equity, change) => equity * (1 + change), 1)

export const walkForwardJson = (
  { file, id, sweep }: PreparedWalkForward,
  { benchmark, failed, hindsight, plan, trials, walk, whyEngine }: FinishedWalkForward
) => {
  const { sessions } = sweep.tape
  const dateAt = (at: number): string => sessions[at]?.date ?? ""
  const dates: Dates = ({ from, until }) => [dateAt(from), dateAt(until - 1)]
  const names = plan.grid.map(({ parameter }) => parameter)
  return {
    id,
    ...file.windows,
    objective: plan.objective,
    contaminated: contaminationWords(contaminationOf(file.sweep.inputs)) ?? null,
    windows: walk.windows.map((window) => windowRow(window, names, dates)),
    oos_total_return: walk.totalReturn,
    oos_sharpe: walk.sharpe,
    oos_max_drawdown: walk.maxDrawdown,
    oos_return_yearly: walk.returnYearly,
    is_return_yearly: walk.inSampleReturnYearly,
    efficiency: walk.efficiency,
    degradation: walk.degradation,
    profitable_windows: walk.profitable,
    chosen_windows: walk.chosen,
    mean_rank: walk.meanRank,
    parameter_stability: walk.stability.map(({ changes, mostOften, parameter, spread, values }) => ({
      parameter,
      chosen: values,
      most_often: mostOften,
      changes,
      spread
    })),
    hindsight:
      hindsight === undefined
        ? null
        : {
            ...hindsight.values,
            total_return: hindsight.figures.totalReturn,
            sharpe: hindsight.figures.sharpe,
            max_drawdown: hindsight.figures.maxDrawdown
          },
    benchmark_total_return: growth(benchmark) - 1,
    points: plan.points.length,
    failed_segments: failed.length,
    trials_on_data: trials,
    why_engine: whyEngine ?? null,
    oos_dates: sessions.slice(walk.first).map(({ date }) => date),
    oos_equity: Array.from(walk.equity)
  }
}
