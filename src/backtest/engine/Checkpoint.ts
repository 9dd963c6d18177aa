/** An engine as text, between two sessions: what cannot be had from its options and its tape again. */
import { Result, Schema } from "effect"
import { ClientOrderId, InstrumentId } from "../../domain/Identifiers.ts"
import { JournalEvent } from "../../domain/JournalEvent.ts"
import { Money, Price, Quantity } from "../../domain/Money.ts"
import { OrderSide } from "../../domain/Order.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { BookState } from "../../execution/Book.ts"
import { MatchingState } from "../../execution/paper/MatchingState.ts"
import { DenialRow, FillRow, OrderRow, StateRow } from "../BacktestRows.ts"
import { Financing } from "../Financing.ts"

const Column = Schema.Array(Schema.Finite)

const Move = Schema.Union([
  JournalEvent.cases.SplitApplied,
  JournalEvent.cases.OptionExercised,
  JournalEvent.cases.OptionAssigned,
  JournalEvent.cases.OptionExpired,
  JournalEvent.cases.OptionAdjusted
])

const CheckpointState = Schema.Struct({
  /** Number of the session that is next. */
  next: Schema.Int,
  bar: Schema.Int,
  /** Fills the strategy has not been told of. */
  fills: Schema.Array(
    Schema.Struct({
      clientOrderId: ClientOrderId,
      instrumentId: InstrumentId,
      side: OrderSide,
      price: Price,
      quantity: Quantity,
      fee: Money,
      tsEvent: Timestamp
    })
  ),
  desk: Schema.Struct({
    book: BookState,
    core: MatchingState,
    marks: Schema.Array(Schema.Tuple([InstrumentId, Price])),
    advancedTo: Timestamp,
    highWater: Money
  }),
  recorded: Schema.Struct({
    orders: Schema.Array(OrderRow),
    fills: Schema.Array(FillRow),
    moves: Schema.Array(Move),
    denials: Schema.Array(DenialRow),
    states: Schema.Array(StateRow),
    financing: Financing,
    traded: Money,
    optionEvents: Schema.Array(JournalEvent),
    equity: Column,
    grossExposure: Column,
    netExposure: Column,
    tradedBySession: Column
  })
})
export type CheckpointState = typeof CheckpointState.Type

const Stored = Schema.fromJsonString(
  Schema.Struct({ version: Schema.Literal(1), state: Schema.toCodecJson(CheckpointState) })
)
const decode = Schema.decodeUnknownResult(Stored, { onExcessProperty: "error" })
const encode = Schema.encodeSync(Stored)

/** A text that no engine has written, or one of another version. */
export class BadCheckpoint extends Schema.TaggedError<BadCheckpoint>()("BadCheckpoint", {
  message: Schema.String
}) {}

export const encodeCheckpoint = (state: CheckpointState): string => encode({ version: 1, state })

export const readCheckpoint = (text: string): Result.Result<CheckpointState, BadCheckpoint> =>
  Result.mapBoth(decode(text), {
    onSuccess: ({ state }) => state,
    onFailure: ({ message }) =>
      new BadCheckpoint({ message: `the checkpoint does not read: ${message}. Begin the backtest anew` })
  })
