/** The flags that describe one option, and what they come to. */
import { Clock, Effect, Option, Result } from "effect"
import { Flag } from "effect/cli"
import { MICROS_PER_MINUTE, SessionDate, fromMillis } from "../../../../domain/Timestamp.ts"
import { expiryClose } from "../../../../market/OptionTime.ts"
import {
  checkDate,
  exchangeDate,
  fromExchangeTime,
  previousSession,
  session
} from "../../../../market/TradingCalendar.ts"
import type { OptionTerms } from "../../../../options/OptionInputs.ts"
import type { ValueRequest } from "../../../../options/OptionModel.ts"
import { optional } from "../../CommandKit.ts"
import { badUsage, type BadUsage } from "../../Failures.ts"
import { readNumber } from "./NumberText.ts"

const number = (name: string, description: string, metavar: string) =>
  optional(Flag.Finite(name).pipe(Flag.withMetavar(metavar)), description)

export const typeFlag = optional(
  Flag.ChoiceWithValue("type", [
    ["C", "CALL"],
    ["P", "PUT"],
    ["c", "CALL"],
    ["p", "PUT"],
    ["call", "CALL"],
    ["put", "PUT"]
  ] as const),
  "C for a call, P for a put"
)

export const dateFlag = optional(
  Flag.String("date").pipe(Flag.withSchema(SessionDate)),
  "the day it is priced on, at its close, YYYY-MM-DD; today when left out"
)

export const optionFlags = {
  type: typeFlag,
  spot: number("spot", "price of the underlying, dollars a share", "price"),
  strike: number("strike", "dollars a share", "price"),
  days: number("days", "calendar days to expiry; a year has 365", "number"),
  years: number("years", "years to expiry, instead of --days", "number"),
  expiry: optional(
    Flag.String("expiry").pipe(Flag.withSchema(SessionDate)),
    "day of expiry, YYYY-MM-DD, instead of --days: its time ends at that session's close"
  ),
  date: dateFlag,
  rate: number("rate", "risk-free, continuously compounded, per year: 0.05 is 5%", "number"),
  yield: number("yield", "dividend yield, continuously compounded, per year; 0 when left out", "number"),
  dividend: Flag.String("dividend").pipe(
    Flag.withMetavar("cash@when"),
    Flag.withDescription(
      "cash a share and its ex-date, such as 0.82@2026-02-06 or 0.82@21d; may be given several times"
    ),
    Flag.atLeast(0)
  ),
  style: Flag.Literals("style", ["european", "american"]).pipe(
    Flag.withDescription("when it may be exercised; european when left out"),
    Flag.withDefault("european")
  )
}

export interface AskedOption {
  readonly type: Option.Option<"CALL" | "PUT">
  readonly spot: Option.Option<number>
  readonly strike: Option.Option<number>
  readonly days: Option.Option<number>
  readonly years: Option.Option<number>
  readonly expiry: Option.Option<SessionDate>
  readonly date: Option.Option<SessionDate>
  readonly rate: Option.Option<number>
  readonly yield: Option.Option<number>
  readonly dividend: ReadonlyArray<string>
  readonly style: ValueRequest["style"]
}

/** One option as it was described. */
export interface DescribedOption {
  readonly terms: OptionTerms
  readonly style: ValueRequest["style"]
  readonly dividends: NonNullable<ValueRequest["dividends"]>
  /** What was taken because nothing else was said. */
  readonly notes: ReadonlyArray<string>
}

const DAYS_A_YEAR = 365
export const MICROS_PER_YEAR = DAYS_A_YEAR * 24 * 60 * MICROS_PER_MINUTE
const OPEN_MINUTES = 570

/** The instant a day's options are priced at: its close, or the last one before it. */
const closeOf = (date: SessionDate) =>
  Result.isFailure(checkDate(date))
    ? Effect.fail(badUsage(`--date ${date} is outside the trading calendar: expected a day from 1990 on`))
    : Effect.succeed(Option.getOrElse(session(date), () => previousSession(date)).close)

/** The close to price at, and what day that is. */
export const pricingTime = Effect.fnUntraced(function* (asked: Option.Option<SessionDate>) {
  const today = exchangeDate(fromMillis(yield* Clock.currentTimeMillis))
  const date = Option.getOrElse(asked, () => today)
  return { date, close: yield* closeOf(date), isToday: Option.isNone(asked) }
})

const yearsFrom = Effect.fnUntraced(function* ({ date, days, expiry, years }: AskedOption) {
  const ways = [
    ...Option.toArray(Option.map(days, () => "--days")),
    ...Option.toArray(Option.map(years, () => "--years")),
    ...Option.toArray(Option.map(expiry, () => "--expiry"))
  ]
  if (ways.length > 1) {
    return yield* badUsage(`${ways.join(" and ")} are two ways to say when it ends: give one of them`)
  }
  if (Option.isSome(days)) return { years: days.value / DAYS_A_YEAR, notes: [] }
  if (Option.isSome(years)) return { years: years.value, notes: [] }
  if (Option.isNone(expiry)) return yield* badUsage("when does it end? Give --days, --years or --expiry")
  const at = yield* pricingTime(date)
  const close = expiryClose(expiry.value)
  if (Option.isNone(close)) {
    return yield* badUsage(`--expiry ${expiry.value} is outside the trading calendar`)
  }
  if (close.value < at.close) {
    return yield* badUsage(
      `--expiry ${expiry.value} is before ${at.date}, ${at.isToday ? "which is today: name the day it is priced on by --date" : "the day it is priced on"}`
    )
  }
  return {
    years: (close.value - at.close) / MICROS_PER_YEAR,
    notes: at.isToday ? [`priced at the close of ${at.date}, today`] : []
  }
})

const dividendPattern = /^(?<cash>[^@]+)@(?:(?<days>[^d-]+)d|(?<date>\d{4}-\d{2}-\d{2}))$/u

const dividendOf = Effect.fnUntraced(function* (text: string, date: Option.Option<SessionDate>) {
  const groups = dividendPattern.exec(text.trim())?.groups
  const refuse = badUsage(
    `--dividend ${text.slice(0, 40)}: expected cash a share and its ex-date, such as 0.82@2026-02-06 or 0.82@21d`
  )
  const amount = readNumber(groups?.["cash"] ?? "")
  if (groups === undefined || Result.isFailure(amount)) return yield* refuse
  if (groups["days"] !== undefined) {
    const days = readNumber(groups["days"])
    if (Result.isFailure(days)) return yield* refuse
    return { dividend: { amount: amount.success, years: days.success / DAYS_A_YEAR }, notes: [] }
  }
  const exDate = SessionDate.make(groups["date"] ?? "")
  const valid = Result.isSuccess(checkDate(exDate))
  if (!valid)
    return yield* badUsage(`--dividend ${text.slice(0, 40)}: that day is outside the trading calendar`)
  const at = yield* pricingTime(date)
  const open = fromExchangeTime(exDate, OPEN_MINUTES * MICROS_PER_MINUTE)
  return {
    dividend: { amount: amount.success, years: (open - at.close) / MICROS_PER_YEAR },
    notes: at.isToday ? [`ex-dates are counted from the close of ${at.date}, today`] : []
  }
})

/** The option that the flags describe; what is missing is named. */
export const describedOption = Effect.fnUntraced(function* (
  asked: AskedOption
): Effect.fn.Return<DescribedOption, BadUsage> {
  const { rate, spot, strike, type } = asked
  if (Option.isNone(type) || Option.isNone(spot) || Option.isNone(strike) || Option.isNone(rate)) {
    const missing = [
      ...(Option.isNone(type) ? ["--type"] : []),
      ...(Option.isNone(spot) ? ["--spot"] : []),
      ...(Option.isNone(strike) ? ["--strike"] : []),
      ...(Option.isNone(rate) ? ["--rate"] : [])
    ]
    return yield* badUsage(
      `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing; a file of options goes by --input FILE.csv --output FILE.csv`
    )
  }
  const time = yield* yearsFrom(asked)
  const dividends = yield* Effect.forEach(asked.dividend, (text) => dividendOf(text, asked.date))
  const notes = new Set([...time.notes, ...dividends.flatMap((one) => one.notes)])
  if (Option.isNone(asked.yield) && dividends.length === 0)
    notes.add("no dividend yield was given: 0 is used")
  return {
    terms: {
      right: type.value,
      spot: spot.value,
      strike: strike.value,
      years: time.years,
      rate: rate.value,
      dividendYield: Option.getOrElse(asked.yield, () => 0)
    },
    style: asked.style,
    dividends: dividends.map(({ dividend }) => dividend),
    notes: [...notes]
  }
})

/** Whether any flag describes an option. */
export const describesOption = (asked: Omit<AskedOption, "style">): boolean =>
  asked.dividend.length > 0 ||
  [asked.type, asked.spot, asked.strike, asked.days, asked.years, asked.expiry, asked.rate, asked.yield].some(
    (given) => Option.isSome<unknown>(given)
  )
