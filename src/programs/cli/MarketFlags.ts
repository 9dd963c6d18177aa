/** The flags that `run` and backtests have in common: where prices are from, and what an account begins with. */
import { Effect, Option, Schema } from "effect"
import { Flag } from "effect/cli"
import { Symbol } from "../../domain/Identifiers.ts"
import { MAX_MONEY_MICROS, MoneyFromDecimal } from "../../domain/Money.ts"
import type { MarketConfig } from "../DeskConfig.ts"
import { optional } from "./CommandKit.ts"
import { BadUsage } from "./Failures.ts"

export const marketFlags = {
  data: optional(
    Flag.String("data").pipe(Flag.withMetavar("folder")),
    'a LEAN data folder (the one that holds equity/usa), or "embedded" for the prices that come along, the default'
  ),
  csv: Flag.KeyValuePair("csv").pipe(
    Flag.withDescription("your own bars, SYMBOL=FILE; may be given several times"),
    Flag.optional
  ),
  skipBadRows: Flag.Boolean("skip-bad-rows").pipe(
    Flag.withDescription("leave out rows that cannot be used, and list them"),
    Flag.withDefault(false)
  )
}

export interface AskedMarket {
  readonly data: Option.Option<string>
  readonly csv: Option.Option<Record<string, string>>
  readonly skipBadRows: boolean
}

const decodeSymbols = Schema.decodeUnknownEffect(Schema.Array(Symbol))

/** The market of these flags. */
export const marketOf = Effect.fnUntraced(function* (
  asked: AskedMarket
): Effect.fn.Return<MarketConfig, BadUsage> {
  if (Option.isSome(asked.data) && Option.isSome(asked.csv)) {
    return yield* new BadUsage({ message: "--data and --csv are two sources: name one of them" })
  }
  const badRows = asked.skipBadRows ? ("skip" as const) : ("refuse" as const)
  if (Option.isSome(asked.data) && asked.data.value !== "embedded") {
    if (asked.data.value === "")
      return yield* new BadUsage({ message: "--data names a folder, and this one has no name" })
    return { source: "lean", path: asked.data.value, badRows }
  }
  if (Option.isNone(asked.csv)) return { source: "embedded" }
  const names = Object.keys(asked.csv.value)
  const symbols = yield* decodeSymbols(names.map((symbol) => symbol.toUpperCase())).pipe(
    Effect.mapError(
      () =>
        new BadUsage({
          message: `--csv takes SYMBOL=FILE with a symbol such as MYFUND, not ${names.join(", ")}`
        })
    )
  )
  const paths = Object.values(asked.csv.value)
  return {
    source: "csv",
    files: Object.fromEntries(symbols.map((symbol, i) => [symbol, paths[i] ?? ""])),
    badRows
  }
})

/** Dollars that an account begins with. */
export const CashText = MoneyFromDecimal.pipe(
  Schema.check(
    Schema.makeFilter<number>(
      (micros) =>
        (micros > 0 && micros <= MAX_MONEY_MICROS) ||
        "expected an amount above zero and at most a billion dollars"
    )
  )
)

/** The parts of a list with commas. */
export const listed = (text: Option.Option<string>): ReadonlyArray<string> =>
  Option.match(text, {
    onNone: () => [],
    onSome: (value) =>
      value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "")
  })
