/**
 * An account's days, from close to close: the fold of its journal that
 * histories are made of. A day takes everything from one session's close
 * (deposits of the night, corporate actions of the morning) to the next
 * session's. Plain immutable data; the last days are kept whole, of older ones
 * the close.
 */
import { type Money, money, zeroMoney } from "../domain/Money.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { AccountClose } from "../portfolio/AccountCurve.ts"
import { chargesAfter, type ChargesByInstrument, noCharges } from "../portfolio/DailyPnl.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import * as CircuitBreaker from "../risk/CircuitBreaker.ts"
import { unopened } from "./Book.ts"
import type { JournalEntry } from "./OrderJournal.ts"

/** Days that are kept whole, the one under way aside. */
export const MAX_DAYS = 60

/** From a close to the next, or as far as it has come. */
export interface AccountDay {
  /** The session it is of; absent while that has not opened. */
  readonly date: SessionDate | undefined
  /** The books at the close before, and what the account was worth; empty books before the first. */
  readonly before: Ledger.LedgerState
  readonly equityBefore: Money
  /** The close before; absent in an account's first day. */
  readonly tsBefore: Timestamp | undefined
  /** What the day's loss is measured from: `equityBefore`, or what was deposited into an account that had nothing. */
  readonly priorCloseEquity: Money
  /** Deposits less withdrawals that are not in it. */
  readonly netFlows: Money
  readonly ledger: Ledger.LedgerState
  readonly charges: ChargesByInstrument
}

/** A day that has ended. */
export interface ClosedDay extends AccountDay {
  readonly date: SessionDate
  readonly equity: Money
  readonly tsClose: Timestamp
}

export interface AccountDays {
  /** The last journal line it includes. */
  readonly sequence: number
  /** Every close of the account, oldest first. */
  readonly closes: ReadonlyArray<AccountClose>
  /** The last of them, whole. */
  readonly closed: ReadonlyArray<ClosedDay>
  readonly today: AccountDay
  readonly breaker: CircuitBreaker.BreakerState
}

const firstDay = (accountId: Ledger.LedgerState["accountId"]): AccountDay => {
  const nothing = Ledger.empty(accountId)
  return {
    date: undefined,
    before: nothing,
    equityBefore: zeroMoney,
    tsBefore: undefined,
    priorCloseEquity: zeroMoney,
    netFlows: zeroMoney,
    ledger: nothing,
    charges: noCharges
  }
}

/** Before an account is open. */
export const noDays: AccountDays = {
  sequence: 0,
  closes: [],
  closed: [],
  today: firstDay(unopened.accountId),
  breaker: CircuitBreaker.initialBreaker
}

const closeDay = (days: AccountDays, date: SessionDate, equity: Money, tsClose: Timestamp): AccountDays => {
  const { before, ledger } = days.today
  const close: AccountClose = {
    date,
    equity,
    deposits: money(ledger.deposits - before.deposits),
    withdrawals: money(ledger.withdrawals - before.withdrawals)
  }
  return {
    ...days,
    closes: [...days.closes, close],
    closed: [...days.closed, { ...days.today, date, equity, tsClose }].slice(-MAX_DAYS),
    today: {
      date: undefined,
      before: ledger,
      equityBefore: equity,
      tsBefore: tsClose,
      priorCloseEquity: equity,
      netFlows: zeroMoney,
      ledger,
      charges: noCharges
    }
  }
}

/** The days after one journal line. Lines must come in order, each one sequence after the last. */
export const apply = (before: AccountDays, { event, sequence }: JournalEntry): AccountDays => {
  if (sequence !== before.sequence + 1) {
    throw new RangeError(`journal line ${sequence} applied to days at ${before.sequence}`)
  }
  const days = { ...before, sequence, breaker: CircuitBreaker.applyEvent(before.breaker, event) }
  switch (event._tag) {
    case "AccountOpened":
      return { ...noDays, sequence, today: firstDay(event.accountId) }
    case "SessionClosed":
      return closeDay(days, event.date, event.equity, event.tsEvent)
    default: {
      const { today } = days
      const { netFlows, priorCloseEquity } = days.breaker
      return {
        ...days,
        today: {
          ...today,
          date: event._tag === "SessionOpened" ? event.date : today.date,
          priorCloseEquity,
          netFlows,
          charges: chargesAfter(today.charges, event, today.ledger),
          ledger: Ledger.apply(today.ledger, event)
        }
      }
    }
  }
}
