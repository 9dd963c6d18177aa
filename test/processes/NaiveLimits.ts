/**
 * Whether a limit was passed at any line of a journal: counted anew, order by order, with none of the code that
 * decides. Working orders and those of unknown fate count as filled, at what they may cost.
 *
 * For long positions of cash accounts: the races sell only what is held.
 */
import type { QuoteTick } from "../../src/domain/Quote.ts"
import type { OrderContent } from "../../src/domain/Order.ts"
import type { JournalEntry } from "../../src/execution/OrderJournal.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"

interface Open {
  readonly content: OrderContent
  /** Millionths of a dollar a share at most. */
  readonly price: bigint
  readonly isExit: boolean
  leaves: bigint
}

interface Sent {
  readonly content: string
  readonly tsMarket: number
  readonly tsWall: number
}

/** Millionths of a dollar that an instrument's share is worth at a market time. */
export type MarkAt = (instrument: string, ts: number) => bigint

const MILLION = 1_000_000n
const parts = (ratio: number): bigint => BigInt(Math.round(ratio * 1e6))
/** `ratio` of `whole`, rounded up. */
const shareUp = (whole: bigint, ratio: number): bigint => (whole * parts(ratio) + MILLION - 1n) / MILLION
const share = (whole: bigint, ratio: number): bigint => (whole * parts(ratio)) / MILLION
const worth = (quantity: bigint, price: bigint): bigint => (quantity * price) / MILLION
const dollars = (micros: bigint): string => `$${(Number(micros) / 1e6).toFixed(2)}`

const dearest = ({ type }: OrderContent, quote: QuoteTick, collar: number): bigint => {
  const market = BigInt(quote.ask) + shareUp(BigInt(quote.ask), collar)
  if (type._tag !== "Limit") return market
  const limit = BigInt(type.limitPrice)
  return limit < market ? limit : market
}

const sizeOf = ({ size }: OrderContent): bigint => {
  if (size._tag !== "Quantity") throw new Error("the races order by quantity")
  return BigInt(size.quantity)
}

const ends = new Set(["OrderDenied", "OrderRejected", "OrderCanceled", "OrderExpired"])

export interface Usage {
  readonly passed: ReadonlyArray<string>
  /** Entries that went out, and how many of them filled in full or in part. */
  readonly sent: number
  readonly filled: number
  /** The most that came together of each, in its own unit: millionths of a dollar, or a count. */
  readonly most: Readonly<Record<"position" | "gross" | "cash" | "open" | "minute", number>>
}

export const naiveUsage = (lines: ReadonlyArray<JournalEntry>, limits: RiskLimits, markAt: MarkAt): Usage => {
  const passed: Array<string> = []
  const asked = new Map<string, Open>()
  const open = new Map<string, Open>()
  const held = new Map<string, bigint>()
  const sent: Array<Sent> = []
  const filled = new Set<string>()
  const seen = new Set<string>()
  const most = { position: 0, gross: 0, cash: 0, open: 0, minute: 0 }
  let cash = 0n
  let priorClose = 0n
  let reducingOnly = false

  const holding = (id: string) => held.get(id) ?? 0n
  const working = (id: string, side: "BUY" | "SELL") =>
    [...open.values()].filter(
      ({ content, isExit }) => !isExit && content.instrumentId === id && content.side === side
    )
  const value = (id: string, ts: number) =>
    working(id, "BUY").reduce(
      (sum, { leaves, price }) => sum + worth(leaves, price),
      worth(holding(id), markAt(id, ts))
    )

  const hold = (name: string, what: keyof typeof most, is: bigint | number, limit: bigint | number) => {
    most[what] = Math.max(most[what], Number(is))
    if (is > limit) passed.push(`${name}: ${what} came to ${is}, more than ${limit}`)
  }

  /** An entry has just been sent. */
  const check = ({ event, tsWall }: JournalEntry, name: string, order: Open) => {
    const ts = event.tsEvent
    const id = order.content.instrumentId
    hold(name, "open", open.size, limits.openOrders)
    const { ordersPerMinute, reservedForReducing } = limits
    const within = (of: (one: Sent) => number, now: number) =>
      sent.filter((one) => of(one) > now - 60_000_000).length
    const minute = Math.max(
      within((one) => one.tsMarket, ts),
      within((one) => one.tsWall, tsWall)
    )
    if (order.content.side === "SELL") {
      if (ordersPerMinute !== null) hold(name, "minute", minute, ordersPerMinute)
      const selling = working(id, "SELL").reduce((sum, { leaves }) => sum + leaves, 0n)
      if (selling > holding(id)) passed.push(`${name}: ${selling} of ${id} on sale, ${holding(id)} held`)
      return
    }
    if (ordersPerMinute !== null) hold(name, "minute", minute, ordersPerMinute - reservedForReducing)
    const ids = new Set([...held.keys(), ...[...open.values()].map(({ content }) => content.instrumentId)])
    let equity = cash
    let gross = 0n
    for (const each of ids) {
      equity += worth(holding(each), markAt(each, ts))
      gross += value(each, ts)
    }
    hold(name, "position", value(id, ts), share(equity, limits.positionRatio))
    hold(name, "gross", gross, share(equity, limits.grossExposureRatio))
    let tiedUp = 0n
    for (const each of ids)
      for (const { leaves, price } of working(each, "BUY")) tiedUp += worth(leaves, price)
    hold(name, "cash", tiedUp, cash)
    const loss = priorClose - equity
    if (loss >= shareUp(priorClose, limits.dailyLossRatio)) {
      passed.push(`${name}: sent with the day's loss at ${dollars(loss)} of ${dollars(priorClose)}`)
    }
    if (reducingOnly) passed.push(`${name}: sent while only reducing orders are taken`)
    const content = sent.at(-1)?.content
    const window = limits.duplicateWindowSeconds * 1e6
    const like = sent
      .slice(0, -1)
      .find((one) => one.content === content && (ts - one.tsMarket < window || tsWall - one.tsWall < window))
    if (like !== undefined)
      passed.push(`${name}: the same order was sent ${(tsWall - like.tsWall) / 1e6} s before`)
  }

  for (const line of lines) {
    const { event } = line
    switch (event._tag) {
      case "CashDeposited":
        cash += BigInt(event.amount)
        priorClose += BigInt(event.amount)
        break
      case "SessionOpened":
        priorClose = BigInt(event.priorCloseEquity)
        break
      case "TradingStateChanged":
        reducingOnly = event.to !== "Active"
        break
      case "OrderInitialized":
        asked.set(event.clientOrderId, {
          content: event.content,
          price:
            event.quote === undefined ? 0n : dearest(event.content, event.quote, limits.priceCollarRatio),
          isExit: event.parent !== undefined,
          leaves: sizeOf(event.content)
        })
        break
      case "OrderSubmitted": {
        const order = asked.get(event.clientOrderId)
        if (order === undefined) passed.push(`${event.clientOrderId} was sent without having been asked for`)
        else open.set(event.clientOrderId, order)
        break
      }
      case "OrderFilled": {
        const order = open.get(event.clientOrderId)
        const quantity = BigInt(event.quantity)
        const isBuy = event.side === "BUY"
        held.set(event.instrumentId, holding(event.instrumentId) + (isBuy ? quantity : -quantity))
        cash += (isBuy ? -1n : 1n) * worth(quantity, BigInt(event.price)) - BigInt(event.fee)
        filled.add(event.clientOrderId)
        if (order !== undefined) order.leaves -= quantity
        if (event.final) open.delete(event.clientOrderId)
        break
      }
      default:
        if (ends.has(event._tag) && "clientOrderId" in event) open.delete(event.clientOrderId)
    }
    if (event._tag === "OrderSubmitted") {
      const order = open.get(event.clientOrderId)
      // What is sent again in place of a process that died is the same message.
      if (order === undefined || order.isExit || seen.has(event.clientOrderId)) continue
      seen.add(event.clientOrderId)
      sent.push({ content: JSON.stringify(order.content), tsMarket: event.tsEvent, tsWall: line.tsWall })
      check(line, event.clientOrderId, order)
    }
  }
  return { passed, sent: sent.length, filled: filled.size, most }
}
