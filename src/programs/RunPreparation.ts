/** From what somebody asks for to a run that can be played: its inputs, checked against what the sources have. */
import { Effect, Option, Result } from "effect"
import { formatMicros, type Money } from "../domain/Money.ts"
import { nearest } from "../domain/Nearest.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { SourceListing } from "../market/BarSeries.ts"
import type { BarSource } from "../market/BarSource.ts"
import { resolutionFor } from "../market/Resolution.ts"
import { formatResumePolicy, type ResumePolicy } from "../risk/ResumePolicy.ts"
import type { RunInputs } from "../session/RunInputs.ts"
import { quoted } from "../session/ShellWord.ts"
import type { Strategy } from "../session/Strategy.ts"
import { DEFAULT_CASH, DEFAULT_SEED, type MarketConfig } from "./DeskConfig.ts"
import type { RunFile } from "./RunFolder.ts"
import { bound, strategyNamed, typedValues } from "./RunStrategies.ts"
import { type AskedWords, chooseProfile, chooseSessions, chooseSymbols, RunRefused } from "./RunSetup.ts"
import { venueModelsOf } from "./VenueModelsConfig.ts"

/** Both books of a run that names no strategy. */
const DEFAULT_STRATEGIES = ["trend", "guarded-holder"] as const
/** A month of sessions after a drawdown trip, unless told otherwise. */
export const DEFAULT_RESUME_POLICY: ResumePolicy = { _tag: "Sessions", count: 20 }

/** Symbols of a source that are named when another was asked for, the nearest first. */
const NAMED_SYMBOLS = 20

/** A run as it is asked for; what is left out gets its default. */
export interface AskedRun {
  readonly market: MarketConfig
  /** In capitals; the default ones of the source when empty. */
  readonly symbols: ReadonlyArray<string>
  readonly from: Option.Option<SessionDate>
  readonly to: Option.Option<SessionDate>
  readonly cash: Option.Option<Money>
  readonly strategies: ReadonlyArray<string>
  /** Parameters of the one strategy, as they are typed. */
  readonly typed?: Readonly<Record<string, string>>
  /** The folder whose `algorithms/` are looked through; only built-in strategies without. */
  readonly project?: string
  /** Name of a limits profile. */
  readonly limits: Option.Option<string>
  readonly resumePolicy: Option.Option<ResumePolicy>
  readonly seed: Option.Option<number>
  readonly words: AskedWords
}

/** Those of these symbols; one that no source has is told with the nearest that there are. */
export const listingsOf = Effect.fnUntraced(function* (
  symbols: ReadonlyArray<string>,
  sources: ReadonlyArray<BarSource>
) {
  const all = sources.flatMap(({ listings }) => listings)
  return yield* Effect.forEach(symbols, (symbol) => {
    const listing = all.find(({ instrument }) => instrument.symbol === symbol)
    if (listing !== undefined) return Effect.succeed(listing)
    const known = all.map(({ instrument }) => String(instrument.symbol))
    const shown = nearest(symbol, known, NAMED_SYMBOLS)
    const more = known.length > shown.length ? ` and ${known.length - shown.length} more` : ""
    return Effect.fail(
      new RunRefused({
        message: `no source has ${symbol}; there is ${shown.length === 0 ? "nothing" : `${shown.join(", ")}${more}`}`
      })
    )
  })
})

const countText = (count: number): string => `${count} ${count === 1 ? "symbol" : "symbols"}`

/** A strategy runs on so many symbols. */
export const checkSymbolCount = (
  name: string,
  { least, most }: Strategy["instruments"],
  count: number
): Effect.Effect<void, RunRefused> => {
  if (count >= least && count <= (most ?? count)) return Effect.void
  const takes =
    most === null
      ? `at least ${countText(least)}`
      : most === least
        ? countText(least)
        : `${least} to ${countText(most)}`
  return Effect.fail(
    new RunRefused({ message: `the strategy ${name} does not run on ${countText(count)}: it takes ${takes}` })
  )
}

/** The bars a strategy decides on can be had of each instrument. */
const checkResolution = (
  { name, resolution = "1d" }: Strategy,
  listings: ReadonlyArray<SourceListing>
): Effect.Effect<void, RunRefused> => {
  const without = listings.find(({ instrument, resolutions }) =>
    Result.isFailure(resolutionFor(instrument.id, resolutions, resolution))
  )
  return without === undefined
    ? Effect.void
    : Effect.fail(
        new RunRefused({
          message: `the strategy ${name} decides on ${resolution} bars: of ${without.instrument.symbol} there are ${without.resolutions.join(", ")}`
        })
      )
}

/** Each strategy is known and fits its parameters and the symbols; what the run keeps of them. */
const checkStrategies = Effect.fnUntraced(function* (
  asked: AskedRun,
  names: ReadonlyArray<string>,
  listings: ReadonlyArray<SourceListing>
) {
  const typed = asked.typed ?? {}
  if (names.length > 1 && Object.keys(typed).length > 0) {
    return yield* new RunRefused({
      message: `parameters are those of one strategy, and this is a run of ${names.join(", ")}: name one`
    })
  }
  const kept = yield* Effect.forEach(names, (name) =>
    Effect.gen(function* () {
      const algorithm = yield* strategyNamed(name, asked.project ?? "")
      const strategy = yield* bound(algorithm, yield* typedValues(algorithm, typed))
      yield* checkSymbolCount(name, strategy.instruments, listings.length)
      yield* checkResolution(strategy, listings)
      const { knowledgeCutoff } = algorithm.definition
      const begun = {
        codeHash: algorithm.codeHash,
        parameters: strategy.parameters,
        ...(knowledgeCutoff === undefined ? {} : { knowledgeCutoff })
      }
      return [name, begun] as const
    })
  )
  return Object.fromEntries(kept)
})

/** The inputs of a run on these sources, or what does not fit together. */
export const runInputs = Effect.fn("RunPreparation.inputs")(function* (
  asked: AskedRun,
  sources: ReadonlyArray<BarSource>
) {
  const known = sources.flatMap(({ listings }) => listings)
  const symbols = yield* chooseSymbols(asked.market, known, asked.symbols, asked.words)
  const listings = yield* listingsOf([...new Set(symbols)], sources)
  const sessions = yield* chooseSessions(listings, asked, asked.words)
  const strategies = asked.strategies.length === 0 ? DEFAULT_STRATEGIES : asked.strategies
  const algorithms = yield* checkStrategies(asked, [...new Set(strategies)], listings)
  const instruments = listings.map(({ instrument }) => instrument)
  const profile = yield* chooseProfile(asked.limits, instruments)
  const [strategy = DEFAULT_STRATEGIES[0], ...others] = [...new Set<string>(strategies)]
  const [symbol = "", ...otherSymbols] = instruments.map((instrument) => String(instrument.symbol))
  const inputs: RunInputs = {
    strategies: [strategy, ...others],
    algorithms,
    symbols: [symbol, ...otherSymbols],
    from: sessions[0].date,
    to: sessions.at(-1)?.date ?? sessions[0].date,
    cash: Option.getOrElse(asked.cash, () => DEFAULT_CASH),
    profile,
    resumePolicy: Option.getOrElse(asked.resumePolicy, () => DEFAULT_RESUME_POLICY),
    seed: Option.getOrElse(asked.seed, () => DEFAULT_SEED),
    models: venueModelsOf(undefined)
  }
  return inputs
})

/** The arguments that name a market. */
export const marketWords = (market: MarketConfig): ReadonlyArray<string> => {
  const skip = market.source !== "embedded" && market.badRows === "skip" ? ["--skip-bad-rows"] : []
  switch (market.source) {
    case "embedded":
      return []
    case "lean":
      return ["--data", market.path, ...skip]
    case "csv":
      return [
        ...Object.entries(market.files).flatMap(([symbol, file]) => ["--csv", `${symbol}=${file}`]),
        ...skip
      ]
  }
}

/** The parameters of the one strategy of a run; several have their defaults. */
const parameterWords = ({ algorithms = {}, strategies }: RunInputs): ReadonlyArray<string> =>
  strategies.length > 1
    ? []
    : Object.entries(algorithms[strategies[0]]?.parameters ?? {}).flatMap(([name, value]) => [
        "--param",
        `${name}=${String(value)}`
      ])

/** The command line that gives the same run: every input said. */
const commandOf = (inputs: RunInputs, market: MarketConfig): string => {
  const words = [
    ...marketWords(market),
    "--symbols",
    inputs.symbols.join(","),
    "--from",
    inputs.from,
    "--to",
    inputs.to,
    "--cash",
    formatMicros(inputs.cash),
    "--strategy",
    inputs.strategies.join(","),
    ...parameterWords(inputs),
    "--limits",
    inputs.profile.name,
    "--resume-policy",
    formatResumePolicy(inputs.resumePolicy),
    "--seed",
    String(inputs.seed)
  ]
  return `run ${words.map(quoted).join(" ")}`
}

/** What is kept of a run, so that it can be resumed and done again; the market's paths are relative to `folder`. */
export const runFile = (
  inputs: RunInputs,
  market: MarketConfig,
  folder: string,
  project?: string
): RunFile => ({
  version: 1,
  inputs,
  market,
  folder,
  ...(project === undefined ? {} : { project }),
  command: commandOf(inputs, market)
})
