/** Not playing ticks of which nothing can come changes nothing. */
import { describe, expect, it } from "@effect/vitest"
import { Engine, type EngineOptions } from "../../../src/backtest/engine/Engine.ts"
import type { Tape } from "../../../src/backtest/engine/Tape.ts"
import { dollars } from "../../../src/domain/Money.ts"
import type { Strategy } from "../../../src/session/Strategy.ts"
import { equity, sessionsOf } from "../../market/Fixtures.ts"
import { dailyOrders, pointOrders } from "./OrderStrategies.ts"
import { draws, randomLimits, randomTape } from "./RandomTape.ts"
import { collector, paperModels } from "./RunBeside.ts"

const ACME = equity("ACME")
const BOLT = equity("BOLT")

/** Holds more or less of everything, so that the account swings with the market. */
const swinging: Strategy = {
  ...dailyOrders,
  name: "swinging",
  onBar: ({ instruments, sessionIndex }) =>
    sessionIndex % 5 !== 0
      ? []
      : instruments.map(({ id }, i) => ({
          instrumentId: id,
          weight: ((sessionIndex / 5 + i) % 4) / (3 * instruments.length),
          reason: "swings"
        }))
}

const optionsOf = (seed: number, tape: Tape, strategy: Strategy): EngineOptions => {
  const draw = draws(seed + 17)
  const limits = randomLimits(draw)
  return {
    tape,
    strategy,
    cash: dollars(100_000),
    profile: { name: "random", label: "random", promotable: false, limits },
    resumePolicy: draw() < 0.5 ? { _tag: "Never" } : { _tag: "Sessions", count: 3 },
    seed,
    models: {
      ...paperModels,
      fill: draw() < 0.5 ? { _tag: "Immediate" } : paperModels.fill,
      quotes: tape.quotes,
      lots: "whole"
    }
  }
}

const play = (options: EngineOptions, everyTick: boolean) => {
  const { events, onEvent, summary } = collector(options.strategy)
  const engine = new Engine({ ...options, onEvent, everyTick })
  engine.advance(Infinity)
  return { events, hash: summary().journalHash, played: engine.played() }
}

/** Both ways, held against each other; what happened in it. */
const compared = (options: EngineOptions) => {
  const every = play(options, true)
  const glided = play(options, false)
  const differs = glided.events.findIndex(
    (event, i) => JSON.stringify(event) !== JSON.stringify(every.events[i])
  )
  expect(glided.events[differs]).toEqual(every.events[differs])
  expect(glided.hash).toBe(every.hash)
  expect(glided.played).toEqual(every.played)
  // What nobody listens to is the same.
  const unheard = new Engine(options)
  unheard.advance(Infinity)
  expect(unheard.played()).toEqual(every.played)
  return every
}

describe("gliding over a stretch gives what playing it gives, event for event", () => {
  const daily = [swinging, dailyOrders]
  it("on days of one instrument and of two, under limits that trip and limits that do not", () => {
    const sessions = sessionsOf("2024-01-02", "2024-03-15")
    const tripped = new Set<string>()
    for (let seed = 1; seed <= 24; seed++) {
      const instruments = seed % 3 === 0 ? [ACME, BOLT] : [ACME]
      const quotes = seed % 2 === 0 ? "modelled" : "last"
      const tape = randomTape({ seed, instruments, sessions, quotes })
      const strategy = daily[seed % daily.length] ?? swinging
      for (const { cause } of compared(optionsOf(seed, tape, strategy)).played.states) tripped.add(cause)
    }
    expect(tripped).toEqual(new Set(["daily-loss", "drawdown", "session-open", "resume-policy"]))
  }, 120_000)

  it("on minutes, with orders in between", () => {
    const sessions = sessionsOf("2024-01-02", "2024-01-05")
    let fills = 0
    for (let seed = 1; seed <= 8; seed++) {
      const instruments = seed % 3 === 0 ? [ACME, BOLT] : [ACME]
      const minutes = seed % 2 === 0 ? 1 : 5
      const tape = randomTape({ seed, instruments, sessions, minutes, quotes: "modelled" })
      const strategy = pointOrders(minutes === 1 ? "1m" : "5m", 7)
      fills += compared(optionsOf(seed, tape, strategy)).played.fills.length
    }
    expect(fills).toBeGreaterThan(50)
  }, 120_000)
})
