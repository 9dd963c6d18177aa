/** Keeps what a backtest came to: its trial, its result, its page. */
import { Effect } from "effect"
import { backtestId, resultHash } from "../../backtest/BacktestId.ts"
import type { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import type {
  BacktestContent,
  BacktestFailure,
  BacktestResult,
  FinishedBacktest
} from "../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../backtest/BacktestStore.ts"
import { figuresOf } from "../../backtest/Sweep.ts"
import { type NewTrial, TrialLedger } from "../../backtest/TrialLedger.ts"
import { MICROS } from "../../domain/Money.ts"

/** What goes with a content or a failure. */
export interface Played {
  readonly inputs: BacktestInputs
  readonly command: string
  readonly ranAt: number
  readonly wallMillis: number
}

/** As a sweep has them: of whole micros. */
export const returnsOf = (equity: BacktestContent["equity"], cash: number): Float64Array =>
  figuresOf({
    equity: Float64Array.from(equity, (dollars) => Math.round(dollars * MICROS)),
    cash,
    entries: 0,
    exits: 0
  }).returns

const trialOf = (
  { id, inputs, ranAt }: FinishedBacktest,
  { equity }: BacktestContent,
  source: string
): NewTrial => {
  const { algorithm, cash, data, engine, profile } = inputs
  return {
    id,
    dataset: data.dataset,
    dataHash: data.dataHash,
    from: data.from,
    to: data.to,
    algorithm: algorithm.name,
    codeHash: algorithm.codeHash,
    parameters: algorithm.parameters,
    profile: profile.name,
    engine: engine.name,
    source,
    ranAt,
    returns: returnsOf(equity, cash)
  }
}

const headOf = ({ command, inputs, ranAt, wallMillis }: Played) => ({
  version: 1 as const,
  id: backtestId(inputs),
  inputs,
  command,
  ranAt,
  wallMillis
})

/** A content as a result; of one that has no hash (a value in it is no number) the failure. */
export const resultOf = (played: Played, content: BacktestContent): BacktestResult => {
  try {
    return { ...headOf(played), outcome: { _tag: "Finished", content, hash: resultHash(content) } }
  } catch (cause) {
    const message = `the result has a value that is no number: ${cause instanceof Error ? cause.message : String(cause)}`
    return failedOf(played, { kind: "bad-data", message })
  }
}

export const failedOf = (played: Played, failure: BacktestFailure): BacktestResult => ({
  ...headOf(played),
  outcome: { _tag: "Failed", failure }
})

/** The page of a finished one. Drawing is only loaded when there is something to draw. */
export const pageOf = (result: FinishedBacktest): Effect.Effect<string> =>
  Effect.promise(() => import("../../backtest/report/TearSheet.ts")).pipe(
    Effect.map(({ tearSheetHtml }) => tearSheetHtml(result))
  )

/**
 * Enters the trial of a finished one, then keeps the result and its page: what
 * is seen was counted. A failed one showed nothing and is no trial.
 */
export const keepBacktest = Effect.fn("keepBacktest")(function* (result: BacktestResult, source: string) {
  const store = yield* BacktestStore
  const { id, outcome } = result
  if (outcome._tag === "Failed") return yield* store.put(result)
  const finished: FinishedBacktest = { ...result, outcome }
  const ledger = yield* TrialLedger
  yield* ledger.record([trialOf(finished, outcome.content, source)])
  yield* store.put(result)
  yield* store.putTearSheet(id, yield* pageOf(finished))
})
