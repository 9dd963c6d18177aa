/**
 * The books of one account: exact double entry, folded from the journal.
 *
 * `LedgerState` is plain immutable data. Every event that touches the books
 * posts entries that sum to zero, to these accounts: cash, each position at
 * cost, realised profit, fees, dividends, deposits, withdrawals, corrections.
 * Nothing else moves a figure. With marks it holds, to the micro, whatever the fills:
 *
 *   cash + market value = deposits − withdrawals + realised + unrealised + dividends − fees + corrections
 *
 * Fees are an expense of their own (what borrowed shares and money cost by the night is among them), neither in a position's cost nor in its
 * realised profit. Cash paid for a fraction of a share in a split is the sale
 * of that fraction and so part of realised. The books carry realised profit by
 * average cost; the profit by FIFO lots stands beside it in each position.
 */
import { Effect, Result, Schema } from "effect"
import { AccountId, InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf } from "../domain/JournalEvent.ts"
import {
  MICROS,
  Money,
  money,
  notional,
  type Price,
  proportion,
  quantity,
  zeroMoney
} from "../domain/Money.ts"
import { type ClosedLot, costOf, quantityOf } from "./Lots.ts"
import {
  adjustOption,
  correctPosition,
  deliverShares,
  endOption,
  exactMoney,
  fillPosition,
  Position,
  type PositionChange,
  splitPosition
} from "./Position.ts"

/** An account of the books. Debits are positive: cash and cost grow by them, income and equity shrink. */
export const LedgerAccount = Schema.Literals([
  "cash",
  "position",
  "realised",
  "fees",
  "dividends",
  "deposits",
  "withdrawals",
  "corrections"
])
export type LedgerAccount = typeof LedgerAccount.Type

/** One side of an entry; `instrumentId` names the position, and whose profit or dividend it is. */
export interface Posting {
  readonly account: LedgerAccount
  readonly instrumentId?: InstrumentId
  /** Debit positive, credit negative. */
  readonly amount: Money
}

const figures = {
  accountId: AccountId,
  cash: Money,
  /** Sums since the account was opened, each positive in its own sense. */
  deposits: Money,
  withdrawals: Money,
  /** By average cost; the sum of the positions' own. */
  realised: Money,
  /** Received less paid (short positions pay them). */
  dividends: Money,
  fees: Money,
  /** Worth of what the venue turned out to hold beyond these books, less what it did not hold. */
  corrections: Money.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  /** Closed positions stay, with their realised profit and no quantity. */
  positions: Schema.Record(InstrumentId, Position)
}

interface Figures {
  readonly cash: number
  readonly deposits: number
  readonly withdrawals: number
  readonly realised: number
  readonly dividends: number
  readonly fees: number
  readonly corrections: number
  readonly positions: { readonly [id: string]: Position }
}

const atCost = (state: Figures): number =>
  Object.values(state.positions).reduce((sum, position) => sum + position.cost, 0)

/** Debits less credits over all accounts: zero, always. */
export const trialBalance = (state: Figures): number => {
  return (
    state.cash +
    atCost(state) +
    state.fees +
    state.withdrawals -
    state.deposits -
    state.realised -
    state.dividends -
    state.corrections
  )
}

const wrongWith = (state: Figures): true | string => {
  const off = trialBalance(state)
  if (off !== 0) return `expected books that balance, debits exceed credits by ${off} micros`
  for (const position of Object.values(state.positions)) {
    if (quantityOf(position.lots) !== position.quantity) {
      return `expected the lots of ${position.instrumentId} to sum to its quantity ${position.quantity}`
    }
    // Both methods split the same cash between what is realised and what is still open.
    if (position.realised - position.cost !== position.realisedFifo - costOf(position.lots)) {
      return `expected average cost and FIFO lots of ${position.instrumentId} to account for the same cash`
    }
  }
  return true
}

/** True when the books balance, and each position agrees with its lots. */
export const isBalanced = (state: Figures): boolean => wrongWith(state) === true

/** The books as plain data; decoding refuses books that do not balance. */
export const LedgerState = Schema.Struct(figures).pipe(Schema.check(Schema.makeFilter(wrongWith)))
export type LedgerState = typeof LedgerState.Type

/** Books of an account that nothing has happened to yet. */
export const empty = (accountId: AccountId): LedgerState => ({
  accountId,
  cash: zeroMoney,
  deposits: zeroMoney,
  withdrawals: zeroMoney,
  realised: zeroMoney,
  dividends: zeroMoney,
  fees: zeroMoney,
  corrections: zeroMoney,
  positions: {}
})

/** What an event does to the books: its postings, and the positions it changes. */
interface Entry {
  readonly postings: ReadonlyArray<Posting>
  readonly changes: ReadonlyArray<PositionChange>
}

const nothing: Entry = { postings: [], changes: [] }

const posts = (postings: ReadonlyArray<Posting>): Entry => ({ postings, changes: [] })

const transfer = (account: LedgerAccount, amount: Money): ReadonlyArray<Posting> => [
  { account: "cash", amount },
  { account, amount: money(0 - amount) }
]

/** What a change does to its position; cash, or whatever else the amount came from, has the other side. */
const bookedPostings = ({ after, before }: PositionChange): ReadonlyArray<Posting> => {
  const { instrumentId } = after
  return [
    { account: "position", instrumentId, amount: money(after.cost - before.cost) },
    { account: "realised", instrumentId, amount: money(before.realised - after.realised) }
  ]
}

const positionPostings = (change: PositionChange): ReadonlyArray<Posting> => [
  { account: "cash", amount: money(0 - change.amount) },
  ...bookedPostings(change)
]

/**
 * A contract that is exercised or assigned. In shares: they come (or go) for the
 * amount paid (or received) and what the option had cost, which leaves the option
 * with them; of cash only the amount moves. In cash: that is what the option brought.
 */
const exerciseEntry = (
  state: LedgerState,
  event: JournalEventOf<"OptionExercised" | "OptionAssigned">
): Entry => {
  const option = endOption(state.positions[event.instrumentId], event)
  const fee = transfer("fees", money(0 - event.fee))
  const { delivery } = event
  if (delivery === undefined) return { postings: [...positionPostings(option), ...fee], changes: [option] }
  const paid = delivery.side === "BUY" ? delivery.amount : money(0 - delivery.amount)
  const shares = deliverShares(state.positions[delivery.instrumentId], {
    ...delivery,
    tsEvent: event.tsEvent,
    amount: exactMoney(paid - option.amount, `the cost of delivery ${delivery.tradeId}`)
  })
  return {
    postings: [
      { account: "cash", amount: money(0 - paid) },
      ...bookedPostings(option),
      ...bookedPostings(shares),
      ...fee
    ],
    changes: [option, shares]
  }
}

const entryOf = (state: LedgerState, event: JournalEvent): Entry => {
  switch (event._tag) {
    case "OrderFilled": {
      const change = fillPosition(state.positions[event.instrumentId], event)
      const fee = transfer("fees", money(0 - event.fee))
      return { postings: [...positionPostings(change), ...fee], changes: [change] }
    }
    case "SplitApplied": {
      const held = state.positions[event.instrumentId]
      if (held === undefined) return nothing
      const change = splitPosition(held, event)
      return { postings: positionPostings(change), changes: [change] }
    }
    case "OptionExercised":
    case "OptionAssigned":
      return exerciseEntry(state, event)
    case "OptionExpired": {
      const change = endOption(state.positions[event.instrumentId], event)
      return { postings: positionPostings(change), changes: [change] }
    }
    case "OptionAdjusted": {
      const held = state.positions[event.instrumentId]
      if (held === undefined || held.quantity === 0) return nothing
      const changes = adjustOption(held, state.positions[event.to], event)
      return { postings: changes.flatMap(bookedPostings), changes }
    }
    case "DividendPaid": {
      const { amount, instrumentId } = event
      return posts([
        { account: "cash", amount },
        { account: "dividends", instrumentId, amount: money(0 - amount) }
      ])
    }
    case "BorrowFeeCharged": {
      const { amount, instrumentId } = event
      return posts([
        { account: "cash", amount: money(0 - amount) },
        { account: "fees", instrumentId, amount }
      ])
    }
    case "InterestCharged":
      return posts(transfer("fees", money(0 - event.amount)))
    case "PositionCorrected": {
      const change = correctPosition(state.positions[event.instrumentId], event)
      return {
        postings: [...bookedPostings(change), { account: "corrections", amount: money(0 - change.amount) }],
        changes: [change]
      }
    }
    case "CashCorrected":
      return posts(transfer("corrections", money(event.to - state.cash)))
    case "CashDeposited":
      return posts(transfer("deposits", event.amount))
    case "CashWithdrawn":
      return posts(transfer("withdrawals", money(0 - event.amount)))
    default:
      return nothing
  }
}

/** The entries `event` posts to books in `state`; they sum to zero, those of nothing are left out. */
export const postings = (event: JournalEvent, state: LedgerState): ReadonlyArray<Posting> =>
  entryOf(state, event).postings.filter((posting) => posting.amount !== 0)

/**
 * The lots `event` closes, oldest first: a tax record of each; empty for events
 * that close none. Those of an option whose cost the shares carry on close for
 * what they cost; the shares that its delivery closes come after them.
 */
export const closedLots = (event: JournalEvent, state: LedgerState): ReadonlyArray<ClosedLot> =>
  entryOf(state, event).changes.flatMap(({ closed }) => closed)

const withChanges = (
  held: LedgerState["positions"],
  changes: ReadonlyArray<PositionChange>
): LedgerState["positions"] => {
  let after = held
  for (const change of changes) after = { ...after, [change.after.instrumentId]: change.after }
  return after
}

/** The books after a fill: what its postings sum to, without making them. */
const filled = (state: LedgerState, event: JournalEventOf<"OrderFilled">): LedgerState => {
  const change = fillPosition(state.positions[event.instrumentId], event)
  const { after, amount, before } = change
  return {
    ...state,
    cash: exactMoney(state.cash - amount - event.fee, "cash"),
    realised: exactMoney(state.realised + after.realised - before.realised, "realised profit"),
    fees: exactMoney(state.fees + event.fee, "fees"),
    positions: { ...state.positions, [after.instrumentId]: after }
  }
}

/**
 * The books after `event`. Events that do not touch them give the same state
 * back. Throws only on a bug upstream: a sum past 2^53 micros, a fill whose
 * multiplier or contract is not its open position's, or an option's end that is
 * of more contracts than are held that way.
 */
export const apply = (state: LedgerState, event: JournalEvent): LedgerState => {
  if (event._tag === "OrderFilled") return filled(state, event)
  const { changes, postings: posted } = entryOf(state, event)
  if (posted.length === 0) return state
  const net = {
    cash: 0,
    position: 0,
    realised: 0,
    fees: 0,
    dividends: 0,
    deposits: 0,
    withdrawals: 0,
    corrections: 0
  }
  for (const posting of posted) net[posting.account] += posting.amount
  return {
    accountId: state.accountId,
    cash: exactMoney(state.cash + net.cash, "cash"),
    deposits: exactMoney(state.deposits - net.deposits, "deposits"),
    withdrawals: exactMoney(state.withdrawals + net.withdrawals, "withdrawals"),
    realised: exactMoney(state.realised - net.realised, "realised profit"),
    dividends: exactMoney(state.dividends - net.dividends, "dividends"),
    fees: exactMoney(state.fees + net.fees, "fees"),
    corrections: exactMoney(state.corrections - net.corrections, "corrections"),
    positions: withChanges(state.positions, changes)
  }
}

/** The books after all `events`, in order. */
export const applyAll = (state: LedgerState, events: Iterable<JournalEvent>): LedgerState => {
  let books = state
  for (const event of events) books = apply(books, event)
  return books
}

/** Realised profit of the whole account by FIFO lots, fees apart. */
export const realisedFifo = (state: LedgerState): Money =>
  money(Object.values(state.positions).reduce((sum, position) => sum + position.realisedFifo, 0))

/** The open positions, by instrument id. */
export const positions = (state: LedgerState): ReadonlyArray<Position> => {
  const open: Array<Position> = []
  for (const position of Object.values(state.positions)) if (position.quantity !== 0) open.push(position)
  return open.length < 2 ? open : open.toSorted((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1))
}

/** Average cost per share or contract unit, rounded to the micro: to show, never to compute with. Zero when flat. */
export const averagePrice = (position: Position): Money => {
  const size = position.quantity * position.multiplier
  return size === 0 ? zeroMoney : money(proportion(position.cost, MICROS, size))
}

/** The price each instrument is valued at. */
export type Marks = ReadonlyMap<InstrumentId, Price>

/** The mark of an instrument; undefined where there is none, or one that is not a whole, non-negative number of micros. */
export const markOf = (marks: Marks, id: InstrumentId): Price | undefined => {
  const mark = marks.get(id)
  return mark !== undefined && Number.isSafeInteger(mark) && mark >= 0 ? mark : undefined
}

/** Open positions have no price to value them at: what depends on it is not known, and is not zero. */
export class MissingMark extends Schema.TaggedError<MissingMark>()("MissingMark", {
  instrumentIds: Schema.Array(InstrumentId),
  message: Schema.String
}) {}

/** Quantity × mark × multiplier, in micros, half to even; negative for short positions. */
export const positionValue = (position: Position, mark: Price): Money => {
  const value = notional(mark, quantity(Math.abs(position.quantity)), position.multiplier)
  return exactMoney(position.quantity < 0 ? 0 - value : value, `market value of ${position.instrumentId}`)
}

/** Open positions at their marks: what they sum to, and those without a mark, which are not in the sum. */
const valued = (
  state: LedgerState,
  marks: Marks
): { readonly sum: number; readonly missing: ReadonlyArray<InstrumentId> } => {
  let sum = 0
  let missing: ReadonlyArray<InstrumentId> = []
  for (const position of Object.values(state.positions)) {
    if (position.quantity === 0) continue
    const mark = markOf(marks, position.instrumentId)
    if (mark === undefined) {
      missing = [...missing, position.instrumentId]
    } else {
      sum += positionValue(position, mark)
    }
  }
  return { sum, missing }
}

/** Σ market value of the open positions, short ones negative; fails naming every position without a mark. */
export const marketValue = (state: LedgerState, marks: Marks): Result.Result<Money, MissingMark> => {
  const { missing, sum } = valued(state, marks)
  if (missing.length > 0) return Result.fail(missingMark(missing))
  return Result.succeed(exactMoney(sum, "market value"))
}

const missingMark = (instrumentIds: ReadonlyArray<InstrumentId>): MissingMark =>
  new MissingMark({
    instrumentIds,
    message: `no price for ${instrumentIds.join(", ")}: the account cannot be valued until the market data has one`
  })

/** Cash + market value. */
export const equity = (state: LedgerState, marks: Marks): Result.Result<Money, MissingMark> =>
  Result.map(marketValue(state, marks), (value) => exactMoney(state.cash + value, "equity"))

/** Cash + market value; undefined while an open position has no mark. */
export const equityAt = (state: LedgerState, marks: Marks): Money | undefined => {
  const { missing, sum } = valued(state, marks)
  return missing.length > 0 ? undefined : exactMoney(state.cash + exactMoney(sum, "market value"), "equity")
}

/** Market value − cost of the open positions. */
export const unrealised = (state: LedgerState, marks: Marks): Result.Result<Money, MissingMark> =>
  Result.map(marketValue(state, marks), (value) => exactMoney(value - atCost(state), "unrealised profit"))
