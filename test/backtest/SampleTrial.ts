/** A trial of two sessions, made by hand. */
import type { NewTrial } from "../../src/backtest/TrialLedger.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"

export const trial = (id: string, changed: Partial<NewTrial> = {}): NewTrial => ({
  id,
  dataset: "embedded replay SPX-REPLAY 1d",
  dataHash: "da7a",
  from: sessionDate("2017-01-03"),
  to: sessionDate("2017-12-29"),
  algorithm: "sma-cross",
  codeHash: "c0de",
  parameters: { fast: 5, slow: 50, name: "x", on: true },
  profile: "research",
  engine: "plimsoll 1",
  source: "backtest",
  ranAt: 1_700_000_000_000,
  returns: Float64Array.of(0.001, -0.002),
  ...changed
})
