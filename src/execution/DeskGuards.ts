/** Guards of what a desk keeps beside its journal: the book, the paper venue, its clocks. See `domain/Guard.ts`. */
import {
  type Guard,
  isFinite,
  isFlag,
  isObject,
  isText,
  isWhole,
  list,
  oneOf,
  record,
  struct
} from "../domain/Guard.ts"
import {
  isAccountId,
  isClientOrderId,
  isContract,
  isInstrumentId,
  isLegTerms,
  isMoney,
  isMultiplier,
  isNetPrice,
  isOrder,
  isOrderContent,
  isOrderSize,
  isOrderType,
  isPrice,
  isQuoteSource,
  isSessionDate,
  isSignedQuantity,
  isTimestamp,
  isTradeId
} from "../domain/OrderGuards.ts"
import type { MarketTick } from "../market/MarketTick.ts"
import { MAXIMUM_SPEED, MINIMUM_SPEED, type ReplayState } from "../market/ReplayClock.ts"
import type { SteadyAnchor } from "../market/SteadyAnchor.ts"
import { isBalanced } from "../portfolio/Ledger.ts"
import type { BookState } from "./Book.ts"
import type { Progress } from "./paper/PaperMarket.ts"

const isPosition = struct(
  {
    instrumentId: isInstrumentId,
    multiplier: isMultiplier,
    quantity: isSignedQuantity,
    cost: isMoney,
    realised: isMoney,
    realisedFifo: isMoney,
    lots: list(struct({ tradeId: isTradeId, tsOpen: isTimestamp, quantity: isSignedQuantity, cost: isMoney }))
  },
  { contract: isContract }
)

const hasFigures = struct({
  accountId: isAccountId,
  cash: isMoney,
  deposits: isMoney,
  withdrawals: isMoney,
  realised: isMoney,
  dividends: isMoney,
  fees: isMoney,
  corrections: isMoney,
  positions: record(isInstrumentId, isPosition)
})

const isLedger: Guard<BookState["ledger"]> = (value): value is BookState["ledger"] =>
  hasFigures(value) && isBalanced(value)

const isLiveOrder = struct(
  {
    order: isOrder,
    contentKey: isText,
    valuePrice: isPrice,
    multiplier: isWhole,
    triggered: isFlag,
    tsSteady: isWhole
  },
  {
    terms: list(isLegTerms),
    netValue: isNetPrice,
    pendingUpdate: struct(
      { type: isOrderType, size: isOrderSize, valuePrice: isPrice },
      { netValue: isNetPrice }
    ),
    sentAgain: isFlag,
    cancelRequested: isFlag,
    despiteHalt: isFlag
  }
)

const isBreaker = struct(
  {
    priorCloseEquity: isMoney,
    netFlows: isMoney,
    peakEquity: isMoney,
    causes: struct({ dailyLoss: isFlag, drawdown: isFlag, killSwitch: isFlag }),
    sessionsSinceDrawdown: isWhole
  },
  { sessionDate: isSessionDate }
)

export const isBook: Guard<BookState> = struct(
  {
    accountId: isAccountId,
    sequence: isWhole,
    ledger: isLedger,
    orders: record(isClientOrderId, isLiveOrder),
    breaker: isBreaker,
    sent: list(struct({ tsMarket: isTimestamp, tsSteady: isWhole }, { content: isOrderContent })),
    tsLast: isTimestamp
  },
  {
    limits: struct({ profile: isText, hash: isText }),
    session: struct({ date: isSessionDate, open: isFlag }),
    haltSettled: oneOf("verified", "acknowledged"),
    corrections: struct({ count: isWhole, tsLast: isTimestamp, last: isText })
  }
)

/** A checkpoint's text; its book is looked at once it is known to be of this reading. */
export const isCheckpoint: Guard<{ readonly fold?: unknown; readonly book?: unknown }> = (
  value
): value is { readonly fold?: unknown; readonly book?: unknown } => isObject(value)

const isVolume = (value: unknown): value is MarketTick["volume"] => isFinite(value) && value >= 0

const isTick: Guard<MarketTick> = struct({
  instrumentId: isInstrumentId,
  tsEvent: isTimestamp,
  phase: oneOf("OPEN", "CONTINUOUS", "CLOSE"),
  bid: isPrice,
  ask: isPrice,
  last: isPrice,
  bidSize: isVolume,
  askSize: isVolume,
  volume: isVolume,
  source: isQuoteSource
})

const isProgress: Guard<Progress> = struct({
  advancedTo: isTimestamp,
  highWater: isMoney,
  marks: record(isInstrumentId, isPrice),
  account: struct({ cash: isMoney, positions: record(isInstrumentId, isSignedQuantity) })
})

/** Of the paper venue, what is seen of the market; its orders are the venue's business. */
export interface SeenByVenue {
  readonly progress: Progress
  readonly matching: {
    readonly books: ReadonlyArray<{ readonly instrumentId: string; readonly tick?: MarketTick }>
  }
}

export const isSeenByVenue: Guard<SeenByVenue> = struct({
  progress: isProgress,
  matching: struct({ books: list(struct({ instrumentId: isInstrumentId }, { tick: isTick })) })
})

const isSpeed: Guard<number> = (value): value is number =>
  isFinite(value) && value >= MINIMUM_SPEED && value <= MAXIMUM_SPEED

export const isReplayState: Guard<ReplayState> = struct({
  anchorMarket: isTimestamp,
  anchorSteady: isTimestamp,
  speed: isSpeed,
  running: isFlag
})

export const isSteadyAnchor: Guard<SteadyAnchor> = struct({
  boot: isText,
  epoch: isWhole,
  wallLead: isWhole
})
