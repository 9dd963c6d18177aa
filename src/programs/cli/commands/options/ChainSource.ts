/** Where the chain commands have their chain from: a LEAN folder, or the desk's own market. */
import { Effect, Option, Result } from "effect"
import { Flag } from "effect/cli"
import { SessionDate } from "../../../../domain/Timestamp.ts"
import { parseContract } from "../../../../market/ContractText.ts"
import { OptionMarket } from "../../../../market/OptionMarket.ts"
import { toExchangeTime } from "../../../../market/TradingCalendar.ts"
import { cleanChain } from "../../../../options/chain/Cleaning.ts"
import type { CleanChain, RawChain } from "../../../../options/chain/OptionChain.ts"
import { counted } from "../../Format.ts"
import { onDesk, optional } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"

export const chainFlags = {
  symbol: optional(Flag.String("symbol"), "the underlying, such as AAPL"),
  data: optional(
    Flag.String("data").pipe(Flag.withMetavar("path")),
    "a LEAN data folder (the one that holds option/usa) instead of the desk's own market"
  ),
  date: optional(
    Flag.String("date").pipe(Flag.withSchema(SessionDate)),
    "with --data: the day, YYYY-MM-DD; the last with options when left out"
  )
}

export interface AskedChain {
  readonly symbol: Option.Option<string>
  readonly data: Option.Option<string>
  readonly date: Option.Option<SessionDate>
}

export interface OpenedChain {
  readonly raw: RawChain
  readonly clean: CleanChain
  /** Where the quotes are from, for people. */
  readonly source: string
  /** For machines. */
  readonly sourceName: string
  /** What a reader has to know. */
  readonly notes: ReadonlyArray<string>
  /** For expiries whose quotes imply none. */
  readonly dividendYield: number
}

const DATE_NEEDS_DATA =
  "--date is for --data: the desk's market is at its own time, which plimsoll clock step moves"

/** The desk's chain at its market time. */
const ofDesk = (symbol: string) =>
  onDesk(
    Effect.gen(function* () {
      const options = yield* OptionMarket
      const chain = yield* options.chain(symbol)
      const opened: OpenedChain = {
        raw: chain.raw,
        clean: cleanChain(chain.raw),
        source: `the desk's market at ${toExchangeTime(chain.shownAt)}${chain.source === "model" ? ", quotes by a model" : ""}`,
        sourceName: chain.source,
        notes: chain.notes,
        dividendYield: chain.dividendYield
      }
      return opened
    })
  )

/** The chain that the flags ask for. */
export const openChain = Effect.fnUntraced(function* (asked: AskedChain) {
  if (Option.isNone(asked.symbol)) {
    return yield* new BadUsage({ message: "of what? Name the underlying by --symbol, such as AAPL" })
  }
  const symbol = asked.symbol.value.toUpperCase()
  if (Option.isSome(asked.data)) {
    return yield* new BadUsage({ message: "--data is not there yet" })
  }
  if (Option.isSome(asked.date)) {
    return yield* new BadUsage({ message: DATE_NEEDS_DATA })
  }
  return yield* ofDesk(symbol)
})

/** One contract in the chain that the flags ask for: the desk's, at its market time. */
export const openContract = Effect.fnUntraced(function* (asked: AskedChain, text: string) {
  const contract = yield* Effect.fromResult(
    Result.mapError(parseContract(text), ({ message }) => new BadUsage({ message }))
  )
  if (Option.isSome(asked.data)) {
    return yield* new BadUsage({ message: "--data is not there yet" })
  }
  if (Option.isSome(asked.date)) return yield* new BadUsage({ message: DATE_NEEDS_DATA })
  return yield* onDesk(OptionMarket.use((options) => options.contract(contract)))
})

/** "2,180 quotes, 1,700 kept; left out: 400 zero-bid, 80 wide". */
export const cleaningLine = ({ drops, kept, quotes }: CleanChain): string =>
  `${counted(quotes, "quote")}, ${kept} kept${
    drops.length === 0
      ? ""
      : `; left out: ${drops.map(({ count, reason }) => `${count} ${reason}`).join(", ")}`
  }`
