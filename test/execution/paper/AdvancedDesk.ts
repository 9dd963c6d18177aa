/** A desk made of the matching core and `SessionAdvance` alone: its market is whatever ticks it is given. */
import { accountId, clientOrderId, tradeId } from "../../../src/domain/Identifiers.ts"
import type { Instrument } from "../../../src/domain/Instrument.ts"
import type { JournalEvent } from "../../../src/domain/JournalEvent.ts"
import {
  dollars,
  formatMicros,
  type Money,
  type Price,
  pricePerShare,
  shares,
  zeroMoney
} from "../../../src/domain/Money.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { make, type MatchingCore } from "../../../src/execution/paper/MatchingCore.ts"
import {
  advance,
  type AdvancePolicy,
  type Standing,
  type Stretch
} from "../../../src/execution/paper/SessionAdvance.ts"
import type { VenueModels } from "../../../src/execution/paper/VenueMemory.ts"
import { applyAllToVenueAccount, emptyVenueAccount } from "../../../src/execution/VenueAccount.ts"
import * as Ledger from "../../../src/portfolio/Ledger.ts"
import * as CircuitBreaker from "../../../src/risk/CircuitBreaker.ts"
import { defaultLimits } from "../../../src/risk/RiskLimits.ts"
import { frictionless } from "./PaperMarket.ts"

export interface AdvancedDesk {
  readonly core: MatchingCore
  readonly standing: () => Standing
  /** Everything that happened, the opening included. */
  readonly events: () => ReadonlyArray<JournalEvent>
  /** Puts a position into the books by a fill of our own making; negative sells. */
  readonly hold: (instrument: Instrument, amount: number, at: number) => void
  /** What the position's last price is taken to be. */
  readonly mark: (instrument: Instrument, at: number) => void
  readonly play: (stretch: Stretch) => ReadonlyArray<JournalEvent>
  /** Events of the core between stretches, into the books. */
  readonly take: (events: ReadonlyArray<JournalEvent>) => void
  /** "ACME.XNAS 100, …" without cash. */
  readonly held: () => ReadonlyArray<string>
  readonly cash: () => Money
}

export const advancedDesk = (options: {
  readonly instrument: (id: Instrument["id"]) => Instrument | undefined
  readonly cash?: number
  readonly models?: Partial<VenueModels>
  readonly threshold?: Price
  /** Ratios beyond which the breaker acts; by default it never does. */
  readonly limits?: Partial<typeof defaultLimits>
  /** What is borrowed, and what that costs. */
  readonly policy?: Pick<AdvancePolicy, "borrow" | "margin">
}): AdvancedDesk => {
  const core = make({ instrument: options.instrument, models: { ...frictionless, ...options.models } })
  const events: Array<JournalEvent> = []
  let standing: Standing = {
    ledger: Ledger.empty(accountId("test")),
    breaker: CircuitBreaker.initialBreaker,
    marks: new Map()
  }
  const take = (happened: ReadonlyArray<JournalEvent>): void => {
    for (const event of happened) {
      events.push(event)
      standing = {
        ...standing,
        ledger: Ledger.apply(standing.ledger, event),
        breaker: CircuitBreaker.applyEvent(standing.breaker, event)
      }
    }
  }
  take([
    { _tag: "AccountOpened", tsEvent: timestamp(0), accountId: accountId("test") },
    { _tag: "CashDeposited", tsEvent: timestamp(0), amount: dollars(options.cash ?? 1_000_000) }
  ])
  let bought = 0
  const mark = (instrument: Instrument, at: number): void => {
    standing = { ...standing, marks: new Map([...standing.marks, [instrument.id, pricePerShare(at)]]) }
  }
  return {
    core,
    standing: () => standing,
    events: () => events,
    hold: (instrument, amount, at) => {
      bought += 1
      take([
        {
          _tag: "OrderFilled",
          tsEvent: timestamp(0),
          clientOrderId: clientOrderId(`h${bought}`),
          tradeId: tradeId(`H-${bought}`),
          instrumentId: instrument.id,
          side: amount > 0 ? "BUY" : "SELL",
          quantity: shares(Math.abs(amount)),
          price: pricePerShare(at),
          fee: zeroMoney,
          multiplier: instrument.multiplier,
          ...(instrument._tag === "Option" ? { contract: instrument.contract } : {}),
          final: true
        }
      ])
      mark(instrument, at)
    },
    mark,
    play: (stretch) => {
      const played = advance(standing, core, stretch, {
        limits: { ...defaultLimits, dailyLossRatio: 10, drawdownRatio: 10, ...options.limits },
        resumePolicy: { _tag: "Never" },
        exerciseThreshold: options.threshold ?? pricePerShare(0.01),
        ...options.policy
      })
      events.push(...played.events)
      standing = played
      return played.events
    },
    take,
    held: () =>
      Ledger.positions(standing.ledger).map(
        ({ instrumentId, quantity }) => `${instrumentId.split(".")[0]} ${formatMicros(quantity)}`
      ),
    cash: () => standing.ledger.cash
  }
}

/** What the venue's own account comes to, from the same events. */
export const venueAccountOf = (desk: AdvancedDesk) => applyAllToVenueAccount(emptyVenueAccount, desk.events())
