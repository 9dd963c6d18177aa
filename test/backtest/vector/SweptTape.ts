/** Tapes for sweeps in tests: the embedded index, and bars made of random walks. */
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import type { BacktestInputs } from "../../../src/backtest/BacktestInputs.ts"
import { type CostsPreset, costsOf } from "../../../src/backtest/CostsPreset.ts"
import { loadTape } from "../../../src/backtest/engine/LoadTape.ts"
import type { Tape, TapeColumns } from "../../../src/backtest/engine/Tape.ts"
import { dollars, type Money } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import * as EmbeddedReplay from "../../../src/market/replay/EmbeddedReplay.ts"
import { sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import { type LimitsProfile, researchProfile } from "../../../src/risk/LimitsProfile.ts"

export const FIRST = "2000-01-03"
export const LAST = "2020-04-17"

/** The embedded S&P 500 between two sessions. */
export const indexTape = async (options: {
  readonly from?: string
  readonly to?: string
  readonly warmUp?: number
  readonly costs?: CostsPreset
}): Promise<Tape> => {
  const { costs = "none", from = FIRST, to = LAST, warmUp = 0 } = options
  const [first, ...rest] = sessionsBetween(sessionDate(from), sessionDate(to))
  if (first === undefined) throw new Error("no session")
  return await Effect.gen(function* () {
    const source = yield* EmbeddedReplay.make()
    return yield* loadTape({
      sources: [source],
      symbols: ["SPX-REPLAY"],
      sessions: [first, ...rest],
      resolution: "1d",
      warmUp,
      seed: 1,
      models: costsOf(costs)
    })
  }).pipe(Effect.provide(NodeServices.layer), Effect.runPromise)
}

/** The same sessions with other prices. `draw` gives numbers in [0, 1). */
export const withRandomPrices = (tape: Tape, draw: () => number): Tape => {
  const [track] = tape.tracks
  if (track === undefined) throw new Error("no track")
  const { length } = track.bars
  const [open, high, low, close] = [0, 0, 0, 0].map(() => new Float64Array(length))
  if (open === undefined || high === undefined || low === undefined || close === undefined) throw new Error()
  let price = Math.round(1e6 * 10 ** (4 * draw()))
  const moved = (from: number): number => Math.max(1000, Math.round(from * (0.94 + 0.121 * draw())))
  for (let bar = 0; bar < length; bar++) {
    open[bar] = moved(price)
    price = moved(open[bar] ?? 0)
    close[bar] = price
    high[bar] = Math.max(open[bar] ?? 0, price) + Math.floor(1000 * draw())
    low[bar] = Math.max(1, Math.min(open[bar] ?? 0, price) - Math.floor(900 * draw()))
  }
  const priced = <A extends TapeColumns>(columns: A, from: number): A => ({
    ...columns,
    open: open.subarray(from),
    high: high.subarray(from),
    low: low.subarray(from),
    close: close.subarray(from)
  })
  return {
    ...tape,
    tracks: [
      {
        ...track,
        bars: priced(track.bars, 0),
        paths: track.paths.map((path) => priced(path, track.warmUp)),
        adjusted: close.slice(track.warmUp)
      }
    ]
  }
}

/** What a sweep on such a tape begins with. */
export const sweptInputs = (
  tape: Tape,
  options: {
    readonly cash?: Money
    readonly costs?: CostsPreset
    readonly profile?: LimitsProfile
    readonly algorithm?: string
  } = {}
): BacktestInputs => ({
  engine: { name: "plimsoll", version: "0" },
  algorithm: {
    name: options.algorithm ?? "sma-cross",
    kind: "built-in",
    codeHash: "plimsoll 0.1.0",
    parameters: {}
  },
  data: {
    source: "embedded replay",
    symbols: ["SPX-REPLAY"],
    resolution: "1d",
    from: sessionDate(tape.sessions[0]?.date ?? FIRST),
    to: sessionDate(tape.sessions.at(-1)?.date ?? LAST),
    dataset: "embedded replay, SPX-REPLAY, 1d",
    dataHash: tape.dataHash
  },
  cash: options.cash ?? dollars(100_000_000),
  profile: options.profile ?? researchProfile,
  resumePolicy: { _tag: "Never" },
  seed: 1,
  models: costsOf(options.costs ?? "none")
})
