/** What the rules say of a call, on a desk as it was read. Pure. */
import canonicalize from "canonicalize"
import { clientOrderId, type ClientOrderId, type QuoteId } from "../../../domain/Identifiers.ts"
import type { Instrument } from "../../../domain/Instrument.ts"
import { type LegInstrument, unfitLegs } from "../../../domain/LegFit.ts"
import { nearest } from "../../../domain/Nearest.ts"
import type { OrderContent } from "../../../domain/Order.ts"
import { comboQuoteId } from "../../../domain/OrderLeg.ts"
import { sha256 } from "../../../domain/Sha256.ts"
import type { Verdict } from "../../../domain/Verdict.ts"
import { liveOrder } from "../../../execution/Book.ts"
import { type Asked, type DeskReading, rulesView } from "../../../execution/DeskSnapshot.ts"
import { structureNamed, unitsOf } from "../../../execution/HeldByName.ts"
import { inOrder, tradedBy } from "../../../execution/OrderLegs.ts"
import { changed, closing, closingTogether } from "../../../execution/ProposedOrders.ts"
import * as Ledger from "../../../portfolio/Ledger.ts"
import type { RiskLimits } from "../../../risk/RiskLimits.ts"
import { evaluate } from "../../../risk/RiskRules.ts"
import type { CloseTerms, OrderTerms, ReplaceTerms } from "../../mcp/broker/OrderTerms.ts"
import { denialOf } from "./Denial.ts"
import { changeOf, contentOf, intentOf, type Terms } from "./ToolInput.ts"

/** What a desk is asked for one call. */
export const askedBy = (call: Terms): Asked => {
  switch (call.tool) {
    case "place_order": {
      const { legs, quoteId, symbol } = call.terms
      return {
        what: {
          _tag: "Named",
          names: legs?.map((leg) => leg.symbol) ?? (symbol === undefined ? [] : [symbol])
        },
        quoteIds: legs?.map((leg) => leg.quoteId) ?? (quoteId === undefined ? [] : [quoteId])
      }
    }
    case "replace_order": {
      const { orderId, quoteId, quoteIds = quoteId === undefined ? [] : [quoteId] } = call.terms
      return { what: { _tag: "OfOrder", id: orderId }, quoteIds }
    }
    case "close_position":
      return { what: { _tag: "Held", name: call.terms.symbol }, quoteIds: [] }
  }
}

/** The limits every order is held against, or why there are none. */
export type LimitsHere = { readonly limits: RiskLimits } | { readonly problem: string }

export type Judgement =
  /** `quoteId`: the quote that was fresh. */
  | { readonly _tag: "Passed"; readonly quoteId: QuoteId | undefined }
  /** `unlessKnown`: an order of this name was asked for before, and is only answered again. */
  | {
      readonly _tag: "Denied"
      readonly reason: string
      readonly unlessKnown: (() => ClientOrderId) | undefined
    }
  /** The terms do not fit together; the schemas' side says why. */
  | { readonly _tag: "Unfitting" }

const unfitting = (instruments: ReadonlyArray<LegInstrument>): Judgement =>
  denied(`${unfitLegs(instruments) ?? "these are no legs of one order"}. Nothing was sent.`)

const denied = (reason: string): Judgement => ({ _tag: "Denied", reason, unlessKnown: undefined })

/** How many names are proposed for one that nobody knows. */
const PROPOSED = 3

const unknownInstrument = (name: string, symbols: ReadonlyArray<string>): Judgement => {
  const [wanted = ""] = name.trim().toUpperCase().split(".")
  const close = nearest(wanted, symbols, PROPOSED)
  const hint = close.length === 0 ? "no instrument is known" : `nearest: ${close.join(", ")}`
  const where = /\s/u.test(name.trim())
    ? "A contract is named by its symbol, as get_option_chain shows it."
    : "search_instruments shows what there is."
  return denied(`no instrument "${name}" in this desk's market data; ${hint}. ${where}`)
}

/** As `OrderIdentity` names an order that is asked for without a name. */
export const nameOf = (account: string, quote: QuoteId, content: OrderContent): ClientOrderId =>
  clientOrderId(`o-${sha256(canonicalize({ account, quote, content }) ?? "").slice(0, 24)}`)

const judged = (
  verdicts: ReadonlyArray<Verdict>,
  here: LimitsHere,
  options: {
    readonly quoteId: QuoteId | undefined
    readonly unlessKnown: (() => ClientOrderId) | undefined
  }
): Judgement => {
  const refusals = verdicts.filter(({ outcome }) => outcome === "deny")
  if (refusals.length === 0) return { _tag: "Passed", quoteId: options.quoteId }
  const problem = "problem" in here ? here.problem : undefined
  return { _tag: "Denied", reason: denialOf(refusals, problem), unlessKnown: options.unlessKnown }
}

const limitsOf = (here: LimitsHere): RiskLimits | undefined => ("limits" in here ? here.limits : undefined)

/** The instruments that were named, or which of the names nobody knows. */
const namedIn = (
  { moment, symbols }: DeskReading,
  names: ReadonlyArray<string>
): ReadonlyArray<Instrument> | Judgement => {
  const unknown = names.find((_, at) => moment.instruments[at] === undefined)
  return unknown === undefined
    ? moment.instruments.flatMap((one) => one ?? [])
    : unknownInstrument(unknown, symbols)
}

const place = (reading: DeskReading, here: LimitsHere, terms: OrderTerms): Judgement => {
  const { moment } = reading
  const intent = intentOf(terms)
  if (intent === undefined) return { _tag: "Unfitting" }
  const legs = intent._tag === "Single" ? [intent] : intent.legs
  const instruments = namedIn(
    reading,
    legs.map(({ symbol }) => symbol)
  )
  if ("_tag" in instruments) return instruments
  const given = contentOf(intent, instruments)
  if (given === undefined) return unfitting(instruments)
  const content = inOrder(given)
  const quoteIds = legs.map(({ quoteId }) => quoteId)
  const quoteId = intent._tag === "Single" ? intent.quoteId : comboQuoteId(quoteIds)
  const repeat = terms.repeat === true
  const view = rulesView(moment, { order: content, limits: limitsOf(here), cited: moment.cited })
  return judged(evaluate(view, { content, repeat }).verdicts, here, {
    quoteId,
    unlessKnown: repeat ? undefined : () => nameOf(moment.book.accountId, quoteId, content)
  })
}

const replace = ({ moment }: DeskReading, here: LimitsHere, terms: ReplaceTerms): Judgement => {
  const live = liveOrder(moment.book, clientOrderId(terms.orderId))
  if (live === undefined) {
    return denied(
      `no order ${terms.orderId} that can still change: get_orders shows those that work. Nothing was changed.`
    )
  }
  const change = changeOf(terms)
  if (change === undefined) return { _tag: "Unfitting" }
  const { content } = live.order
  const { quoteId, quoteIds } = terms
  if ((quoteIds?.length ?? 0) !== (content.legs?.length ?? 0)) {
    return denied(
      content.legs === undefined
        ? `order ${terms.orderId} has no legs: cite its one quote in quote_id. Nothing was changed.`
        : `order ${terms.orderId} has ${content.legs.length} legs: cite a quote for each of them in quote_ids. Nothing was changed.`
    )
  }
  const view = rulesView(moment, {
    order: content,
    limits: limitsOf(here),
    cited: moment.cited,
    without: live
  })
  return judged(evaluate(view, changed(live, change)).verdicts, here, {
    quoteId: quoteIds === undefined ? quoteId : comboQuoteId(quoteIds),
    unlessKnown: undefined
  })
}

/** What would close the holding that is named: a structure by its id, or all or a part of one position; or why nothing does. */
const closingOf = (reading: DeskReading, terms: CloseTerms): OrderContent | Judgement => {
  const { book, session } = reading.moment
  const positions = Ledger.positions(book.ledger)
  const structure = structureNamed(positions, terms.symbol)
  if (structure !== undefined) {
    const parts = unitsOf(structure, terms.quantity)
    const content = typeof parts === "string" ? parts : closingTogether(parts, session)
    return typeof content === "string" ? denied(`${content}. Nothing was sent.`) : content
  }
  const instruments = namedIn(reading, [terms.symbol])
  if ("_tag" in instruments) return instruments
  const [instrument] = instruments
  const held = positions.find(({ instrumentId }) => instrumentId === instrument?.id)
  return held === undefined
    ? denied(`there is no position in ${instrument?.id} to close: get_positions shows what is held.`)
    : closing(held, session, terms.quantity)
}

/** The broker takes quotes of its own when it closes a position: how old the desk's newest ones are does not matter. */
const close = (reading: DeskReading, here: LimitsHere, terms: CloseTerms): Judgement => {
  const { moment } = reading
  const content = closingOf(reading, terms)
  if ("_tag" in content) return content
  const cited = tradedBy(content).flatMap((id) => moment.quotes.get(id) ?? [])
  const view = rulesView(moment, { order: content, limits: limitsOf(here), cited })
  const { verdicts } = evaluate(view, { content, repeat: false })
  return judged(
    verdicts.filter(({ rule }) => rule !== "quote-freshness"),
    here,
    { quoteId: undefined, unlessKnown: undefined }
  )
}

/** The call held against every rule, but for the permit, which is what comes of it. */
export const judge = (reading: DeskReading, here: LimitsHere, call: Terms): Judgement => {
  switch (call.tool) {
    case "place_order":
      return place(reading, here, call.terms)
    case "replace_order":
      return replace(reading, here, call.terms)
    case "close_position":
      return close(reading, here, call.terms)
  }
}
