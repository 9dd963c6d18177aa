/** A backtest of two sessions, made by hand: what stores and lists are tried with. */
import { backtestId, resultHash } from "../../src/backtest/BacktestId.ts"
import type { BacktestInputs } from "../../src/backtest/BacktestInputs.ts"
import type { BacktestContent, BacktestResult, FinishedBacktest } from "../../src/backtest/BacktestResult.ts"
import { costsOf } from "../../src/backtest/CostsPreset.ts"
import { clientOrderId, instrumentId } from "../../src/domain/Identifiers.ts"
import { dollars, pricePerShare, shares } from "../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { deskProfile } from "../../src/risk/LimitsProfile.ts"

export const sampleInputs = (changed: Partial<BacktestInputs> = {}): BacktestInputs => ({
  engine: { name: "plimsoll", version: "1" },
  algorithm: { name: "sma-cross", kind: "built-in", codeHash: "c0de", parameters: { fast: 5, slow: 50 } },
  data: {
    source: "embedded replay",
    symbols: ["SPX-REPLAY"],
    resolution: "1d",
    from: sessionDate("2017-01-03"),
    to: sessionDate("2017-01-04"),
    dataset: "embedded replay SPX-REPLAY 1d",
    dataHash: "da7a"
  },
  cash: dollars(100_000),
  profile: deskProfile,
  resumePolicy: { _tag: "Sessions", count: 20 },
  seed: 1,
  models: costsOf("paper"),
  ...changed
})

export const sampleContent = (changed: Partial<BacktestContent> = {}): BacktestContent => ({
  dates: [sessionDate("2017-01-03"), sessionDate("2017-01-04")],
  equity: [100_000, 100_101.5],
  grossExposure: [0, 25_000],
  netExposure: [0, 25_000],
  traded: [0, 25_000],
  benchmark: [100_000, 100_572.25],
  cash: dollars(75_000),
  fees: dollars(1),
  dividends: dollars(0),
  bars: 2,
  orders: [
    {
      id: clientOrderId("o-1"),
      instrumentId: instrumentId("SPX-REPLAY.XNYS"),
      side: "BUY",
      type: { _tag: "Market" },
      size: { _tag: "Quantity", quantity: shares(11) },
      timeInForce: "AT_THE_OPEN",
      status: "Filled",
      tsEvent: timestamp(1_483_477_200_000_000),
      filledQuantity: shares(11)
    }
  ],
  fills: [
    {
      orderId: clientOrderId("o-1"),
      instrumentId: instrumentId("SPX-REPLAY.XNYS"),
      side: "BUY",
      quantity: shares(11),
      price: pricePerShare(2261.6),
      multiplier: 1,
      fee: dollars(1),
      tsEvent: timestamp(1_483_540_200_000_000)
    }
  ],
  trades: [],
  denials: [
    { rule: "position-limit", count: 2, example: "position would be 26% of equity, the limit is 25%" }
  ],
  states: [],
  held: [],
  options: [],
  tradingState: "Active",
  statistics: { own: { totalReturn: 0.001_015, sharpe: null }, lean: {}, portfolio: {}, trade: {} },
  reported: {},
  ...changed
})

export const sampleBacktest = (
  changed: {
    readonly inputs?: Partial<BacktestInputs>
    readonly content?: Partial<BacktestContent>
    readonly ranAt?: number
  } = {}
): FinishedBacktest => {
  const inputs = sampleInputs(changed.inputs)
  const content = sampleContent(changed.content)
  return {
    version: 1,
    id: backtestId(inputs),
    inputs,
    command: "backtest run sma-cross",
    ranAt: changed.ranAt ?? 1_700_000_000_000,
    wallMillis: 12,
    outcome: { _tag: "Finished", content, hash: resultHash(content) }
  }
}

export const sampleFailure = (
  changed: { readonly inputs?: Partial<BacktestInputs>; readonly ranAt?: number } = {}
): BacktestResult => ({
  ...sampleBacktest(changed),
  outcome: {
    _tag: "Failed",
    failure: { kind: "threw", message: "TypeError: x is not a function", at: "2017-01-04 16:00 EST", bar: 2 }
  }
})
