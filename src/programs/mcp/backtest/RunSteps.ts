/** What to do when a backtest or a sweep cannot be played. */
import { instrumentSteps, marketSteps } from "../kit/NextSteps.ts"

const change = "call it again with what would do."
const ledger = "tell a person: the ledger of trials (.plimsoll/backtests/trials.db) cannot be written."

/** What only a run of one backtest can come to. */
export const runSteps = {
  BacktestNotReproducible:
    "rely on neither result, and tell a person: the algorithm depends on something beside its inputs.",
  LeanFailure:
    "tell a person what it says is missing; LEAN plays LEAN projects, built-in algorithms need none of it."
} as const

/** What only a sweep can come to. */
export const sweepSteps = {
  SweepFolderFailed:
    "tell a person: the sweep's folder (.plimsoll/backtests/sweeps) cannot be read or written.",
  FolderBusy: "wait until that process has ended, then call again.",
  WorkerDied: "call it again; if it happens again the algorithm ends its own process."
} as const

export const playSteps = {
  ...marketSteps,
  ...instrumentSteps,
  UnknownAlgorithm: "choose one of these.",
  AlgorithmInvalid: "the algorithm's file (in algorithms/) has to be mended; then call it again.",
  BadParameter: change,
  BadGrid: change,
  ResolutionUnavailable: change,
  UnusableData: "tell a person: the prices it names have to be mended; another symbol or other dates may do.",
  ParameterTwice: change,
  RunRefused: change,
  TooFewBars: change,
  ConfigInvalid: "tell a person: plimsoll.json has to be mended.",
  BacktestsBusy: "wait for those to end (list_backtests), then call again.",
  BacktestStoreFailed: "tell a person: the folder of the backtests cannot be read or written.",
  StorageBusy: "another backtest is being entered: call it again.",
  StorageFailed: ledger,
  StorageUnknown: "call it again: the same backtest is counted as the same trial.",
  StorageCorrupt: ledger
} as const
