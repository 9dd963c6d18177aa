/** The contracts of an expiry as a table for a terminal, and an order of one of them. */
import type { ShownGreeks } from "../../../../market/ChainAnalysis.ts"
import type { RawQuote } from "../../../../options/chain/OptionChain.ts"
import { priceWords, type Style, table } from "../../Format.ts"
import { digits } from "./OptionText.ts"

export interface ShownContract {
  readonly quote: RawQuote
  readonly greeks: ShownGreeks
}

const dollars = (value: number | undefined): string =>
  value === undefined ? "-" : priceWords(Math.round(value * 1_000_000))

/** Quotes have two sides; a chain of closing prices has only those. */
const priceColumns = (contracts: ReadonlyArray<ShownContract>): ReadonlyArray<"bid" | "ask" | "last"> =>
  contracts.every(({ quote }) => quote.bid === undefined && quote.ask === undefined)
    ? ["last"]
    : ["bid", "ask"]

/** "AAPL 170120?00115000": what a call has in common with its put. */
const pairOf = ({ contract }: RawQuote): string => `${contract.slice(0, -9)}?${contract.slice(-8)}`

const greekCells = ({ delta, volatility }: ShownGreeks): ReadonlyArray<string> => [
  volatility === undefined ? "-" : `${(100 * volatility).toFixed(1)}%`,
  delta === undefined ? "-" : delta.toFixed(2)
]

interface Pair {
  readonly call?: ShownContract
  readonly put?: ShownContract
}

/** Calls with their puts, in the order of the contracts. */
const pairsOf = (contracts: ReadonlyArray<ShownContract>): ReadonlyArray<Pair> => {
  const pairs = new Map<string, Pair>()
  for (const one of contracts) {
    const key = pairOf(one.quote)
    pairs.set(key, { ...pairs.get(key), [one.quote.right === "CALL" ? "call" : "put"]: one })
  }
  return [...pairs.values()]
}

/** A row a strike, calls to its left and puts to its right. */
const bothSides = (contracts: ReadonlyArray<ShownContract>, style: Style): ReadonlyArray<string> => {
  const prices = priceColumns(contracts)
  const heads = (right: string) => [`${right} ${prices[0] ?? ""}`, ...prices.slice(1), "vol", "delta"]
  const cells = (one: ShownContract | undefined): ReadonlyArray<string> =>
    one === undefined
      ? heads("").map(() => "-")
      : [...prices.map((name) => dollars(one.quote[name])), ...greekCells(one.greeks)]
  const rows = pairsOf(contracts).map(({ call, put }) => [
    ...cells(call),
    "|",
    dollars((call ?? put)?.quote.strike),
    "|",
    ...cells(put)
  ])
  const head = [...heads("call"), "|", "strike", "|", ...heads("put")]
  return [
    ...table([head.map(style.bold), ...rows], { right: head.map((_, i) => i) }),
    style.dim(
      `symbols such as ${contracts[0]?.quote.contract ?? ""}: day, C or P, strike in thousandths of a dollar; --right call or put lists them`
    )
  ]
}

/** A row a contract, with the symbol that it is ordered by. */
const oneSide = (contracts: ReadonlyArray<ShownContract>, style: Style): ReadonlyArray<string> => {
  const prices = priceColumns(contracts)
  return table(
    [
      ["contract", "strike", ...prices, "vol", "delta"].map(style.bold),
      ...contracts.map(({ greeks, quote }) => [
        quote.contract,
        dollars(quote.strike),
        ...prices.map((name) => dollars(quote[name])),
        ...greekCells(greeks)
      ])
    ],
    { right: [1, 2, 3, 4, 5] }
  )
}

export const chainLines = (
  contracts: ReadonlyArray<ShownContract>,
  right: "call" | "put" | "both",
  style: Style
): ReadonlyArray<string> => (right === "both" ? bothSides(contracts, style) : oneSide(contracts, style))

/** How the first contract at the money that is offered is bought; nothing where none is. */
export const exampleOrder = (
  contracts: ReadonlyArray<ShownContract>,
  spot: number
): ReadonlyArray<string> => {
  const [nearest] = contracts
    .filter(({ greeks, quote }) => (quote.ask ?? 0) > 0 && greeks.dropped !== "wrong-split-basis")
    .toSorted((a, b) => Math.abs(a.quote.strike - spot) - Math.abs(b.quote.strike - spot))
  if (nearest === undefined) return []
  const { ask, contract } = nearest.quote
  return [`to buy one at the money: plimsoll order buy "${contract}" 1 --limit ${digits(ask ?? 0)}`]
}
