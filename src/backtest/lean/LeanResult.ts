/**
 * LEAN's result file, `<id>.json`, and its file of order events, decoded.
 *
 * Fields come and go with LEAN's versions: those that are not read here may be
 * anything. Those that are read are held to their form; what the result can do
 * without may be missing or null.
 */
import { Result, Schema } from "effect"
import { inCamelCase } from "./LeanCasing.ts"
import { LeanResultError } from "./LeanResultError.ts"

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** LEAN's own sums and ratios are texts; older files have numbers. */
const NumberOrText = Schema.Union([Schema.Finite, Schema.String])

/** Figures by name: some are counts, some texts such as "00:05:00" or a ratio, times may be null. */
const Figures = Schema.Record(Schema.String, Schema.NullOr(Schema.Union([NumberOrText, Schema.Boolean])))

const Texts = Schema.Record(Schema.String, Schema.NullOr(Schema.String))

/** `[x, y]`, a candle `[x, open, high, low, close]`, or `{x, y}`; x in seconds since 1970, values may be null. */
const Point = Schema.Union([
  Schema.NonEmptyArray(Schema.NullOr(Schema.Finite)),
  Schema.Struct({ x: Schema.Finite, y: Schema.NullOr(Schema.Finite) })
])
export type LeanPoint = typeof Point.Type

const Series = Schema.Struct({ values: maybe(Schema.Array(Point)) })

const Chart = Schema.Struct({ series: maybe(Schema.Record(Schema.String, Series)) })

export const LeanSymbol = Schema.Struct({
  value: Schema.NonEmptyString,
  id: maybe(Schema.String),
  permtick: maybe(Schema.String)
})

/** ISO 8601, UTC. */
const Time = Schema.String

export const LeanOrder = Schema.Struct({
  /** 0 Market, 1 Limit, … */
  type: Schema.Int,
  id: Schema.Int,
  symbol: LeanSymbol,
  /** Of its fill. */
  price: Schema.Finite,
  priceCurrency: maybe(Schema.String),
  time: Time,
  createdTime: maybe(Time),
  lastFillTime: maybe(Time),
  /** Negative of a sale. */
  quantity: Schema.Finite,
  /** 3 is filled. */
  status: Schema.Int,
  tag: maybe(Schema.String),
  limitPrice: maybe(Schema.Finite),
  stopPrice: maybe(Schema.Finite),
  trailingAmount: maybe(Schema.Finite),
  trailingAsPercentage: maybe(Schema.Boolean),
  securityType: maybe(Schema.Int),
  orderSubmissionData: maybe(
    Schema.Struct({
      bidPrice: maybe(Schema.Finite),
      askPrice: maybe(Schema.Finite),
      lastPrice: maybe(Schema.Finite)
    })
  )
})
export type LeanOrder = typeof LeanOrder.Type

export const LeanTrade = Schema.Struct({
  /** One symbol; files of 2025 and later have a list. */
  symbol: maybe(LeanSymbol),
  symbols: maybe(Schema.Array(LeanSymbol)),
  entryTime: Time,
  entryPrice: Schema.Finite,
  /** 0 long, 1 short. */
  direction: Schema.Int,
  quantity: Schema.Finite,
  exitTime: Time,
  exitPrice: Schema.Finite,
  /** Before fees. */
  profitLoss: Schema.Finite,
  totalFees: Schema.Finite,
  mae: Schema.Finite,
  mfe: Schema.Finite,
  isWin: maybe(Schema.Boolean),
  orderIds: maybe(Schema.Array(Schema.Int))
})
export type LeanTrade = typeof LeanTrade.Type

const Performance = Schema.Struct({
  tradeStatistics: maybe(Figures),
  portfolioStatistics: maybe(Figures),
  closedTrades: maybe(Schema.Array(LeanTrade))
})

const Configuration = Schema.Struct({
  name: maybe(Schema.String),
  accountCurrency: maybe(Schema.String),
  parameters: maybe(Texts),
  startDate: maybe(Schema.String),
  endDate: maybe(Schema.String),
  tradingDaysPerYear: maybe(Schema.Finite)
})

/** What LEAN thinks may be wrong with an algorithm. */
const Analysis = Schema.Struct({
  name: Schema.String,
  issue: maybe(Schema.String),
  count: maybe(Schema.Int),
  solutions: maybe(Schema.Array(Schema.String))
})

export const LeanResult = Schema.Struct({
  charts: maybe(Schema.Record(Schema.String, Chart)),
  orders: maybe(Schema.Record(Schema.String, LeanOrder)),
  /** Profit by the time it was taken. */
  profitLoss: maybe(Schema.Record(Schema.String, Schema.Finite)),
  statistics: maybe(Texts),
  runtimeStatistics: maybe(Texts),
  serverStatistics: maybe(Texts),
  state: maybe(Texts),
  algorithmConfiguration: maybe(Configuration),
  totalPerformance: maybe(Performance),
  /** By "M1_20131011": one, three, six and twelve months to the end of each month. */
  rollingWindow: maybe(Schema.Record(Schema.String, Performance)),
  analysis: maybe(Schema.Array(Analysis))
})
export type LeanResult = typeof LeanResult.Type

export const LeanOrderEvent = Schema.Struct({
  orderId: Schema.Int,
  orderEventId: maybe(Schema.Int),
  symbolValue: maybe(Schema.String),
  /** Seconds since 1970. */
  time: Schema.Finite,
  /** "filled", "partiallyFilled", "submitted", "canceled", "invalid", …; older files have the number. */
  status: Schema.Union([Schema.String, Schema.Int]),
  fillPrice: maybe(Schema.Finite),
  fillQuantity: maybe(Schema.Finite),
  orderFeeAmount: maybe(Schema.Finite),
  orderFeeCurrency: maybe(Schema.String),
  isAssignment: maybe(Schema.Boolean),
  message: maybe(Schema.String)
})
export type LeanOrderEvent = typeof LeanOrderEvent.Type

/** Those that are read. A user's own charts may hold anything. */
const readCharts = new Set(["Strategy Equity", "Benchmark", "Exposure"])

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const withoutOtherCharts = (result: Readonly<Record<string, unknown>>): unknown =>
  isObject(result["charts"])
    ? {
        ...result,
        charts: Object.fromEntries(Object.entries(result["charts"]).filter(([name]) => readCharts.has(name)))
      }
    : result

/** What every result has, of whatever age; other JSON files have neither. */
const isResult = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && isObject(value["charts"]) && ("statistics" in value || "totalPerformance" in value)

const parsed = (text: string, path: string): Result.Result<unknown, LeanResultError> => {
  try {
    const value: unknown = JSON.parse(text)
    return Result.succeed(value)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `${path} is no whole JSON file: it was cut off or damaged (${why})`
    return Result.fail(new LeanResultError({ reason: "damaged", path, message }))
  }
}

const notLean = (path: string, why: string): LeanResultError =>
  new LeanResultError({
    reason: "not-lean",
    path,
    message: `${path} is no LEAN result that can be read: ${why}`
  })

const decodeResult = Schema.decodeUnknownResult(LeanResult)
const decodeEvents = Schema.decodeUnknownResult(Schema.Array(LeanOrderEvent))

/** The result in a file's text. `path` is for messages. */
export const parseLeanResult = (text: string, path: string): Result.Result<LeanResult, LeanResultError> =>
  Result.flatMap(parsed(text, path), (json) => {
    const value = inCamelCase(json)
    if (!isResult(value)) return Result.fail(notLean(path, "it has no charts and statistics"))
    return Result.mapError(decodeResult(withoutOtherCharts(value)), (error) => notLean(path, error.message))
  })

/** The order events in a file's text. */
export const parseLeanOrderEvents = (
  text: string,
  path: string
): Result.Result<ReadonlyArray<LeanOrderEvent>, LeanResultError> =>
  Result.flatMap(parsed(text, path), (json) =>
    Result.mapError(decodeEvents(inCamelCase(json)), (error) => notLean(path, error.message))
  )
