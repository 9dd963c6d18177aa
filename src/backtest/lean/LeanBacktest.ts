/**
 * A LEAN run as a backtest of this program: inputs, what was played, trades.
 *
 * A result does not say everything a backtest's inputs hold. What it leaves
 * open is filled in as follows, and said in docs/lean.md:
 * - resolution: told by the times at which orders were made;
 * - data hash: over the benchmark, the only prices a result shows;
 * - code hash: of the code beside it, or where there is none of the result;
 * - models and limits: LEAN's defaults, and none of ours.
 */
import { hash } from "node:crypto"
import { Array as Arr, Result } from "effect"
import { symbolOf } from "../../domain/Identifiers.ts"
import { dollars, type Money, money, notional, toFloat, zeroMoney } from "../../domain/Money.ts"
import type { Resolution } from "../../domain/Quote.ts"
import type { SessionDate, Timestamp } from "../../domain/Timestamp.ts"
import * as TradingCalendar from "../../market/TradingCalendar.ts"
import { type LimitsProfile, researchProfile } from "../../risk/LimitsProfile.ts"
import type { StrategyParameters } from "../../session/Strategy.ts"
import type { BacktestInputs } from "../BacktestInputs.ts"
import type { FillRow, OrderRow } from "../BacktestRows.ts"
import { costsOf } from "../CostsPreset.ts"
import type { Played } from "../Played.ts"
import type { PlayedBacktest } from "../ResultOf.ts"
import { type LeanCurve, leanCurve } from "./LeanCurve.ts"
import { leanHoldings } from "./LeanHoldings.ts"
import { leanNumber } from "./LeanNumber.ts"
import { leanOrders } from "./LeanOrders.ts"
import { leanReported } from "./LeanReported.ts"
import { type LeanResult, parseLeanOrderEvents, parseLeanResult } from "./LeanResult.ts"
import type { LeanResultError } from "./LeanResultError.ts"
import { leanTrades } from "./LeanTrades.ts"

/** A run's files, as texts. */
export interface LeanFiles {
  /** The result's path, for messages. */
  readonly path: string
  readonly result: string
  /** The order events beside it, where there are any. */
  readonly events: string | undefined
  /** LEAN's log, where it was kept. */
  readonly log: string | undefined
  /** SHA-256, hex, of the algorithm's code, where it is known. */
  readonly codeHash: string | undefined
  /** The project's name, where it is known. */
  readonly name: string | undefined
  /** The first day that its language model knows nothing of, by the project's config.json. */
  readonly knowledgeCutoff?: SessionDate
  /** What the run's other files give reason to mind. */
  readonly notes?: ReadonlyArray<string>
}

export interface LeanBacktest extends PlayedBacktest {
  readonly inputs: BacktestInputs
  readonly result: LeanResult
  /** What the books could not hold, and what to mind. */
  readonly notes: ReadonlyArray<string>
}

/** LEAN judges orders by its own buying power model; no limits of ours were in force. */
export const leanProfile: LimitsProfile = {
  ...researchProfile,
  name: "lean",
  label: "LEAN: none of the desk's limits were in force",
  promotable: false
}

/** Names of launcher settings that LEAN copies among the parameters. */
const secret = /password|secret|token|api-?key|user-?(?:name|id)|credential/iu

/** LEAN's parameters are texts; those that are numbers become numbers. */
export const leanParameters = (texts: Readonly<Record<string, string | null>>): StrategyParameters =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      if (text === null || secret.test(name)) return []
      return [[name, /^-?\d{1,15}(?:\.\d{1,15})?$/u.test(text) ? Number(text) : text]]
    })
  )

const isAtClose = (at: Timestamp): boolean => {
  const day = TradingCalendar.exchangeTimeOfDay(at)
  const date = TradingCalendar.exchangeDate(at)
  if (day === 0) return true
  const session = TradingCalendar.session(date)
  return session._tag === "Some" && session.value.close === at
}

const MICROS_PER_HOUR = 3_600_000_000

/** By when orders were made: daily bars end with the session or at midnight, others at full hours. */
const resolutionOf = (orders: ReadonlyArray<OrderRow>): Resolution => {
  const times = orders
    .map(({ tsEvent }) => tsEvent)
    .filter((at) => Result.isSuccess(TradingCalendar.checkInstant(at)))
  if (times.every(isAtClose)) return "1d"
  return times.every((at) => isAtClose(at) || at % MICROS_PER_HOUR === 0) ? "1h" : "1m"
}

const versionOf = (result: LeanResult, log: string | undefined): string => {
  const told = result.serverStatistics?.["LEAN Version"]
  const logged = /LEAN (?:ALGORITHMIC TRADING )?ENGINE v(?<version>[\d.]+)/iu.exec(log ?? "")?.groups?.[
    "version"
  ]
  return told?.replace(/^v/u, "") ?? logged ?? "unknown"
}

const nameOf = ({ name, path }: LeanFiles, result: LeanResult): string => {
  const own = [name, result.algorithmConfiguration?.name, result.state?.["name"]]
  const base = path
    .split(/[/\\]/u)
    .at(-1)
    ?.replace(/\.json$/u, "")
  return own.find((one) => typeof one === "string" && one !== "" && one !== "local") ?? base ?? "lean"
}

const symbolsOf = (
  fills: ReadonlyArray<FillRow>,
  orders: ReadonlyArray<OrderRow>
): Arr.NonEmptyArray<string> => {
  const ids = [...fills, ...orders].map(({ instrumentId }) => String(symbolOf(instrumentId)))
  const symbols = [...new Set(ids)].toSorted()
  return Arr.isArrayNonEmpty(symbols) ? symbols : ["none traded"]
}

const dateRange = (dates: ReadonlyArray<SessionDate>): readonly [SessionDate, SessionDate] => {
  const [from = TradingCalendar.firstDate] = dates
  return [from, dates.at(-1) ?? from]
}

const tradedOf = (dates: ReadonlyArray<SessionDate>, fills: ReadonlyArray<FillRow>): Float64Array => {
  const byDate = new Map<SessionDate, number>()
  for (const fill of fills) {
    const date = TradingCalendar.exchangeDate(fill.tsEvent)
    byDate.set(date, (byDate.get(date) ?? 0) + toFloat(notional(fill.price, fill.quantity, fill.multiplier)))
  }
  return Float64Array.from(dates, (date) => byDate.get(date) ?? 0)
}

const statistic = (result: LeanResult, name: string): number | undefined =>
  leanNumber(result.statistics?.[name])

/** Ratios of exposure have four digits. */
const ROUNDED_RATIO = 2e-4

/** From the fills where they and LEAN's exposure agree (they do not where dividends were paid in cash); from the exposure otherwise. */
const cashOf = (curve: LeanCurve, fromFills: number, knowsAll: boolean): Money => {
  const equity = curve.equity.at(-1) ?? curve.start
  const fromExposure = equity - (curve.netExposure.at(-1) ?? 0)
  return dollars(
    knowsAll && Math.abs(fromFills - fromExposure) <= equity * ROUNDED_RATIO ? fromFills : fromExposure
  )
}

const feesOf = (fills: ReadonlyArray<FillRow>, knowsFees: boolean, told: Money): Money =>
  knowsFees ? money(fills.reduce((sum, { fee }) => sum + fee, 0)) : told

interface Parts {
  readonly files: LeanFiles
  readonly result: LeanResult
  readonly curve: LeanCurve
}

const inputsOf = ({ curve, files, result }: Parts, { fills, orders }: Played): BacktestInputs => {
  const resolution = resolutionOf(orders)
  const symbols = symbolsOf(fills, orders)
  const [from, to] = dateRange(curve.dates)
  return {
    engine: { name: "lean", version: versionOf(result, files.log) },
    algorithm: {
      name: nameOf(files, result),
      kind: "lean",
      codeHash: files.codeHash ?? hash("sha256", files.result, "hex"),
      parameters: leanParameters(result.algorithmConfiguration?.parameters ?? {}),
      ...(files.knowledgeCutoff === undefined ? {} : { knowledgeCutoff: files.knowledgeCutoff })
    },
    data: {
      source: "LEAN",
      symbols,
      resolution,
      from,
      to,
      dataset: `LEAN ${symbols.join(",")} ${resolution}`,
      dataHash: hash("sha256", JSON.stringify([curve.dates, Array.from(curve.benchmark)]), "hex")
    },
    cash: dollars(curve.start),
    profile: leanProfile,
    resumePolicy: { _tag: "Never" },
    seed: 0,
    models: costsOf("lean")
  }
}

const notesOf = (
  { files, result }: Parts,
  leftOut: ReadonlyArray<string>,
  knowsFees: boolean
): ReadonlyArray<string> => {
  const error = result.state?.["runtimeError"]
  return [
    ...(files.notes ?? []),
    ...(typeof error === "string" && error !== "" ? [`the algorithm ended with an error: ${error}`] : []),
    ...(knowsFees
      ? []
      : ["the fees of single fills are unknown: there is no file of order events beside the result"]),
    ...leftOut.map((one) => `left out: ${one}`)
  ]
}

const assembled = (
  parts: Parts,
  events: ReturnType<typeof parseLeanOrderEvents> | undefined
): Result.Result<LeanBacktest, LeanResultError> => {
  if (events !== undefined && Result.isFailure(events)) return Result.fail(events.failure)
  const { curve, result } = parts
  const told = dollars(Math.abs(statistic(result, "Total Fees") ?? 0))
  const rows = leanOrders(Object.values(result.orders ?? {}), events?.success, told)
  const { leftOut, trades } = leanTrades(result)
  const fees = feesOf(rows.fills, rows.knowsFees, told)
  const holdings = leanHoldings(
    rows.fills,
    curve.start,
    fees,
    leanNumber(result.runtimeStatistics?.["Holdings"])
  )
  const notes = notesOf(parts, [...rows.leftOut, ...leftOut], rows.knowsFees)
  const played: Played = {
    dates: curve.dates,
    equity: curve.equity,
    grossExposure: curve.grossExposure,
    netExposure: curve.netExposure,
    traded: tradedOf(curve.dates, rows.fills),
    benchmark: curve.benchmark,
    cash: cashOf(curve, holdings.cash, rows.leftOut.length === 0),
    fees,
    dividends: zeroMoney,
    bars: 0,
    orders: rows.orders,
    fills: rows.fills,
    moves: [],
    denials: [],
    states: [],
    held: holdings.held,
    options: rows.options,
    tradingState: "Active"
  }
  return Result.succeed({
    played,
    inputs: inputsOf(parts, played),
    bars: new Map(),
    riskFree: [],
    ...(trades === undefined ? {} : { trades }),
    reported: leanReported(result, notes),
    result,
    notes
  })
}

/** What is in the files of a LEAN run; `contentOf` makes its content. */
export const leanBacktest = (files: LeanFiles): Result.Result<LeanBacktest, LeanResultError> =>
  Result.flatMap(parseLeanResult(files.result, files.path), (result) =>
    Result.flatMap(leanCurve(result, files.path), (curve) =>
      assembled(
        { files, result, curve },
        files.events === undefined
          ? undefined
          : parseLeanOrderEvents(files.events, files.path.replace(/\.json$/u, "-order-events.json"))
      )
    )
  )
