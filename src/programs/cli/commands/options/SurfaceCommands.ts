/** `plimsoll options surface`, `term` and `skew`: what a chain's quotes say of volatility. */
import { resolve } from "node:path"
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import { againstHistory, againstNeighbours } from "../../../../options/surface/Signals.ts"
import { skew, type SkewReport } from "../../../../options/surface/Skew.ts"
import { fitSurface, type SurfaceSettings } from "../../../../options/surface/SurfaceFit.ts"
import { surfaceMatrix } from "../../../../options/surface/SurfaceMatrix.ts"
import { termStructure } from "../../../../options/surface/TermStructure.ts"
import type {
  InterpolationModel,
  InsufficientQuotes,
  SurfaceAnswer,
  VolatilitySurface
} from "../../../../options/surface/VolatilitySurface.ts"
import { snapshotOf } from "../../../../options/surface/VolatilityHistory.ts"
import { version } from "../../../Version.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { exitCodes, prefixed, Told } from "../../Failures.ts"
import { writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { cleaningLine, namedChainFlags, openNamedChain, type OpenedChain } from "./ChainSource.ts"
import { digits } from "./OptionText.ts"
import { optionsPage } from "./page/OptionsPage.ts"
import { type Comparisons, comparisonLines, comparisonTexts } from "./SignalText.ts"
import { earlierDays, historyFlag } from "./SkewHistory.ts"
import { skewLines, surfaceLines, termLines } from "./SurfaceText.ts"

const models = [
  "svi",
  "ssvi",
  "multiquadric",
  "inverse",
  "gaussian",
  "linear",
  "cubic",
  "thin-plate"
] as const satisfies ReadonlyArray<InterpolationModel>

const flags = {
  ...namedChainFlags,
  model: Flag.Literals("model", models).pipe(
    Flag.withDescription("of the surface; svi without arbitrage when left out, or a radial basis function"),
    Flag.withDefault("svi")
  ),
  smoothing: optional(
    Flag.Finite("smoothing").pipe(
      Flag.filter(
        (value) => value >= 0,
        (value) => `expected a number, zero or more, not ${value}`
      )
    ),
    "of a radial basis function; 0 when left out"
  ),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("path")),
    "a file for a page with all of it: surface, smiles, term structure, skew"
  ),
  json: jsonFlag
}

type Asked = Command.Command.Config.Infer<typeof flags>

interface Analysed {
  readonly chain: OpenedChain
  readonly surface: VolatilitySurface
  readonly report: SkewReport
  readonly comparisons: Comparisons
}

const USUAL_DELTA = 0.25

/** Why there is no surface: in words, and for machines with its type. */
const noSurface = Effect.fnUntraced(function* (
  failure: InsufficientQuotes,
  { clean, market }: OpenedChain,
  json: boolean
) {
  if (!json) return yield* failure
  for (const line of prefixed(failure.message)) err(line)
  const { found, message, needed, symbol } = failure
  yield* answer(
    true,
    {
      symbol,
      as_of: clean.asOf,
      source: market.source,
      spot: clean.spot,
      error: failure._tag,
      message,
      found,
      needed,
      quotes: clean.quotes,
      kept: clean.kept,
      dropped: clean.drops,
      notes: market.notes
    },
    ""
  )
  return yield* new Told({ exitCode: exitCodes.failed })
})

interface SkewAsked {
  readonly delta: number
  readonly history: Option.Option<string>
}

/** The chain's surface; the page is written also where there is none. */
const analysed = Effect.fnUntraced(function* (
  asked: Asked,
  { delta, history }: SkewAsked = { delta: USUAL_DELTA, history: Option.none() }
) {
  const chain = yield* openNamedChain(asked)
  const settings: SurfaceSettings = {
    model: asked.model,
    ...Option.match(asked.smoothing, {
      onNone: () => ({}),
      onSome: (value) => ({ smoothing: value })
    })
  }
  const fitted = fitSurface(chain.clean, settings)
  const surface = Result.getOrUndefined(fitted)
  let found: Analysed | undefined
  if (surface !== undefined) {
    const report = skew(surface, delta)
    const now = snapshotOf(surface, { source: chain.market.source === "model" ? "model" : "quotes", delta })
    const earlier = Option.isNone(history)
      ? undefined
      : yield* earlierDays({ typed: history.value, data: asked.data, settings, delta }, chain)
    found = {
      chain,
      surface,
      report,
      comparisons: {
        neighbours: againstNeighbours(report, surface.slices),
        history: earlier === undefined ? undefined : { ...earlier, ...againstHistory(now, earlier.snapshots) }
      }
    }
  }
  if (Option.isSome(asked.html)) {
    const { cwd, folder } = surroundings()
    const file = resolve(cwd, asked.html.value)
    yield* writeWhole(
      file,
      optionsPage({
        chain: chain.clean,
        source: chain.source,
        surface,
        why: Result.isFailure(fitted) ? fitted.failure.message : undefined,
        term: surface === undefined ? undefined : termStructure(surface),
        skew: found?.report,
        comparisons: found === undefined ? [] : comparisonTexts(found.comparisons),
        notes: chain.market.notes,
        generatedBy: `Plimsoll ${version}`
      }),
      folder
    )
    err(`page: ${printable(file)}`)
  }
  if (found !== undefined) return found
  return Result.isFailure(fitted)
    ? yield* noSurface(fitted.failure, chain, asked.json)
    : yield* Effect.die("a surface without its analysis")
})

const headJson = ({ chain, surface }: Analysed) => ({
  symbol: surface.symbol,
  as_of: surface.asOf,
  source: chain.market.source,
  spot: surface.spot,
  model: surface.model,
  notes: chain.market.notes
})

const headLines = ({ chain, surface }: Analysed): ReadonlyArray<string> => [
  `${style().bold(printable(surface.symbol))}  ${printable(chain.source)}, spot ${digits(surface.spot, 9)}`,
  cleaningLine(chain.clean),
  ""
]

const noteLines = ({ chain }: Analysed): ReadonlyArray<string> =>
  chain.market.notes.map((note) => style().dim(printable(note)))

const answerJson = (given: SurfaceAnswer) =>
  given._tag === "Outside"
    ? { iv: null, trust: "outside", why: given.why, nearest: given.nearest }
    : { iv: given.volatility, trust: given._tag === "Inside" ? "inside" : "near" }

const surfaceCommand = Command.make(
  "surface",
  flags,
  Effect.fn("options.surface")(function* (asked) {
    const found = yield* analysed(asked)
    const { chain, surface } = found
    yield* answer(
      asked.json,
      {
        ...headJson(found),
        quotes: chain.clean.quotes,
        kept: chain.clean.kept,
        dropped: chain.clean.drops,
        rms_error: surface.rmsError,
        expiries: surfaceMatrix(surface).columns.map((column, i) => {
          const slice = surface.slices[i]
          return {
            expiry: column.expiry ?? null,
            years: column.years,
            forward: column.forward,
            strikes: slice?.points ?? 0,
            rms_error: slice?.rmsError ?? null,
            max_error: slice?.maxError ?? null,
            inside_spread: slice?.insideSpread ?? null,
            cells: column.cells.map((cell) => ({ strike: cell.strike, ...answerJson(cell.answer) }))
          }
        }),
        arbitrage: { before: surface.before, after: surface.after },
        parameters: surface.parameters
      },
      [...headLines(found), ...surfaceLines(surface, style()), ...noteLines(found)]
    )
  })
).pipe(
  documented(
    "The implied volatility surface of a chain: strike by expiry, how well it fits, and its arbitrage before and after.",
    ["options surface --data lean --symbol AAPL --date 2014-06-09", "of a LEAN data folder"],
    ["options surface --symbol SPX-REPLAY --html surface.html", "of the desk's market, as a page"]
  )
)

const termCommand = Command.make(
  "term",
  flags,
  Effect.fn("options.term")(function* (asked) {
    const found = yield* analysed(asked)
    const term = termStructure(found.surface)
    yield* answer(
      asked.json,
      {
        ...headJson(found),
        atm: term.atm.map((one, i) => {
          const forward = term.forward[i]
          return {
            expiry: one.expiry,
            years: one.years,
            forward: one.forward,
            iv: one.volatility,
            total_variance: one.totalVariance,
            forward_iv: forward?._tag === "Value" ? forward.volatility : null
          }
        }),
        constant_maturity: term.constantMaturity.map((one) => ({
          days: one.days,
          ...answerJson(one.answer)
        })),
        slope:
          term.slope === undefined
            ? null
            : {
                near_days: term.slope.nearDays,
                far_days: term.slope.farDays,
                near_iv: term.slope.nearVolatility,
                far_iv: term.slope.farVolatility,
                per_year: term.slope.perYear,
                ratio: term.slope.ratio,
                shape: term.slope.shape
              }
      },
      [...headLines(found), ...termLines(term, style()), ...noteLines(found)]
    )
  })
).pipe(
  documented(
    "How volatility goes with time: at the forward of each expiry, at constant maturities, between expiries, and whether it rises or falls.",
    ["options term --data lean --symbol AAPL --date 2014-06-09", "of a LEAN data folder"],
    ["options term --symbol SPX-REPLAY", "of the desk's market"]
  )
)

const skewCommand = Command.make(
  "skew",
  {
    ...flags,
    delta: Flag.Finite("delta").pipe(
      Flag.filter(
        (value) => value > 0 && value < 0.5,
        (value) => `expected a delta above 0 and below 0.5, not ${value}`
      ),
      Flag.withDescription("of the wings; 0.25 when left out"),
      Flag.withDefault(USUAL_DELTA)
    ),
    history: historyFlag
  },
  Effect.fn("options.skew")(function* (asked) {
    const found = yield* analysed(asked, asked)
    const { comparisons, report } = found
    const { history, neighbours } = comparisons
    yield* answer(
      asked.json,
      {
        ...headJson(found),
        delta: report.delta,
        expiries: report.expiries.map((one) => ({
          expiry: one.expiry ?? null,
          years: one.years,
          forward: one.forward,
          iv: one.atm,
          put: one.put,
          call: one.call,
          risk_reversal: one.measures?.riskReversal ?? null,
          butterfly: one.measures?.butterfly ?? null,
          normalized_skew: one.measures?.normalized ?? null,
          slope: one.slope,
          standard_slope: one.standardSlope
        })),
        signals: neighbours.signals,
        unjudged: neighbours.unjudged,
        history:
          history === undefined
            ? null
            : {
                days: history.snapshots.length,
                from: history.snapshots[0]?.asOf ?? null,
                to: history.snapshots.at(-1)?.asOf ?? null,
                left_out: history.leftOut,
                signals: history.signals,
                unjudged: history.unjudged
              }
      },
      [
        ...headLines(found),
        ...skewLines(report, style()),
        ...comparisonLines(comparisons),
        ...noteLines(found)
      ]
    )
  })
).pipe(
  documented(
    "How volatility goes with strike, by expiry: risk reversal, butterfly, slope, and what is unusual of it with the statistic that says so.",
    ["options skew --data lean --symbol AAPL --date 2014-06-09", "of a LEAN data folder"],
    [
      "options skew --data lean --symbol AAPL --date 2014-06-09 --history 90d",
      "also against the folder's earlier days"
    ],
    ["options skew --symbol SPX-REPLAY --delta 0.1", "of the desk's market, at 10 delta"]
  )
)

export const surfaceCommands = [surfaceCommand, termCommand, skewCommand] as const
