/** What a backtest is asked with where nothing else is said: crossing means on the embedded index, everything at its default. */
import { Option } from "effect"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { type AskedBacktest, noFinancing } from "../../../src/programs/backtest/PrepareBacktest.ts"

/** Asks for the sessions of a span, with what is changed. */
export const askedFor =
  (from: string, to: string) =>
  (changed: Partial<AskedBacktest> = {}): AskedBacktest => ({
    algorithm: "sma-cross",
    parameters: {},
    typed: {},
    market: { source: "embedded" },
    symbols: [],
    from: Option.some(sessionDate(from)),
    to: Option.some(sessionDate(to)),
    cash: Option.none(),
    costs: Option.none(),
    financing: noFinancing,
    limits: Option.none(),
    resumePolicy: Option.none(),
    seed: Option.none(),
    words: { from: "--from", to: "--to", symbols: "--symbols" },
    ...changed
  })
