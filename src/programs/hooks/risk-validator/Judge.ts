/** What the rules say of a call, on a desk as it was read. Pure. */
import canonicalize from "canonicalize"
import { clientOrderId, type ClientOrderId, type QuoteId } from "../../../domain/Identifiers.ts"
import { nearest } from "../../../domain/Nearest.ts"
import type { OrderContent } from "../../../domain/Order.ts"
import { sha256 } from "../../../domain/Sha256.ts"
import type { Verdict } from "../../../domain/Verdict.ts"
import { liveOrder } from "../../../execution/Book.ts"
import { type Asked, type DeskReading, rulesView } from "../../../execution/DeskSnapshot.ts"
import { changed, closing } from "../../../execution/ProposedOrders.ts"
import * as Ledger from "../../../portfolio/Ledger.ts"
import type { RiskLimits } from "../../../risk/RiskLimits.ts"
import { evaluate } from "../../../risk/RiskRules.ts"
import type { CloseTerms, OrderTerms, ReplaceTerms } from "../../mcp/broker/OrderTerms.ts"
import { denialOf } from "./Denial.ts"
import { changeOf, contentOf, type Terms } from "./ToolInput.ts"

/** What a desk is asked for one call. */
export const askedBy = (call: Terms): Asked => {
  switch (call.tool) {
    case "place_order":
      return { what: { _tag: "Named", name: call.terms.symbol }, quoteId: call.terms.quoteId }
    case "replace_order":
      return { what: { _tag: "OfOrder", id: call.terms.orderId }, quoteId: call.terms.quoteId }
    case "close_position":
      return { what: { _tag: "Named", name: call.terms.symbol }, quoteId: undefined }
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

const denied = (reason: string): Judgement => ({ _tag: "Denied", reason, unlessKnown: undefined })

/** How many names are proposed for one that nobody knows. */
const PROPOSED = 3

const unknownInstrument = (name: string, symbols: ReadonlyArray<string>): Judgement => {
  const [wanted = ""] = name.trim().toUpperCase().split(".")
  const close = nearest(wanted, symbols, PROPOSED)
  const hint = close.length === 0 ? "no instrument is known" : `nearest: ${close.join(", ")}`
  return denied(
    `no instrument "${name}" in this desk's market data; ${hint}. search_instruments shows what there is.`
  )
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

const place = ({ moment, symbols }: DeskReading, here: LimitsHere, terms: OrderTerms): Judgement => {
  const { book, cited, instrument } = moment
  if (instrument === undefined) return unknownInstrument(terms.symbol, symbols)
  const content = contentOf(terms, instrument.id)
  if (content === undefined) return { _tag: "Unfitting" }
  const repeat = terms.repeat === true
  const view = rulesView(moment, { instrumentId: instrument.id, limits: limitsOf(here), cited })
  return judged(evaluate(view, { content, repeat }).verdicts, here, {
    quoteId: terms.quoteId,
    unlessKnown: repeat ? undefined : () => nameOf(book.accountId, terms.quoteId, content)
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
  const view = rulesView(moment, {
    instrumentId: live.order.content.instrumentId,
    limits: limitsOf(here),
    cited: moment.cited,
    without: live
  })
  return judged(evaluate(view, changed(live, change)).verdicts, here, {
    quoteId: terms.quoteId,
    unlessKnown: undefined
  })
}

/** The broker takes a quote of its own when it closes a position: how old the desk's newest one is does not matter. */
const close = ({ moment, symbols }: DeskReading, here: LimitsHere, terms: CloseTerms): Judgement => {
  const { book, instrument, quotes, session } = moment
  if (instrument === undefined) return unknownInstrument(terms.symbol, symbols)
  const held = Ledger.positions(book.ledger).find(({ instrumentId }) => instrumentId === instrument.id)
  if (held === undefined)
    return denied(`there is no position in ${instrument.id} to close: get_positions shows what is held.`)
  const view = rulesView(moment, {
    instrumentId: instrument.id,
    limits: limitsOf(here),
    cited: quotes.get(instrument.id)
  })
  const { verdicts } = evaluate(view, { content: closing(held, session, terms.quantity), repeat: false })
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
