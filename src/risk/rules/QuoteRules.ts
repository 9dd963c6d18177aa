/** Is the order decided on the market as it is: the quote's age, and how far its prices are from the market. */
import type { Instrument } from "../../domain/Instrument.ts"
import { comboQuoteId } from "../../domain/OrderLeg.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import { MICROS_PER_SECOND } from "../../domain/Timestamp.ts"
import type { Verdict } from "../../domain/Verdict.ts"
import { ceilShare, floorShare, partsPerMillion } from "../ExactRatio.ts"
import { isOneSided, isTradable, type LegFacts, type OrderFacts } from "../OrderFacts.ts"
import type { RiskLimits } from "../RiskLimits.ts"
import { LEAST_OPTION_COLLAR } from "../Valuation.ts"
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

const quoteProblem = (leg: LegFacts): string | undefined => {
  const { citedQuote, contract, instrumentId, quote, side } = leg
  if (citedQuote === undefined)
    return "The quote the order cites is missing: the desk gave no such quote. Ask for one."
  if (citedQuote.instrumentId !== instrumentId) {
    return `The order cites a quote of ${citedQuote.instrumentId}: cite one of ${instrumentId}.`
  }
  if (contract !== undefined && side === "SELL" && isOneSided(citedQuote))
    return "The quote has no bid, so nobody buys it: let it expire, and close what else there is by itself."
  if (!isTradable(citedQuote, side, contract !== undefined))
    return "A price of the quote the order cites is missing, or its bid is above its ask."
  return quote === undefined
    ? "The market's current quote is missing, or its bid is above its ask."
    : undefined
}

/** Nobody buys what has no bid: it is bought only to be rid of what was sold. */
const oneSidedProblem = (
  { citedQuote, instrumentId, quote }: LegFacts,
  reducing: boolean
): string | undefined =>
  !reducing &&
  ((citedQuote !== undefined && isOneSided(citedQuote)) || (quote !== undefined && isOneSided(quote)))
    ? `The quote of ${instrumentId} has no bid: only an order that reduces takes its ask.`
    : undefined

/** So far the market may have moved from a quote that aged while its order waited for a person: by less than this. */
export const REQUOTE_RATIO = 0.005

/**
 * Clock: market. The age of the cited quote, in a session from now; between
 * sessions from the last close, so that a closing quote stays good until the
 * next open. With a permit that was given on that quote while it was fresh, it
 * may have aged since, as long as the side of the market that the order would
 * meet has moved less than half a percent, or an option's by no more than its
 * smallest step. Each leg's quote is looked at by itself.
 */
export const quoteFreshness: Rule = (facts) => {
  const { legs, order } = facts
  let oldest: Verdict | undefined = undefined
  for (const leg of legs) {
    const verdict = legFreshness(facts, leg)
    if (order.content.legs === undefined) return verdict
    const named = { ...verdict, message: `${leg.instrumentId}: ${verdict.message}` }
    if (verdict.outcome === "deny") return named
    if (oldest === undefined || (verdict.value ?? 0) > (oldest.value ?? 0)) oldest = named
  }
  return oldest ?? deny(freshness, "The legs of the order are missing.")
}

const legFreshness = (facts: OrderFacts, leg: LegFacts): Verdict => {
  const { limits, reducing, snapshot } = facts
  const { now, session } = snapshot
  const { citedQuote, instrument } = leg
  const problem = quoteProblem(leg) ?? oneSidedProblem(leg, reducing)
  if (problem !== undefined || citedQuote === undefined) return deny(freshness, problem ?? "")
  if (limits === undefined) return deny(freshness, "The limits are missing.")
  if (isMissing(now) || session === undefined) return deny(freshness, "The market's time is missing.")
  const age = (session.open ? now : session.lastClose) - citedQuote.tsEvent
  return ageVerdict(facts, leg, citedQuote, { age, limit: stalenessOf(limits, instrument) })
}

/** The quote a permit was given for; of a combo named after its legs' quotes. */
const isPermitted = ({ legs, order, snapshot }: OrderFacts): boolean => {
  const given = permittedQuote(snapshot)
  if (given === undefined) return false
  const cited = legs.flatMap(({ citedQuote }) => citedQuote?.quoteId ?? [])
  return order.content.legs === undefined
    ? cited[0] === given
    : cited.length === legs.length && comboQuoteId(cited) === given
}

const ageVerdict = (
  facts: OrderFacts,
  leg: LegFacts,
  cited: QuoteTick,
  { age, limit }: { readonly age: number; readonly limit: number }
): Verdict => {
  const { now } = facts.snapshot
  const measured = { ...freshness, value: age / MICROS_PER_SECOND, limit }
  if (isMissing(now) || cited.tsEvent > now) {
    return deny(measured, "The quote the order cites lies in the market's future.")
  }
  if (age <= Math.round(limit * MICROS_PER_SECOND)) return pass(measured, "The cited quote is fresh.")
  const isKnown = Number.isFinite(age) && Number.isFinite(limit)
  if (isKnown && isPermitted(facts)) return moveVerdict(leg, cited, measured)
  // Prices of bars come a minute apart: asked again at once, the market may give the same quote.
  return deny(
    measured,
    `The cited quote is ${measured.value} s old, more than ${limit} s: ask for a new one and decide again. Where the same one comes back there is none newer yet: market time has to pass first.`
  )
}

const moveVerdict = (
  { contract, quote, side: traded }: LegFacts,
  cited: QuoteTick,
  aged: typeof freshness & { readonly value: number }
): Verdict => {
  const side = traded === "BUY" ? "ask" : "bid"
  const [from, to] = [cited[side], quote?.[side] ?? Number.NaN]
  const move = Math.abs(to - from)
  const moved = `${usd(from)} to ${usd(to)}, ${percent(move / from)}`
  const isStep = contract !== undefined && move <= LEAST_OPTION_COLLAR
  // Exact: move ÷ from < ratio, on integers.
  return isStep || move < ceilShare(from, partsPerMillion(REQUOTE_RATIO))
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
  /** Micros it may be away whatever the collar says. */
  readonly slack: number
}

/** The cited quote of a leg against the market, on the side that the leg would meet. */
const citedLeash = ({ citedQuote, contract, quote, side }: LegFacts, what: string): Leash | undefined => {
  if (quote === undefined || citedQuote === undefined) return undefined
  const at = side === "BUY" ? "ask" : "bid"
  return { what, price: citedQuote[at], from: quote[at], side: "either", slack: slackOf(contract) }
}

/** An option's price may always be a step away. */
const slackOf = (contract: LegFacts["contract"]): number => (contract === undefined ? 0 : LEAST_OPTION_COLLAR)

const leashes = ({ legs, order, quote }: OrderFacts): ReadonlyArray<Leash> => {
  const [leg] = legs
  const { side, type } = order.content
  const cited = leg === undefined ? undefined : citedLeash(leg, "The cited quote")
  if (quote === undefined || cited === undefined) return []
  const { slack } = cited
  const buying = side === "BUY"
  const market = buying ? quote.ask : quote.bid
  const found: Array<Leash> = [cited]
  const paying = buying ? "above" : "below"
  if (type._tag === "Limit") {
    found.push({ what: "The limit price", price: type.limitPrice, from: market, side: paying, slack })
  }
  if (type._tag === "StopMarket" || type._tag === "StopLimit") {
    // A stop the market has long passed would trigger at once.
    found.push({
      what: "The stop price",
      price: type.stopPrice,
      from: market,
      side: buying ? "below" : "above",
      slack
    })
  }
  if (type._tag === "StopLimit") {
    const from = buying ? Math.max(type.stopPrice, market) : Math.min(type.stopPrice, market)
    found.push({ what: "The limit price", price: type.limitPrice, from, side: paying, slack })
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

/** A combo: each leg's cited quote against the market, and the net price against what its legs cost now. */
const netCollar = (facts: OrderFacts, limit: number): Verdict => {
  const { legs, net, order } = facts
  const { type } = order.content
  if (net === undefined)
    return deny(collarRule, "The quote of a leg is missing: there is no market to compare with.")
  const cited: Array<Leash> = []
  for (const leg of legs) {
    const leash = citedLeash(leg, `The cited quote of ${leg.instrumentId}`)
    if (leash === undefined)
      return deny(collarRule, `The cited or the current quote of ${leg.instrumentId} is missing.`)
    cited.push(leash)
  }
  const near = within(cited, limit)
  if (near.outcome === "deny" || type._tag !== "NetLimit") return near
  const off = type.netPrice - net.natural
  const dollars = {
    rule: "price-collar",
    unit: "usd",
    value: off / 1_000_000,
    limit: net.collar / 1_000_000
  } as const
  return off <= net.collar
    ? pass(dollars, "The net price is near the market.")
    : deny(
        dollars,
        `The net limit ${usd(type.netPrice)} pays ${usd(off)} more than the market's ${usd(net.natural)}, and ${usd(net.collar)} is the most: ${percent(limit)} of what the legs cost together. Choose a nearer price, or ask for new quotes.`
      )
}

/** A market order takes whatever spread there is: that of an option must not be wide. */
const wideSpread = ({ legs, order }: OrderFacts, limits: RiskLimits): Verdict | undefined => {
  if (order.content.type._tag !== "Market") return undefined
  const limit = limits.options.spreadRatio
  for (const { contract, instrumentId, quote } of legs) {
    if (contract === undefined || quote === undefined) continue
    const value = (2 * (quote.ask - quote.bid)) / (quote.ask + quote.bid)
    // Exact: 2 (ask − bid) ÷ (ask + bid) ≤ limit, on integers.
    if (2 * (quote.ask - quote.bid) <= floorShare(quote.ask + quote.bid, partsPerMillion(limit))) continue
    return deny(
      { ...collarRule, value, limit },
      `The market of ${instrumentId} is ${usd(quote.bid)} to ${usd(quote.ask)}: a spread of ${percent(value)} of its middle, more than ${percent(limit)}. Send a limit instead of a market order.`
    )
  }
  return undefined
}

const within = (found: ReadonlyArray<Leash>, limit: number): Verdict => {
  const ppm = partsPerMillion(limit)
  let widest = Number.NEGATIVE_INFINITY
  for (const leash of found) {
    const off = distance(leash)
    const value = off / leash.from
    // Exact: off ÷ from ≤ limit, on integers.
    if (!(off <= Math.max(leash.slack, floorShare(leash.from, ppm)))) {
      return deny(
        { ...collarRule, value, limit },
        `${leash.what} ${usd(leash.price)} is ${percent(value)} from ${usd(leash.from)}, more than ${percent(limit)}: choose a nearer price, or ask for a new quote.`
      )
    }
    widest = Math.max(widest, value)
  }
  return pass({ ...collarRule, value: widest, limit }, "The prices are near the market.")
}

/**
 * Guards against a price that would trade far from the market: a limit that
 * pays up or sells down by more than the collar, a stop on the wrong side, a
 * market that has moved away from the cited quote. A patient limit or a
 * protective stop may be as far away as it likes. Of options a step is never
 * far; a combo's net price is measured from what its legs cost now, by the
 * collar of all their prices together; a market order needs a narrow spread.
 */
export const priceCollar: Rule = (facts) => {
  const { limits, order } = facts
  if (limits === undefined) return deny(collarRule, "The limits are missing.")
  const wide = wideSpread(facts, limits)
  if (wide !== undefined) return wide
  if (order.content.legs !== undefined) return netCollar(facts, limits.priceCollarRatio)
  const exit = wrongExit(facts)
  if (exit !== undefined) return deny(collarRule, exit)
  const found = leashes(facts)
  return found.length === 0
    ? deny(collarRule, "The cited or the current quote is missing: there is no market to compare with.")
    : within(found, limits.priceCollarRatio)
}
