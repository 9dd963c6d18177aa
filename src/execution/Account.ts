/** The account's life: opened with its cash, added to, taken from, begun anew. All of it a person's acts on a desk. */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { AccountId, accountId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { formatMicros, MAX_MONEY_MICROS, type Money, money } from "../domain/Money.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { exchangeDate, session } from "../market/TradingCalendar.ts"
import { type LimitsNotAccepted, SealedLimits } from "../risk/SealedLimits.ts"
import { tiedUpCash } from "../risk/OpenRisk.ts"
import { defaultLimits, type LimitsUnreadable } from "../risk/RiskLimits.ts"
import { formatResumePolicy, type ResumePolicy } from "../risk/ResumePolicy.ts"
import { type BookState, isOpened } from "./Book.ts"
import { Broker, type BrokerUnavailable } from "./Broker.ts"
import { BrokerContext, type Look } from "./BrokerContext.ts"
import { heldPositions, type RiskPolicy, underlyingPrices, workingOrders } from "./RiskView.ts"
import { applyAllToVenueAccount } from "./VenueAccount.ts"

/** The account cannot be changed so. */
export class AccountRefused extends Schema.TaggedError<AccountRefused>()("AccountRefused", {
  message: Schema.String
}) {}

/** The desk has an account; nothing was changed. */
export class AccountAlreadyOpen extends Schema.TaggedError<AccountAlreadyOpen>()("AccountAlreadyOpen", {
  accountId: AccountId,
  message: Schema.String
}) {}

type AccountError = AccountRefused | BrokerUnavailable

export class Account extends Context.Service<
  Account,
  {
    /** Opens the desk's first account at market time now. */
    readonly open: (options: {
      readonly accountId: AccountId
      readonly cash: Money
      readonly actor: Actor
      /** A run's standing instruction, kept in its journal. */
      readonly resumePolicy?: ResumePolicy
    }) => Effect.Effect<void, AccountAlreadyOpen | AccountError | LimitsUnreadable>
    /** Money moves by a person's hand only, in and out. */
    readonly deposit: (amount: Money, actor: Actor) => Effect.Effect<void, AccountError>
    readonly withdraw: (amount: Money, actor: Actor) => Effect.Effect<void, AccountError>
    /**
     * Cancels what is working and opens a new account with `cash`. The old
     * one's journal, orders and fills stay where they are, under its own name.
     * A person's act; refused while trading is halted, because only resuming
     * ends a halt.
     */
    readonly reset: (options: {
      readonly cash: Money
      readonly actor: Actor
    }) => Effect.Effect<{ readonly archived: AccountId; readonly opened: AccountId }, AccountError>
    /** Seals the limits a person was shown, named by their hash, and journals it, both or neither. */
    readonly acceptLimits: (options: {
      readonly candidateHash: string
      readonly actor: Actor
    }) => Effect.Effect<void, LimitsNotAccepted | LimitsUnreadable | BrokerUnavailable>
  }
>()("plimsoll/execution/Account") {}

const refuseAmount = (amount: Money): AccountRefused | undefined =>
  amount > 0 && amount <= MAX_MONEY_MICROS
    ? undefined
    : new AccountRefused({
        message: `an amount has to be above zero and at most ${formatMicros(MAX_MONEY_MICROS)}, not ${formatMicros(amount)}`
      })

const refuseActor = ({ kind, name }: Actor, act: string): AccountRefused | undefined =>
  kind === "person"
    ? undefined
    : new AccountRefused({ message: `only a person can ${act}, and ${name} is none (${kind})` })

/** The sums of the books stay exact below 2^53 micros, nine billion dollars. */
const MOST_DEPOSITED = 8 * MAX_MONEY_MICROS

/** "desk" → "desk-2" → "desk-3". */
const nextName = (id: AccountId): AccountId => {
  const match = /^(.*)-(\d+)$/u.exec(id)
  return accountId(match === null ? `${id}-2` : `${match[1]}-${Number(match[2]) + 1}`)
}

const openingEvents = (id: AccountId, cash: Money, tsEvent: Timestamp): ReadonlyArray<JournalEvent> => [
  { _tag: "AccountOpened", accountId: id, tsEvent },
  { _tag: "CashDeposited", amount: cash, tsEvent }
]

const policyEvents = (policy: ResumePolicy | undefined, tsEvent: Timestamp): ReadonlyArray<JournalEvent> =>
  policy === undefined ? [] : [{ _tag: "ResumePolicySet", policy: formatResumePolicy(policy), tsEvent }]

const alreadyOpen = (id: AccountId) =>
  new AccountAlreadyOpen({
    accountId: id,
    message: `this desk has the account "${id}" already: plimsoll account reset begins a new one`
  })

const tooMuch = (deposits: Money) =>
  new AccountRefused({
    message: `the account holds ${formatMicros(deposits, 2)} of deposits, and at most ${formatMicros(MOST_DEPOSITED, 2)} can be kept exactly`
  })

/** Cash that working orders and short positions tie up is not there to be withdrawn. */
const notCovered = (
  book: BookState,
  { look, policy }: { readonly look: Look; readonly policy: RiskPolicy },
  amount: Money
): AccountRefused | undefined => {
  const { cash } = book.ledger
  const bound = tiedUpCash({
    positions: heldPositions(book, look.marks),
    working: workingOrders(book),
    limits: policy.limits ?? defaultLimits,
    now: look.now,
    underlyings: underlyingPrices(book, [], look.marks),
    marks: new Map()
  })
  if (amount <= cash - bound) return undefined
  const missing = Number.isNaN(bound)
  return new AccountRefused({
    message: missing
      ? "what working orders and short positions tie up cannot be told while one of them has no price: try again when it has"
      : `the account has ${formatMicros(cash, 2)} in cash${bound === 0 ? "" : `, ${formatMicros(money(bound), 2)} of it for working orders and short positions`}: less than ${formatMicros(amount, 2)} is free`
  })
}

const haltedStill = new AccountRefused({
  message: "trading is halted: a person resumes it first, with a reason, and then resets the account"
})

const notResettable = (book: BookState, archived: AccountId): AccountRefused | undefined => {
  if (book.accountId !== archived) {
    return new AccountRefused({ message: `another process has reset the account to "${book.accountId}"` })
  }
  if (book.breaker.causes.killSwitch) return haltedStill
  const working = Object.keys(book.orders)
  return working.length === 0
    ? undefined
    : new AccountRefused({
        message: `orders are still working (${working.join(", ")}): cancel them first, then reset`
      })
}

const make = Effect.gen(function* () {
  const context = yield* BrokerContext
  const broker = yield* Broker
  const sealed = yield* SealedLimits

  /** Journals events that move money, and moves the highest equity seen with them. */
  const move = Effect.fnUntraced(function* <E = never>(options: {
    readonly events: ReadonlyArray<JournalEvent>
    readonly actor: Actor
    /** Looked at in the same transaction: what another process did a moment ago counts. */
    readonly refuse: (book: BookState) => E | undefined
    readonly highWater: (before: number) => number
    readonly advancedTo?: Timestamp
    /** What a hook allowed, it allowed on the account there was. */
    readonly dropsPermits?: true
  }) {
    const moved = yield* context.keeper.transact((book) =>
      Effect.gen(function* () {
        const refused = options.refuse(book.state())
        if (refused !== undefined) return yield* Effect.fail(refused)
        const venue = yield* context.paper.open
        const { advancedTo, highWater } = venue.progress
        const after = {
          ...venue,
          version: venue.version + 1,
          progress: {
            ...venue.progress,
            highWater: money(Math.max(0, options.highWater(highWater))),
            account: applyAllToVenueAccount(venue.progress.account, options.events),
            advancedTo: options.advancedTo ?? advancedTo
          }
        }
        yield* context.paper.save(after, [])
        if (options.dropsPermits === true) yield* context.permits.prune(Number.MAX_SAFE_INTEGER)
        yield* book.record(options.events, options.actor)
        return after
      })
    )
    context.paper.adopt(moved)
    yield* context.audit.flush
  })

  const { now } = context.clock

  const open: Account["Service"]["open"] = Effect.fn("Account.open")(function* ({
    accountId: id,
    actor,
    cash,
    resumePolicy
  }) {
    const refused = refuseAmount(cash)
    if (refused !== undefined) return yield* refused
    const at = yield* now
    yield* context.keeper.intact
    const { hash, profile } = yield* sealed.inForce
    // Opened at the very opening of a session, the account lives that opening too.
    const isOpening = Option.exists(session(exchangeDate(at)), ({ open: opening }) => opening === at)
    const advancedTo = isOpening ? timestamp(at - 1) : at
    yield* move({
      events: [
        ...openingEvents(id, cash, at),
        { _tag: "LimitsAccepted", profile, hash, tsEvent: at },
        ...policyEvents(resumePolicy, at)
      ],
      actor,
      refuse: (book) => (isOpened(book) ? alreadyOpen(book.accountId) : undefined),
      highWater: () => 0,
      advancedTo
    })
  })

  const deposit: Account["Service"]["deposit"] = Effect.fn("Account.deposit")(function* (amount, actor) {
    const refused = refuseActor(actor, "deposit money") ?? refuseAmount(amount)
    if (refused !== undefined) return yield* refused
    yield* context.crank.upToDate
    yield* context.opened
    const events: ReadonlyArray<JournalEvent> = [{ _tag: "CashDeposited", amount, tsEvent: yield* now }]
    yield* move({
      events,
      actor,
      refuse: ({ ledger }) =>
        ledger.deposits + amount > MOST_DEPOSITED ? tooMuch(ledger.deposits) : undefined,
      highWater: (before) => (before === 0 ? 0 : before + amount)
    })
  })

  const withdraw: Account["Service"]["withdraw"] = Effect.fn("Account.withdraw")(function* (amount, actor) {
    const refused = refuseActor(actor, "withdraw money") ?? refuseAmount(amount)
    if (refused !== undefined) return yield* refused
    yield* context.crank.upToDate
    const look = yield* context.look(yield* context.opened, [])
    const policy = yield* context.policy
    const events: ReadonlyArray<JournalEvent> = [{ _tag: "CashWithdrawn", amount, tsEvent: yield* now }]
    yield* move({
      events,
      actor,
      refuse: (book) => notCovered(book, { look, policy }, amount),
      highWater: (before) => (before === 0 ? 0 : before - amount)
    })
  })

  const reset: Account["Service"]["reset"] = Effect.fn("Account.reset")(function* ({ actor, cash }) {
    const refused = refuseActor(actor, "reset the account") ?? refuseAmount(cash)
    if (refused !== undefined) return yield* refused
    const { accountId: archived, breaker } = yield* context.opened
    if (breaker.causes.killSwitch) return yield* haltedStill
    yield* broker.cancelAll({ actor })
    const opened = nextName(archived)
    yield* move({
      events: openingEvents(opened, cash, yield* now),
      actor,
      refuse: (book) => notResettable(book, archived),
      highWater: () => 0,
      dropsPermits: true
    })
    return { archived, opened }
  })

  const acceptLimits: Account["Service"]["acceptLimits"] = Effect.fn("Account.acceptLimits")(function* ({
    actor,
    candidateHash
  }) {
    yield* context.crank.turn
    yield* context.opened
    const tsEvent = yield* now
    yield* context.keeper.transact((book) =>
      Effect.flatMap(sealed.accept({ actor, candidateHash, tsEvent }), (event) => book.record([event], actor))
    )
    yield* context.audit.flush
  })

  return Account.of({ open, deposit, withdraw, reset, acceptLimits })
})

export const layer = Layer.effect(Account, make)
