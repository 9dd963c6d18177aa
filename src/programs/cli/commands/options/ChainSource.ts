/** Where the chain commands have their chain from: a LEAN folder, or the desk's own market. */
import { resolve } from "node:path"
import { Effect, Option, Result } from "effect"
import { Argument, Flag } from "effect/cli"
import { instrumentId, symbol as markSymbol } from "../../../../domain/Identifiers.ts"
import { Instrument } from "../../../../domain/Instrument.ts"
import { pricePerShare, shares } from "../../../../domain/Money.ts"
import { dayOfDate, SessionDate } from "../../../../domain/Timestamp.ts"
import { ContractNotFound } from "../../../../market/ContractListing.ts"
import { type AskedContract, parseContract } from "../../../../market/ContractText.ts"
import { openLeanOptions, type LeanChain } from "../../../../market/lean/LeanOptions.ts"
import { MarketSourceError } from "../../../../market/MarketData.ts"
import type { ContractQuote, MarketChain, OptionSource } from "../../../../market/MarketChain.ts"
import { OptionMarket } from "../../../../market/OptionMarket.ts"
import { toExchangeTime } from "../../../../market/TradingCalendar.ts"
import { cleaned } from "../../../../market/ChainAnalysis.ts"
import type { CleanChain, RawChain } from "../../../../options/chain/OptionChain.ts"
import { counted } from "../../Format.ts"
import { onDesk, optional } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"

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

/** The same, where the underlying may also be named without its flag. */
export const namedChainFlags = {
  named: Argument.String("symbol").pipe(
    Argument.withDescription("the underlying, instead of --symbol"),
    Argument.optional
  ),
  ...chainFlags
}

export interface AskedChain {
  readonly symbol: Option.Option<string>
  readonly data: Option.Option<string>
  readonly date: Option.Option<SessionDate>
}

export interface OpenedChain {
  readonly market: MarketChain
  readonly raw: RawChain
  readonly clean: CleanChain
  /** Where the quotes are from, for people. */
  readonly source: string
}

const DATE_NEEDS_DATA =
  "--date is for --data: the desk's market is at its own time, which plimsoll clock step moves"

const kinds: Readonly<Record<OptionSource, string>> = {
  "lean-quote": "quotes",
  "lean-universe": "closing prices",
  model: "quotes by a model"
}

const openedOf = (market: MarketChain, source: string): OpenedChain => ({
  market,
  raw: market.raw,
  clean: cleaned(market),
  source
})

/** The desk's chain at its market time. */
const ofDesk = (symbol: string) =>
  onDesk(
    Effect.gen(function* () {
      const options = yield* OptionMarket
      const chain = yield* options.chain(symbol)
      return openedOf(chain, `the desk's market at ${toExchangeTime(chain.shownAt)}, ${kinds[chain.source]}`)
    })
  )

/** Rows of a folder that could not be used are told one by one up to so many. */
const LISTED_ROWS = 10

const tellBadRows = ({ bad }: LeanChain): void => {
  if (bad.length === 0) return
  err(`left out ${counted(bad.length, "row")} of the folder:`)
  for (const { file, problem, row } of bad.slice(0, LISTED_ROWS)) {
    err(printable(`  ${file} row ${row}: ${problem}`))
  }
  if (bad.length > LISTED_ROWS) err(`  and ${bad.length - LISTED_ROWS} more`)
}

/** The chain's underlying as an instrument; nothing is traded in it. */
const shareOf = (name: string): Instrument =>
  Instrument.cases.Equity.make({
    id: instrumentId(`${name}.XNYS`),
    symbol: markSymbol(name),
    name,
    currency: "USD",
    priceIncrement: pricePerShare(0.01),
    sizeIncrement: shares(1),
    multiplier: 1,
    paperOnly: true,
    caveats: []
  })

const marketOf = (chain: LeanChain): MarketChain => ({
  snapshotId: `${chain.raw.symbol} ${chain.raw.asOf}`,
  underlying: shareOf(chain.raw.symbol),
  source: chain.source,
  modelled: [],
  shownAt: chain.asOf,
  askedAt: chain.asOf,
  raw: chain.raw,
  // Where no quotes imply one.
  dividendYield: 0,
  origins: {
    spot: chain.spot.from,
    rate: chain.rate.from,
    dividendYield: "none that the quotes imply",
    model: undefined
  },
  notes: chain.notes
})

/** A LEAN folder's options, and its chain of a day as a market's. */
export const folderMarket = Effect.fnUntraced(function* (data: string) {
  const options = yield* openLeanOptions({ path: resolve(surroundings().cwd, data), skipBadRows: true })
  return {
    options,
    chain: (symbol: string, date: SessionDate) => Effect.map(options.chain(symbol, date), marketOf)
  }
})

/** A folder's chain of a day; of its last when none is asked for. */
const leanChainOf = Effect.fnUntraced(function* (
  data: string,
  symbol: string,
  date: Option.Option<SessionDate>
) {
  const { options } = yield* folderMarket(data)
  const last = Option.isSome(date) ? date.value : (yield* options.dates(symbol)).at(-1)
  if (last === undefined) {
    const known = options.underlyings.slice(0, LISTED_ROWS).join(", ")
    return yield* new MarketSourceError({
      source: options.name,
      message: `${options.name} has no options of ${symbol.slice(0, 40)}; it has those of ${known}${options.underlyings.length > LISTED_ROWS ? ", …" : ""}`
    })
  }
  const chain = yield* options.chain(symbol, last)
  tellBadRows(chain)
  return { market: marketOf(chain), name: options.name }
})

/** The chain that the flags ask for. */
export const openChain = Effect.fnUntraced(function* (asked: AskedChain) {
  if (Option.isNone(asked.symbol)) {
    return yield* new BadUsage({ message: "of what? Name the underlying by --symbol, such as AAPL" })
  }
  const symbol = asked.symbol.value.trim().toUpperCase()
  if (Option.isSome(asked.data)) {
    const { market, name } = yield* leanChainOf(asked.data.value, symbol, asked.date)
    return openedOf(market, `${name} at ${toExchangeTime(market.shownAt)}, ${kinds[market.source]}`)
  }
  if (Option.isSome(asked.date)) return yield* new BadUsage({ message: DATE_NEEDS_DATA })
  return yield* ofDesk(symbol)
})

/** The same, of an underlying that is named by its flag or without it. */
export const openNamedChain = Effect.fnUntraced(function* ({
  named,
  ...asked
}: AskedChain & { readonly named: Option.Option<string> }) {
  if (Option.isSome(named) && Option.isSome(asked.symbol)) {
    return yield* new BadUsage({
      message: `${named.value.slice(0, 40)} and --symbol ${asked.symbol.value.slice(0, 40)} both name the underlying: give one of them`
    })
  }
  return yield* openChain({ ...asked, symbol: Option.orElse(asked.symbol, () => named) })
})

const NEAREST = 4

/** The contract in a folder's chain of that day. */
const inFolder = Effect.fnUntraced(function* (
  data: string,
  date: Option.Option<SessionDate>,
  contract: AskedContract
) {
  const { market } = yield* leanChainOf(data, contract.underlying, date)
  const { expiries, symbol } = market.raw
  const expiry = expiries.find((one) => one.expiry === contract.expiry)
  if (expiry === undefined) {
    const day = dayOfDate(contract.expiry)
    const near = expiries
      .toSorted((a, b) => Math.abs(dayOfDate(a.expiry) - day) - Math.abs(dayOfDate(b.expiry) - day))
      .slice(0, NEAREST)
    return yield* new ContractNotFound({
      contract: contract.underlying,
      nearest: near.map((one) => one.expiry),
      message: `${symbol} has no options that expire on ${contract.expiry}; the nearest expiries are ${near.map((one) => one.expiry).join(", ") || "none"}`
    })
  }
  const sameRight = expiry.quotes.filter(({ right }) => right === contract.right)
  const quote = sameRight.find(({ strike }) => strike === contract.strike)
  if (quote === undefined) {
    const near = sameRight
      .toSorted((a, b) => Math.abs(a.strike - contract.strike) - Math.abs(b.strike - contract.strike))
      .slice(0, NEAREST)
    return yield* new ContractNotFound({
      contract: contract.underlying,
      nearest: near.map((one) => one.contract),
      message: `${symbol} has no such contract with a strike of ${contract.strike}; the nearest are ${near.map((one) => one.contract).join(", ") || "none"}`
    })
  }
  const found: ContractQuote = { chain: market, expiry, quote }
  return found
})

/** One contract: of a folder's chain of a day, or of the desk's market at its time. */
export const openContract = Effect.fnUntraced(function* (asked: Omit<AskedChain, "symbol">, text: string) {
  const contract = yield* Effect.fromResult(
    Result.mapError(parseContract(text), ({ message }) => new BadUsage({ message }))
  )
  if (Option.isSome(asked.data)) return yield* inFolder(asked.data.value, asked.date, contract)
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
