/** Two months of the option strategies on the embedded prices, and two days on real chains across a split. */
import { NodeServices } from "@effect/platform-node"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Option } from "effect"
import { clientOrderId } from "../../src/domain/Identifiers.ts"
import { dollars, MICROS, type Money, shares, toFloat } from "../../src/domain/Money.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import type { DeskStatus } from "../../src/execution/DeskView.ts"
import type { OptionEvent } from "../../src/session/OptionTrail.ts"
import type { Strategy } from "../../src/session/Strategy.ts"
import { makeCoveredCall } from "../../src/session/strategies/CoveredCall.ts"
import { makePutSpread } from "../../src/session/strategies/PutSpread.ts"
import { numbers } from "../support/Numbers.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { journalOf, type OptionRun, playOptionRun, type Stand } from "./OptionRuns.ts"

const inFolder = <A, E>(body: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.flatMap(files.makeTempDirectoryScoped(), body)
  ).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

type Played = Effect.Success<ReturnType<typeof playOptionRun>>
type Journal = Effect.Success<ReturnType<typeof journalOf>>

const whole = (run: OptionRun) =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const played = yield* playOptionRun(folder, run)
      return { played, journal: yield* journalOf(folder) }
    })
  )

/** Equity as what was put in and earned makes it, and as what is there makes it. */
const equities = (
  { cash, dividends, equity, fees, positions, realised }: DeskStatus,
  deposited: Money
): ReadonlyArray<number | undefined> => {
  let earned = deposited + realised + dividends - fees
  let there: number = cash
  for (const { marketValue, unrealised } of positions) {
    earned += Option.getOrElse(unrealised, () => Number.NaN)
    there += Option.getOrElse(marketValue, () => Number.NaN)
  }
  return [Option.getOrUndefined(equity), earned, there]
}

const expectBalance = (stands: ReadonlyArray<Stand>, deposited: Money) => {
  for (const { status } of stands) {
    const [equity, earned, there] = equities(status, deposited)
    expect(equity).toBe(earned)
    expect(equity).toBe(there)
  }
}

/** Contracts by OCC symbol and shares by symbol, with their sign. */
const held = ({ positions }: DeskStatus): Readonly<Record<string, number>> =>
  Object.fromEntries(
    positions.map(({ position: { instrumentId, quantity } }) => [
      instrumentId.slice(0, instrumentId.lastIndexOf(".")),
      toFloat(quantity)
    ])
  )

/** Marks, in dollars. */
const marks = ({ positions }: DeskStatus): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(
    positions.map(({ mark, position: { instrumentId } }) => [
      instrumentId.slice(0, instrumentId.lastIndexOf(".")),
      Option.getOrUndefined(Option.map(mark, toFloat))
    ])
  )

const twoMonths = (strategy: Strategy): OptionRun => ({
  market: { source: "embedded" },
  strategy,
  symbol: "AAPL",
  from: sessionDate("2017-01-03"),
  to: sessionDate("2017-03-06"),
  cash: dollars(100_000)
})

const PLAYING_MILLIS = 180_000

/** What two months of each strategy say, worked out once. */
const told = new Map<string, Promise<{ readonly played: Played; readonly journal: Journal }>>()
const toldOf = (strategy: Strategy) => {
  const known = told.get(strategy.name) ?? Effect.runPromise(whole(twoMonths(strategy)))
  told.set(strategy.name, known)
  return known
}

const coveredCall = makeCoveredCall()
const putSpread = makePutSpread()

describe.each([coveredCall, putSpread])("two months of $name under the desk's limits", (strategy) => {
  const run = twoMonths(strategy)
  let played: Played
  let journal: Journal
  beforeAll(async () => {
    const first = await toldOf(strategy)
    played = first.played
    journal = first.journal
  }, PLAYING_MILLIS)

  it("have no order denied, and option trades on modelled quotes alone", () => {
    expect(played.summary.denials).toEqual([])
    expect(played.options.orders).toBeGreaterThan(0)
    expect(played.options.modelledOrders).toBe(played.options.orders)
    expect(played.options.events.length).toBeGreaterThan(2)
  })

  it("have books that balance at every close, and all of the journal in the audit log", () => {
    expect(played.stands).toHaveLength(43)
    expectBalance(played.stands, run.cash)
    expect(journal.entries).toBe(journal.lines.length)
    expect(journal.unwritten).toBe(0)
  })

  it("name orders by seed, session and number, each once", () => {
    const names = journal.lines.flatMap(({ event }) =>
      event._tag === "OrderInitialized" ? [event.clientOrderId] : []
    )
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^r1-2017-0\d-\d\d-\d$/u)
  })

  it.live(
    "give the same journal again, interrupted at any moment and resumed",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const next = numbers(20_170_203)
          for (let i = 0; i < 8; i++) {
            const fiber = yield* Effect.forkChild(playOptionRun(folder, run))
            yield* Effect.sleep(100 + next(400))
            yield* Fiber.interrupt(fiber)
          }
          const resumed = yield* playOptionRun(folder, run)
          expect(resumed.summary).toEqual(played.summary)
          expect((yield* journalOf(folder)).unwritten).toBe(0)
        })
      ),
    PLAYING_MILLIS
  )
})

describe("two months of covered calls", () => {
  let played: Played
  beforeAll(async () => {
    played = (await toldOf(coveredCall)).played
  }, PLAYING_MILLIS)

  it("never have more calls than lots", () => {
    for (const { status } of played.stands) {
      const { AAPL = 0, ...calls } = held(status)
      const written = Object.values(calls).reduce((sum, count) => sum - count, 0)
      expect(written * 100).toBeLessThanOrEqual(AAPL)
    }
  })

  it("lose the shares to an assignment for the strike, and buy them again at the next open", () => {
    const assigned = played.options.events.find(({ kind }) => kind === "assigned")
    expect(assigned).toMatchObject({
      date: "2017-02-03",
      symbol: "AAPL 170203C00123000",
      quantity: shares(1),
      amount: dollars(12_300)
    })
    const at = (date: string) => {
      const stand = played.stands.find((one) => one.date === date)
      return stand === undefined ? {} : held(stand.status)
    }
    expect(at("2017-02-02")).toEqual({ AAPL: 100, "AAPL 170203C00123000": -1 })
    expect(at("2017-02-03")).toEqual({})
    // A lot is more than a tenth of equity: it comes in two orders.
    expect(at("2017-02-06")["AAPL"]).toBeGreaterThan(50)
    expect(at("2017-02-07")["AAPL"]).toBe(100)
  })
})

describe("two months of put spreads", () => {
  let played: Played
  beforeAll(async () => {
    played = (await toldOf(putSpread)).played
  }, PLAYING_MILLIS)

  /** Fills of one order: there is one a day at most. */
  const fills = (): ReadonlyArray<ReadonlyArray<OptionEvent>> => {
    const byOrder = new Map<string, ReadonlyArray<OptionEvent>>()
    for (const event of played.options.events) {
      byOrder.set(event.date, [...(byOrder.get(event.date) ?? []), event])
    }
    return [...byOrder.values()]
  }

  it("fill both legs or none, and are one spread at a time", () => {
    for (const legs of fills()) {
      expect(legs.map(({ kind }) => kind).toSorted()).toEqual(["bought", "sold"])
      expect(new Set(legs.map(({ quantity }) => quantity)).size).toBe(1)
    }
    for (const { status } of played.stands) expect([0, 2]).toContain(status.positions.length)
  })

  it("can lose no more than 2% of equity each, whatever they filled at", () => {
    const opened = fills().filter(([leg]) => leg?.note.startsWith("Sells the put vertical"))
    expect(opened.length).toBeGreaterThan(1)
    for (const legs of opened) {
      const credit = legs.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
      const strikes = legs.map(({ symbol }) => Number(symbol.slice(-8)) / 1000)
      const width = Math.max(...strikes) - Math.min(...strikes)
      const count = (legs[0]?.quantity ?? 0) / MICROS
      expect(credit).toBeGreaterThan(0)
      expect(width * 100 * count - toFloat(credit)).toBeLessThanOrEqual(0.02 * 101_000)
    }
  })
})

describeWithShared("two days on Apple's own chains, across its split of seven for one", () => {
  const onLean = (strategy: Strategy, from: string): OptionRun => ({
    market: { source: "lean", path: sharedPath("lean-data"), badRows: "skip" },
    strategy,
    symbol: "AAPL",
    from: sessionDate(from),
    to: sessionDate("2014-06-09"),
    cash: dollars(1_000_000)
  })
  const closeOf = ({ stands }: Played, date: string): DeskStatus => {
    const stand = stands.find((one) => one.date === date)
    if (stand === undefined) throw new Error(`the run has no ${date}`)
    return stand.status
  }

  it("a covered call is written at a modelled quote, marked on the chain, and goes on as seven", async () => {
    const { journal, played } = await Effect.runPromise(whole(onLean(coveredCall, "2014-06-04")))
    expect(played.summary.denials).toEqual([])
    const [sold, adjusted] = played.options.events
    expect(sold).toMatchObject({
      date: "2014-06-06",
      kind: "sold",
      symbol: "AAPL 140703C00680000",
      quantity: shares(1)
    })
    const asked = journal.lines.find(
      ({ event }) =>
        event._tag === "OrderInitialized" && event.clientOrderId === clientOrderId("r1-2014-06-05-2")
    )?.event
    expect(asked).toMatchObject({ quote: { source: "option-model" } })

    // 147 shares each day at the opens of 646.25 and 650.00: a tenth of equity an order.
    const shareCost = 147 * (646.25 + 650)
    const friday = closeOf(played, "2014-06-06")
    expect(held(friday)).toEqual({ AAPL: 294, "AAPL 140703C00680000": -1 })
    // The chain of the day: 4.70 bid, 5.15 asked.
    expect(marks(friday)).toMatchObject({ "AAPL 140703C00680000": 4.925 })
    const cash = 1_000_000 - shareCost + toFloat(sold?.amount ?? 0) - toFloat(friday.fees)
    expect(toFloat(friday.cash)).toBe(cash)

    expect(adjusted).toMatchObject({ date: "2014-06-09", kind: "adjusted", quantity: shares(1) })
    const monday = closeOf(played, "2014-06-09")
    // The 6 shares that were missing of a third lot are 42 new ones by the open, at 92.69.
    expect(held(monday)).toEqual({ AAPL: 2100, "AAPL 140703C00097140": -7 })
    // 0.73 bid, 0.77 asked.
    expect(marks(monday)).toMatchObject({ "AAPL 140703C00097140": 0.75, AAPL: 93.7 })
    expect(friday.cash - monday.cash).toBe(dollars(42 * 92.69) + monday.fees - friday.fees)
    const [call] = monday.positions.filter(({ position }) => position.contract !== undefined)
    expect(call?.position.contract).toMatchObject({
      strike: 97_140_000,
      deliverable: shares(100),
      deliverableCash: 0
    })
    expect(call?.position.cost).toBe(0 - (sold?.amount ?? 0))
    expectBalance(played.stands, dollars(1_000_000))
  })

  it("a put spread opened at modelled quotes is marked on both chains, both legs seven times as many", async () => {
    const parameters = { leastDays: 20, mostDays: 30, closeDays: 7 }
    const run = onLean(makePutSpread(parameters), "2014-06-04")
    const { played } = await Effect.runPromise(whole(run))
    expect(played.summary.denials).toEqual([])
    const friday = closeOf(played, "2014-06-06")
    const premium = played.options.events.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
    expect(friday.cash).toBe(1_000_000 * MICROS + premium - friday.fees)
    expect(held(friday)).toEqual({ "AAPL 140703P00575000": 6, "AAPL 140703P00610000": -6 })
    // 0.89 to 1.10 and 3.65 to 4.15.
    expect(marks(friday)).toEqual({ "AAPL 140703P00575000": 0.995, "AAPL 140703P00610000": 3.9 })

    const monday = closeOf(played, "2014-06-09")
    expect(held(monday)).toEqual({ "AAPL 140703P00082140": 42, "AAPL 140703P00087140": -42 })
    // 0.04 to 0.07 and 0.20 to 0.24.
    expect(marks(monday)).toEqual({ "AAPL 140703P00082140": 0.055, "AAPL 140703P00087140": 0.22 })
    expect(monday.cash).toBe(friday.cash)
    expectBalance(played.stands, run.cash)
  })
})
