/** From what somebody asks for to a backtest that can be played: its inputs, checked against what the sources have. */
import { Effect, Option } from "effect"
import { backtestId } from "../../backtest/BacktestId.ts"
import type { BacktestInputs, TestedData } from "../../backtest/BacktestInputs.ts"
import type { BacktestModels } from "../../backtest/BacktestModels.ts"
import { type CostsPreset, costsOf, defaultCosts } from "../../backtest/CostsPreset.ts"
import type { Tape } from "../../backtest/engine/Tape.ts"
import { movedCutoff } from "../../backtest/robustness/Contaminated.ts"
import { readValue } from "../../backtest/Grid.ts"
import { cutWarmUp } from "../../backtest/WarmUpCut.ts"
import type { Money } from "../../domain/Money.ts"
import type { Resolution } from "../../domain/Quote.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { regulationT } from "../../execution/paper/MarginModel.ts"
import type { SourceListing } from "../../market/BarSeries.ts"
import type { BarSource } from "../../market/BarSource.ts"
import type { RateRow } from "../../market/lean/LeanInterestRate.ts"
import type { ResumePolicy } from "../../risk/ResumePolicy.ts"
import type { ParameterValue } from "../../session/Parameters.ts"
import type { Strategy } from "../../session/Strategy.ts"
import type { StrategyDefinition } from "../../session/StrategyDefinition.ts"
import { DEFAULT_CASH, DEFAULT_SEED, type MarketConfig } from "../DeskConfig.ts"
import { checkSymbolCount, DEFAULT_RESUME_POLICY, listingsOf } from "../RunPreparation.ts"
import {
  type AskedWords,
  chooseProfile,
  chooseSessions,
  chooseSymbols,
  openSources,
  RunRefused,
  skippedLines
} from "../RunSetup.ts"
import { version } from "../Version.ts"
import { findAlgorithm, type StrategyAlgorithm } from "./Algorithms.ts"
import { commandOf, cutoffWords } from "./BacktestCommandLine.ts"
import type { BacktestFile } from "./BacktestFile.ts"
import { tapeOf } from "./BacktestTape.ts"
import { ratesHash, riskFreeRates } from "./RiskFreeRates.ts"

/** What is charged for shares and money that are borrowed. */
export interface AskedFinancing {
  /** Basis points a year of what is sold short. */
  readonly borrow: Option.Option<number>
  /** By default a cash account. */
  readonly margin: Option.Option<"cash" | "reg-t">
  /** Basis points a year of what is owed, in a margin account. */
  readonly marginRate: Option.Option<number>
}

export const noFinancing: AskedFinancing = {
  borrow: Option.none(),
  margin: Option.none(),
  marginRate: Option.none()
}

/** A backtest as it is asked for; what is left out gets its default. */
export interface AskedBacktest {
  readonly algorithm: string
  readonly parameters: { readonly [name: string]: ParameterValue }
  /** Parameters as they are typed; read by the algorithm's own kinds of parameters. */
  readonly typed: { readonly [name: string]: string }
  readonly market: MarketConfig
  /** In capitals; the default ones of the source when empty. */
  readonly symbols: ReadonlyArray<string>
  readonly from: Option.Option<SessionDate>
  readonly to: Option.Option<SessionDate>
  readonly cash: Option.Option<Money>
  readonly costs: Option.Option<CostsPreset>
  readonly financing: AskedFinancing
  /** Name of a limits profile. */
  readonly limits: Option.Option<string>
  readonly resumePolicy: Option.Option<ResumePolicy>
  readonly seed: Option.Option<number>
  /** Besides what the code declares: the first day that its language model knows nothing of. */
  readonly knowledgeCutoff?: Option.Option<SessionDate>
  readonly words: AskedWords
}

/** A strategy of this program's own engine, ready to be played. */
export interface PreparedBacktest {
  readonly id: string
  readonly file: BacktestFile
  readonly algorithm: StrategyAlgorithm
  /** Its parameters bound. */
  readonly strategy: Strategy
  readonly sources: ReadonlyArray<BarSource>
  readonly tape: Tape
  /** Those that came with the prices. */
  readonly riskFree: ReadonlyArray<RateRow>
  /** How a person's own files were read. */
  readonly notes: ReadonlyArray<string>
}

/** Where algorithms and relative paths are looked for. */
export interface AskedPlace {
  /** The project, whose `algorithms/` are looked through. */
  readonly project: string
  /** What the market's relative paths are relative to. */
  readonly folder: string
}

/** A LEAN project is not played here: `LeanRunner` takes it. */
export const strategyNamed = Effect.fnUntraced(function* (name: string, project: string) {
  const algorithm = yield* findAlgorithm(name, project)
  if (algorithm._tag === "Strategy") return algorithm
  return yield* new RunRefused({
    message: `${name} is a LEAN project, which "plimsoll backtest run" hands to LEAN: this needs a strategy of this program's own engine`
  })
})

/** Parameters as they are typed, and as values. */
export const valuesOf = (definition: StrategyDefinition, asked: AskedBacktest) =>
  Effect.map(
    Effect.forEach(Object.entries(asked.typed), ([name, text]) =>
      Effect.map(Effect.fromResult(readValue(definition, name, text)), (value) => [name, value] as const)
    ),
    (typed) => ({ ...asked.parameters, ...Object.fromEntries(typed) })
  )

const modelsOf = (asked: AskedBacktest): Effect.Effect<BacktestModels, RunRefused> => {
  const { borrow, margin, marginRate } = asked.financing
  const isMargin = Option.contains(margin, "reg-t")
  if (Option.isSome(marginRate) && !isMargin) {
    return Effect.fail(
      new RunRefused({ message: "a rate of a margin account needs a margin account: reg-t" })
    )
  }
  return Effect.succeed({
    ...costsOf(Option.getOrElse(asked.costs, () => defaultCosts)),
    ...(Option.isSome(borrow) && borrow.value > 0
      ? { borrow: { _tag: "Yearly", basisPoints: borrow.value } as const }
      : {}),
    ...(isMargin
      ? { margin: { ...regulationT, interestBasisPoints: Option.getOrElse(marginRate, () => 0) } }
      : {})
  })
}

/** The symbols when none were named: as a run's, but as many as the strategy takes at least. */
const symbolsFor = Effect.fnUntraced(function* (
  asked: AskedBacktest,
  listings: ReadonlyArray<SourceListing>,
  { instruments, name }: Strategy
) {
  const { market, symbols, words } = asked
  if (symbols.length > 0 || instruments.least <= 1)
    return yield* chooseSymbols(market, listings, symbols, words)
  const known = listings.map(({ instrument }) => String(instrument.symbol))
  if (known.length >= instruments.least && known.length <= (instruments.most ?? known.length)) return known
  return yield* new RunRefused({
    message: `the strategy ${name} takes ${instruments.least} symbols: name them with ${words.symbols}; this source has ${known.slice(0, NAMED).join(", ")}${known.length > NAMED ? ` and ${known.length - NAMED} more` : ""}`
  })
})

/** Symbols that a message has. */
const NAMED = 20

/** What a series is called, whatever stretch of it: the order of symbols does not matter. */
export const datasetOf = (source: string, symbols: ReadonlyArray<string>, resolution: Resolution): string =>
  `${source}, ${symbols.toSorted().join("+")}, ${resolution}`

const sourceText = (sources: ReadonlyArray<BarSource>): string => sources.map(({ name }) => name).join("; ")

/** What it is tested on, but for the hash of the data. */
const dataOf = Effect.fnUntraced(function* (
  asked: AskedBacktest,
  sources: ReadonlyArray<BarSource>,
  strategy: Strategy
) {
  const known = sources.flatMap(({ listings }) => listings)
  const symbols = yield* symbolsFor(asked, known, strategy)
  const listings = yield* listingsOf([...new Set(symbols)], sources)
  yield* checkSymbolCount(strategy.name, strategy.instruments, listings.length)
  const sessions = yield* chooseSessions(listings, asked, asked.words)
  const [symbol = "", ...others] = listings.map(({ instrument }) => String(instrument.symbol))
  const resolution = strategy.resolution ?? "1d"
  const source = sourceText(sources)
  const data: Omit<TestedData, "dataHash" | "sessionsHash" | "ratesHash"> = {
    source,
    symbols: [symbol, ...others],
    resolution,
    from: sessions[0].date,
    to: sessions.at(-1)?.date ?? sessions[0].date,
    dataset: datasetOf(source, [symbol, ...others], resolution)
  }
  return { data, instruments: listings.map(({ instrument }) => instrument) }
})

/** The backtest that was asked for, or what does not fit together; nothing is written. */
export const prepareBacktest = Effect.fn("prepareBacktest")(function* (
  asked: AskedBacktest,
  { folder, project }: AskedPlace
) {
  const algorithm = yield* strategyNamed(asked.algorithm, project)
  const { definition } = algorithm
  const values = yield* valuesOf(definition, asked)
  const strategy = yield* Effect.fromResult(definition.bind(values))
  const models = yield* modelsOf(asked)
  const { lines, sources } = yield* openSources(asked.market, folder)
  const { data, instruments } = yield* dataOf(asked, sources, strategy)
  const profile = yield* chooseProfile(asked.limits, instruments)
  const seed = Option.getOrElse(asked.seed, () => DEFAULT_SEED)
  const tape = yield* tapeOf({ data, models, seed }, strategy, sources)
  const riskFree = yield* riskFreeRates(asked.market, folder, data.to)
  const askedCutoff = Option.getOrUndefined(asked.knowledgeCutoff ?? Option.none())
  const cutoff = yield* Effect.mapError(
    Effect.fromResult(movedCutoff(definition.knowledgeCutoff, askedCutoff)),
    (message) => new RunRefused({ message: `the strategy ${definition.name}: ${message}` })
  )
  const inputs: BacktestInputs = {
    engine: { name: "plimsoll", version },
    algorithm: {
      name: definition.name,
      kind: algorithm.kind,
      codeHash: algorithm.codeHash,
      parameters: strategy.parameters,
      ...(cutoff === undefined ? {} : { knowledgeCutoff: cutoff })
    },
    data: {
      ...data,
      dataHash: tape.dataHash,
      sessionsHash: cutWarmUp(tape, 0).dataHash,
      ...ratesHash(riskFree)
    },
    cash: Option.getOrElse(asked.cash, () => DEFAULT_CASH),
    profile,
    resumePolicy: Option.getOrElse(asked.resumePolicy, () => DEFAULT_RESUME_POLICY),
    seed,
    models
  }
  const costs = Option.getOrElse(asked.costs, () => defaultCosts)
  const prepared: PreparedBacktest = {
    id: backtestId(inputs),
    file: {
      version: 1,
      inputs,
      market: asked.market,
      folder,
      project,
      command: `${commandOf(inputs, costs, asked.market)}${cutoffWords(askedCutoff)}`
    },
    algorithm,
    strategy,
    sources,
    tape,
    riskFree,
    notes: [...lines, ...skippedLines(sources.flatMap(({ skipped }) => skipped))]
  }
  return prepared
})
