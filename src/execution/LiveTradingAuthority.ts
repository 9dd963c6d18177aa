/**
 * The right to trade with real money, as a requirement.
 *
 * A layer of a live venue needs this service; nothing that paper layers provide
 * can satisfy it, so a program composed from them cannot place a live order:
 * it does not compile (test/types holds this). Only a live entry point may
 * build it, and there is none yet.
 */
import { Context, Schema } from "effect"
import { AccountId } from "../domain/Identifiers.ts"

/** A person's decision to arm live trading on one account, until a set time. */
export class LiveTradingGrant extends Schema.Class<LiveTradingGrant>("plimsoll/execution/LiveTradingGrant")({
  accountId: AccountId,
  grantedBy: Schema.NonEmptyString,
  /** UTC microseconds of the computer's clock. */
  expiresAt: Schema.Int
}) {}

export class LiveTradingAuthority extends Context.Service<LiveTradingAuthority, LiveTradingGrant>()(
  "plimsoll/execution/LiveTradingAuthority"
) {}
