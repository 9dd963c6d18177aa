/** Is the order decided on the market as it is: the quote's age, and how far its prices are from the market. */
import type { Instrument } from "../../domain/Instrument.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import { MICROS_PER_SECOND } from "../../domain/Timestamp.ts"
import type { Verdict } from "../../domain/Verdict.ts"
import { ceilShare, floorShare, partsPerMillion } from "../ExactRatio.ts"
import { isUsable, type OrderFacts } from "../OrderFacts.ts"
import type { RiskLimits } from "../RiskLimits.ts"
import { permittedQuote } from "./PermitRule.ts"
import { deny, isMissing, pass, percent, type Rule, usd } from "./Ruling.ts"

/** For an instrument nobody knows the strictest; the next rule denies it by name. */
const stalenessOf = (limits: RiskLimits, instrument: Instrument | undefined): number => {
  const { equity, index, option } = limits.quoteStalenessSeconds
  switch (instrument?._tag) {
    case "Equity":
      return equity
    case "Index":
      return index
    case "Option":
      return option
    case undefined:
      return Math.min(equity, index, option)
  }
}

const freshness = { rule: "quote-freshness", unit: "seconds" } as const

const quoteProblem = ({ order, quote, snapshot }: OrderFacts): string | undefined => {
  const { citedQuote } = snapshot
  if (citedQuote === undefined)
    return "The quote the order cites is missing: the desk gave no such quote. Ask for one."
  if (citedQuote.instrumentId !== order.content.instrumentId) {
    return `The order cites a quote of ${citedQuote.instrumentId}: cite one of ${order.content.instrumentId}.`
  }
  if (!isUsable(citedQuote))
    return "A price of the quote the order cites is missing, or its bid is above its ask."
  return quote === undefined
    ? "The market's current quote is missing, or its bid is above its ask."
    : undefined
}

/** So far the market may have moved from a quote that aged while its order waited for a person: by less than this. */
export const REQUOTE_RATIO = 0.005

/**
 * Clock: market. The age of the cited quote, in a session from now; between
 * sessions from the last close, so that a closing quote stays good until the
 * next open. With a permit that was given on that quote while it was fresh, it
 * may have aged since, as long as the side of the market that the order would
 * meet has moved less than half a percent.
 */
export const quoteFreshness: Rule = (facts) => {
  const { limits, snapshot } = facts
  const { citedQuote, instrument, now, session } = snapshot
  const problem = quoteProblem(facts)
  if (problem !== undefined || citedQuote === undefined) return deny(freshness, problem ?? "")
  if (limits === undefined) return deny(freshness, "The limits are missing.")
  if (isMissing(now) || session === undefined) return deny(freshness, "The market's time is missing.")
  const age = (session.open ? now : session.lastClose) - citedQuote.tsEvent
  return ageVerdict(facts, citedQuote, age, stalenessOf(limits, instrument))
}

const ageVerdict = (facts: OrderFacts, cited: QuoteTick, age: number, limit: number): Verdict => {
  const { now } = facts.snapshot
  const measured = { ...freshness, value: age / MICROS_PER_SECOND, limit }
  if (isMissing(now) || cited.tsEvent > now) {
    return deny(measured, "The quote the order cites lies in the market's future.")
  }
  if (age <= Math.round(limit * MICROS_PER_SECOND)) return pass(measured, "The cited quote is fresh.")
  const isKnown = Number.isFinite(age) && Number.isFinite(limit)
  if (isKnown && permittedQuote(facts.snapshot) === cited.quoteId) return moveVerdict(facts, cited, measured)
  // Prices of bars come a minute apart: asked again at once, the market may give the same quote.
  return deny(
    measured,
    `The cited quote is ${measured.value} s old, more than ${limit} s: ask for a new one and decide again. Where the same one comes back there is none newer yet: market time has to pass first.`
  )
}

const moveVerdict = (
  { order, quote }: OrderFacts,
  cited: QuoteTick,
  aged: typeof freshness & { readonly value: number }
): Verdict => {
  const side = order.content.side === "BUY" ? "ask" : "bid"
  const [from, to] = [cited[side], quote?.[side] ?? Number.NaN]
  const move = Math.abs(to - from)
  const moved = `${usd(from)} to ${usd(to)}, ${percent(move / from)}`
  // Exact: move ÷ from < ratio, on integers.
  return move < ceilShare(from, partsPerMillion(REQUOTE_RATIO))
    ? pass(
        aged,
        `The cited quote is ${aged.value} s old. It was fresh when the permit was given, and the ${side} has moved little since: ${moved}.`
      )
    : deny(
        { ...freshness, unit: "ratio", value: move / from, limit: REQUOTE_RATIO },
        `Requote: the cited quote is ${aged.value} s old, and since the permit was given the ${side} has gone from ${moved}; less than ${percent(REQUOTE_RATIO)} would do. Ask for a new quote and decide again.`
      )
}

const collarRule = { rule: "price-collar", unit: "ratio" } as const

/** A price that may be at most so far to the wrong side of where it is measured from. */
interface Leash {
  readonly what: string
  readonly price: number
  readonly from: number
  /** above: a price over `from` is the dangerous side. */
  readonly side: "above" | "below" | "either"
}

const leashes = ({ order, quote, snapshot }: OrderFacts): ReadonlyArray<Leash> => {
  const { citedQuote } = snapshot
  const { side, type } = order.content
  if (quote === undefined || citedQuote === undefined) return []
  const buying = side === "BUY"
  const market = buying ? quote.ask : quote.bid
  const found: Array<Leash> = [
    { what: "The cited quote", price: buying ? citedQuote.ask : citedQuote.bid, from: market, side: "either" }
  ]
  const paying = buying ? "above" : "below"
  if (type._tag === "Limit") {
    found.push({ what: "The limit price", price: type.limitPrice, from: market, side: paying })
  }
  if (type._tag === "StopMarket" || type._tag === "StopLimit") {
    // A stop the market has long passed would trigger at once.
    found.push({
      what: "The stop price",
      price: type.stopPrice,
      from: market,
      side: buying ? "below" : "above"
    })
  }
  if (type._tag === "StopLimit") {
    const from = buying ? Math.max(type.stopPrice, market) : Math.min(type.stopPrice, market)
    found.push({ what: "The limit price", price: type.limitPrice, from, side: paying })
  }
  return found
}

/** Where an order is entered at, as far as its exits are concerned: its own price, or the market they would meet. */
const entryPrice = ({ order, quote }: OrderFacts): number | undefined => {
  const { side, type } = order.content
  switch (type._tag) {
    case "Limit":
    case "StopLimit":
      return type.limitPrice
    case "StopMarket":
      return type.stopPrice
    case "NetLimit":
      return undefined
    case "Market":
    case "TrailingStopMarket":
      return side === "BUY" ? quote?.bid : quote?.ask
  }
}

/** An exit that would trade as soon as its entry has filled. */
const wrongExit = (facts: OrderFacts): string | undefined => {
  const { bracket, side } = facts.order.content
  const entry = entryPrice(facts)
  if (bracket === undefined || entry === undefined) return undefined
  const sign = side === "BUY" ? 1 : -1
  const { stopLossPrice, takeProfitPrice } = bracket
  if (takeProfitPrice !== undefined && (takeProfitPrice - entry) * sign <= 0) {
    return `The take-profit ${usd(takeProfitPrice)} would trade as soon as the entry has: it has to be ${side === "BUY" ? "above" : "below"} ${usd(entry)}.`
  }
  return stopLossPrice !== undefined && (stopLossPrice - entry) * sign >= 0
    ? `The stop-loss ${usd(stopLossPrice)} would trade as soon as the entry has: it has to be ${side === "BUY" ? "below" : "above"} ${usd(entry)}.`
    : undefined
}

const distance = ({ from, price, side }: Leash): number =>
  side === "above" ? price - from : side === "below" ? from - price : Math.abs(price - from)

/**
 * Guards against a price that would trade far from the market: a limit that
 * pays up or sells down by more than the collar, a stop on the wrong side, a
 * market that has moved away from the cited quote. A patient limit or a
 * protective stop may be as far away as it likes.
 */
export const priceCollar: Rule = (facts) => {
  const { limits } = facts
  if (limits === undefined) return deny(collarRule, "The limits are missing.")
  const exit = wrongExit(facts)
  if (exit !== undefined) return deny(collarRule, exit)
  const found = leashes(facts)
  if (found.length === 0)
    return deny(collarRule, "The cited or the current quote is missing: there is no market to compare with.")
  const limit = limits.priceCollarRatio
  const ppm = partsPerMillion(limit)
  let widest = Number.NEGATIVE_INFINITY
  for (const leash of found) {
    const off = distance(leash)
    const value = off / leash.from
    // Exact: off ÷ from ≤ limit, on integers.
    if (!(off <= floorShare(leash.from, ppm))) {
      return deny(
        { ...collarRule, value, limit },
        `${leash.what} ${usd(leash.price)} is ${percent(value)} from ${usd(leash.from)}, more than ${percent(limit)}: choose a nearer price, or ask for a new quote.`
      )
    }
    widest = Math.max(widest, value)
  }
  return pass({ ...collarRule, value: widest, limit }, "The prices are near the market.")
}
