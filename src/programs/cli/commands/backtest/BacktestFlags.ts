/** The flags that describe a backtest: those of `run` and of `sensitivity`. */
import { Effect, Option, Result } from "effect"
import { Argument, Flag } from "effect/cli"
import { costsText } from "../../../../backtest/CostsPreset.ts"
import { SessionDate } from "../../../../domain/Timestamp.ts"
import { ResumePolicyFromText } from "../../../../risk/ResumePolicy.ts"
import type { AskedBacktest } from "../../../backtest/PrepareBacktest.ts"
import { optional } from "../../CommandKit.ts"
import { BadUsage, misused } from "../../Failures.ts"
import { CashText, listed, marketFlags, marketOf } from "../../MarketFlags.ts"

const words = { from: "--from", to: "--to", symbols: "--symbols" }

const sessionFlag = (name: string) => Flag.String(name).pipe(Flag.withSchema(SessionDate))

const basisPoints = (name: string) =>
  Flag.Int(name).pipe(
    Flag.withMetavar("basis points"),
    Flag.filter(
      (value) => value >= 0 && value <= 100_000,
      (value) => `expected basis points from 0 to 100000, not ${value}`
    )
  )

export const algorithmArgument = Argument.String("algorithm").pipe(
  Argument.withDescription("a built-in strategy, or one of the project's algorithms/")
)

export const paramFlag = Flag.String("param").pipe(
  Flag.withMetavar("name=value"),
  Flag.withDescription("a parameter of the algorithm, such as fast=5; may be given several times"),
  Flag.atLeast(0)
)

export const knowledgeCutoffFlag = optional(
  sessionFlag("knowledge-cutoff"),
  "the first day that the algorithm's language model knows nothing of, YYYY-MM-DD: results before it are labelled contaminated; it adds to what the code declares, and may not be earlier"
)

export const backtestFlags = {
  param: paramFlag,
  ...marketFlags,
  symbol: Flag.String("symbol").pipe(
    Flag.withDescription("a symbol to test on; may be given several times"),
    Flag.atLeast(0)
  ),
  symbols: optional(Flag.String("symbols"), "the same in one list, separated by commas"),
  from: optional(sessionFlag("from"), "first session, YYYY-MM-DD; the first there is when left out"),
  to: optional(sessionFlag("to"), "last session, YYYY-MM-DD; the last there is when left out"),
  cash: optional(Flag.String("cash").pipe(Flag.withSchema(CashText)), "starting cash; 100000 when left out"),
  costs: optional(
    Flag.Literals("costs", ["none", "paper", "lean"]),
    `none: ${costsText.none}; paper: ${costsText.paper}, the default; lean: ${costsText.lean}`
  ),
  borrow: optional(
    basisPoints("borrow"),
    "what shares sold short cost, basis points a year; nothing when left out"
  ),
  margin: optional(
    Flag.Literals("margin", ["cash", "reg-t"]),
    "cash: everything is paid in full, the default; reg-t: a margin account under Regulation T"
  ),
  marginRate: optional(
    basisPoints("margin-rate"),
    "with --margin reg-t: what owed money costs, basis points a year; nothing when left out"
  ),
  limits: optional(
    Flag.String("limits"),
    "limits profile: desk, single-index or research; single-index for one index, else desk"
  ),
  resumePolicy: optional(
    Flag.String("resume-policy").pipe(Flag.withSchema(ResumePolicyFromText)),
    'after a drawdown trip: "never", or "sessions:N" to resume at the N-th open after it; sessions:20 when left out'
  ),
  knowledgeCutoff: knowledgeCutoffFlag,
  seed: optional(Flag.Int("seed"), "what the modelled path inside a bar is drawn from; 1 when left out")
}

export interface BacktestFlags {
  readonly param: ReadonlyArray<string>
  readonly data: Option.Option<string>
  readonly csv: Option.Option<Record<string, string>>
  readonly skipBadRows: boolean
  readonly symbol: ReadonlyArray<string>
  readonly symbols: Option.Option<string>
  readonly from: AskedBacktest["from"]
  readonly to: AskedBacktest["to"]
  readonly cash: AskedBacktest["cash"]
  readonly costs: AskedBacktest["costs"]
  readonly borrow: Option.Option<number>
  readonly margin: Option.Option<"cash" | "reg-t">
  readonly marginRate: Option.Option<number>
  readonly limits: Option.Option<string>
  readonly resumePolicy: AskedBacktest["resumePolicy"]
  readonly seed: Option.Option<number>
  readonly knowledgeCutoff: Option.Option<SessionDate>
}

/** Whether any of them was given: with --resume none may be. */
export const anyOf = (flags: BacktestFlags): boolean => {
  const { borrow, cash, costs, csv, data, from, limits, margin, marginRate, resumePolicy, seed } = flags
  const all = [borrow, cash, costs, csv, data, from, limits, margin, marginRate, resumePolicy, seed]
  const others = [flags.symbols, flags.to, flags.knowledgeCutoff]
  return (
    flags.skipBadRows ||
    flags.symbol.length > 0 ||
    flags.param.length > 0 ||
    [...all, ...others].some((one) => Option.isSome<unknown>(one))
  )
}

/** `fast=5` each, no name twice. */
export const typedParameters = (
  texts: ReadonlyArray<string>
): Result.Result<AskedBacktest["typed"], string> => {
  const typed = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf("=")
    const name = text.slice(0, at).trim()
    if (at < 0 || name === "") return Result.fail(`--param takes NAME=VALUE, such as fast=5, not "${text}"`)
    if (typed.has(name)) return Result.fail(`--param ${name} is given twice: say it once`)
    typed.set(name, text.slice(at + 1))
  }
  return Result.succeed(Object.fromEntries(typed))
}

/** What these flags ask for. */
export const askedOf = Effect.fnUntraced(function* (
  algorithm: string,
  flags: BacktestFlags
): Effect.fn.Return<AskedBacktest, BadUsage> {
  if (flags.symbol.length > 0 && Option.isSome(flags.symbols)) {
    return yield* new BadUsage({ message: "--symbol and --symbols name the same: use one of them" })
  }
  const symbols = flags.symbol.length > 0 ? flags.symbol : listed(flags.symbols)
  const { cash, costs, from, limits, resumePolicy, seed, to } = flags
  return {
    algorithm,
    parameters: {},
    typed: yield* misused(typedParameters(flags.param)),
    market: yield* marketOf(flags),
    symbols: symbols.map((symbol) => symbol.trim().toUpperCase()),
    from,
    to,
    cash,
    costs,
    financing: { borrow: flags.borrow, margin: flags.margin, marginRate: flags.marginRate },
    limits,
    resumePolicy,
    seed,
    knowledgeCutoff: flags.knowledgeCutoff,
    words
  }
})
