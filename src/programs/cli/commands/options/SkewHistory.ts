/** Earlier days of a LEAN folder's options, as snapshots that a day can be compared with. */
import { Clock, Effect, Option, Result } from "effect"
import { Flag } from "effect/cli"
import { dateOfDay, dayOfDate, type SessionDate, sessionDate } from "../../../../domain/Timestamp.ts"
import { cleaned } from "../../../../market/ChainAnalysis.ts"
import { MarketSourceError } from "../../../../market/MarketData.ts"
import { checkDate, exchangeDate } from "../../../../market/TradingCalendar.ts"
import { fitSurface, type SurfaceSettings } from "../../../../options/surface/SurfaceFit.ts"
import { snapshotOf, type VolatilitySnapshot } from "../../../../options/surface/VolatilityHistory.ts"
import { optional } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { counted } from "../../Format.ts"
import { err, printable } from "../../Terminal.ts"
import { folderMarket, type OpenedChain } from "./ChainSource.ts"

export const historyFlag = optional(
  Flag.String("history").pipe(Flag.withMetavar("from..to")),
  "with --data: the folder's earlier days to compare with, 2014-01-02..2014-06-06, or 90d for those of the 90 days before; 20 are needed"
)

/** Days of a folder, both ends included. */
export interface HistoryRange {
  readonly from: SessionDate
  readonly to: SessionDate
}

export interface History {
  /** Oldest first. */
  readonly snapshots: ReadonlyArray<VolatilitySnapshot>
  /** Days of the folder that have no surface, and why. */
  readonly leftOut: ReadonlyArray<{ readonly date: SessionDate; readonly why: string }>
}

const expected = "expected two days such as 2014-01-02..2014-06-06, or a number of days before such as 90d"

const isDay = (text: string): boolean => Result.isSuccess(checkDate(sessionDate(text)))

/** A range as it is typed; its days are before `day`, which is compared with them. */
export const readHistoryRange = (typed: string, day: SessionDate): Result.Result<HistoryRange, string> => {
  const text = typed.replaceAll(/\s/gu, "")
  const refused = (problem: string) =>
    Result.fail(`--history ${JSON.stringify(typed.slice(0, 40))}: ${problem}${expected}`)
  const before = dateOfDay(dayOfDate(day) - 1)
  const count = /^(?<days>\d{1,5})d$/u.exec(text)?.groups?.["days"]
  if (count !== undefined) {
    return Number(count) === 0
      ? refused("")
      : Result.succeed({ from: dateOfDay(dayOfDate(day) - Number(count)), to: before })
  }
  const { from, to } = /^(?<from>\d{4}-\d{2}-\d{2})\.\.(?<to>\d{4}-\d{2}-\d{2})$/u.exec(text)?.groups ?? {}
  if (from === undefined || to === undefined) return refused("")
  const wrong = [from, to].find((one) => !isDay(one))
  if (wrong !== undefined) return refused(`${wrong} is outside the trading calendar; `)
  if (from > to) return refused("it ends before it begins; ")
  return from >= day
    ? refused(`it begins on or after ${day}, the day that is compared; `)
    : Result.succeed({ from: sessionDate(from), to: to < before ? sessionDate(to) : before })
}

/** A line so often while days are read. */
const LINE_EVERY_MILLIS = 10_000

/** The surface of each of the folder's days in the range, in a few numbers. Fails where the folder has no such day. */
export const earlierDays = Effect.fn("SkewHistory.earlierDays")(function* (
  asked: {
    readonly typed: string
    readonly data: Option.Option<string>
    readonly settings: SurfaceSettings
    readonly delta: number
  },
  { market }: OpenedChain
) {
  if (Option.isNone(asked.data)) {
    return yield* new BadUsage({ message: "--history is for --data: the days are those of its folder" })
  }
  const { symbol } = market.raw
  const day = exchangeDate(market.shownAt)
  const range = yield* Effect.fromResult(
    Result.mapError(readHistoryRange(asked.typed, day), (message) => new BadUsage({ message }))
  )
  const folder = yield* folderMarket(asked.data.value)
  const all = (yield* folder.options.dates(symbol)).filter((date) => date < day)
  const dates = all.filter((date) => date >= range.from && date <= range.to)
  if (dates.length === 0) {
    return yield* new MarketSourceError({
      source: folder.options.name,
      message: `${folder.options.name} has no options of ${symbol} from ${range.from} to ${range.to}; before ${day} it has ${all.length === 0 ? "none" : `${counted(all.length, "day")}, ${all[0]} to ${all.at(-1)}`}`
    })
  }
  const snapshots: Array<VolatilitySnapshot> = []
  const leftOut: Array<History["leftOut"][number]> = []
  let told = yield* Clock.currentTimeMillis
  for (const [i, date] of dates.entries()) {
    const chain = yield* Effect.result(folder.chain(symbol, date))
    const fitted = Result.flatMap(chain, (of) => fitSurface(cleaned(of), asked.settings))
    if (Result.isSuccess(fitted)) {
      snapshots.push(snapshotOf(fitted.success, { source: "quotes", delta: asked.delta }))
    } else leftOut.push({ date, why: fitted.failure.message })
    yield* Effect.yieldNow
    const now = yield* Clock.currentTimeMillis
    if (now - told >= LINE_EVERY_MILLIS) {
      told = now
      err(printable(`${i + 1} of ${counted(dates.length, "earlier day")} read`))
    }
  }
  const history: History = { snapshots, leftOut }
  return history
})
