import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { accountId } from "../../src/domain/Identifiers.ts"
import { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars, type Money, money } from "../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import {
  applyEvent,
  type BreakerState,
  BreakerState as BreakerStateSchema,
  initialBreaker,
  onMark,
  onSessionOpen,
  tradingStateOf
} from "../../src/risk/CircuitBreaker.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { resumeByPolicy } from "../../src/risk/TradingStateMachine.ts"
import { limits } from "./Snapshots.ts"

const ts = (n: number) => timestamp(1_000_000_000 + n)
const deposit = (amount: Money): JournalEvent => ({ _tag: "CashDeposited", tsEvent: ts(0), amount })
const withdraw = (amount: Money): JournalEvent => ({ _tag: "CashWithdrawn", tsEvent: ts(0), amount })
const opened = (day: number, priorCloseEquity: Money): JournalEvent => ({
  _tag: "SessionOpened",
  tsEvent: ts(day),
  date: sessionDate(`2004-06-${String(day).padStart(2, "0")}`),
  priorCloseEquity
})
const closed = (day: number, equity: Money, peakEquity = equity): JournalEvent => ({
  _tag: "SessionClosed",
  tsEvent: ts(day),
  date: sessionDate(`2004-06-${String(day).padStart(2, "0")}`),
  equity,
  grossExposure: money(0),
  peakEquity
})
const fold = (events: ReadonlyArray<JournalEvent>, from = initialBreaker): BreakerState =>
  events.reduce(applyEvent, from)

const funded = fold([
  { _tag: "AccountOpened", tsEvent: ts(0), accountId: accountId("desk") },
  deposit(dollars(100_000)),
  opened(1, dollars(100_000))
])
const markAt = (state: BreakerState, equity: number, by: RiskLimits = defaultLimits) =>
  onMark(state, by, { ts: ts(5), equity: money(equity) })
const causesOf = (events: ReadonlyArray<{ readonly cause: string }>) => events.map(({ cause }) => cause)

describe("the day's loss", () => {
  it("trips at exactly 3%, and not one micro before", () => {
    expect(markAt(funded, 97_000_000_001).events).toStrictEqual([])
    const { events, state } = markAt(funded, 97_000_000_000)
    expect(events).toStrictEqual([
      {
        _tag: "TradingStateChanged",
        tsEvent: ts(5),
        from: "Active",
        to: "Reducing",
        cause: "daily-loss",
        reason: "the day's loss reached its limit",
        value: -0.03,
        limit: -0.03,
        equity: 97_000_000_000
      }
    ])
    expect(tradingStateOf(state)).toBe("Reducing")
    expect(events.every((event) => Schema.is(JournalEvent)(event))).toBe(true)
  })

  it("does not trip twice, and its events applied again change nothing", () => {
    const { events, state } = markAt(funded, 96_000_000_000)
    expect(markAt(state, 95_000_000_000).events).toStrictEqual([])
    expect(fold(events, state)).toStrictEqual(state)
  })

  it("lapses at the next session's open", () => {
    const tripped = markAt(funded, 96_000_000_000).state
    const next = fold([closed(1, dollars(96_000), dollars(100_000)), opened(2, dollars(96_000))], tripped)
    expect(tradingStateOf(next)).toBe("Reducing")
    const { events, state } = onSessionOpen(next, { ts: ts(2), equity: dollars(96_000) })
    expect(events).toMatchObject([{ from: "Reducing", to: "Active", cause: "session-open" }])
    expect(tradingStateOf(state)).toBe("Active")
    expect(markAt(state, 95_900_000_000).events).toStrictEqual([])
    expect(onSessionOpen(state, { ts: ts(3), equity: dollars(96_000) }).events).toStrictEqual([])
  })

  it("holds over an open at which equity cannot be measured", () => {
    const tripped = markAt(funded, 96_000_000_000).state
    expect(onSessionOpen(tripped, { ts: ts(2), equity: money(Number.NaN) }).events).toStrictEqual([])
  })

  it("leaves deposits and withdrawals of the day out", () => {
    const richer = fold([deposit(dollars(50_000))], funded)
    expect(markAt(richer, 147_000_000_001).events).toStrictEqual([])
    expect(causesOf(markAt(richer, 147_000_000_000).events)).toStrictEqual(["daily-loss"])
    const poorer = fold([withdraw(dollars(50_000))], funded)
    expect(markAt(poorer, 47_000_000_001).events).toStrictEqual([])
    expect(causesOf(markAt(poorer, 47_000_000_000).events)).toStrictEqual(["daily-loss"])
  })

  it("counts what was deposited overnight as a flow of the next session", () => {
    const next = fold(
      [closed(1, dollars(100_000)), deposit(dollars(50_000)), opened(2, dollars(100_000))],
      funded
    )
    expect(next).toMatchObject({ priorCloseEquity: dollars(100_000), netFlows: dollars(50_000) })
    expect(markAt(next, 149_000_000_000).events).toStrictEqual([])
  })

  it("takes an account's first money as its baseline, whatever the first open says of it", () => {
    for (const said of [dollars(0), dollars(150_000)]) {
      const first = fold([deposit(dollars(100_000)), deposit(dollars(50_000)), opened(1, said)])
      expect(first).toMatchObject({
        priorCloseEquity: dollars(150_000),
        netFlows: 0,
        peakEquity: dollars(150_000)
      })
    }
    const late = fold([opened(1, dollars(0)), deposit(dollars(1000))])
    expect(late).toMatchObject({ priorCloseEquity: dollars(1000), netFlows: 0 })
  })
})

describe("the drawdown", () => {
  const noDaily = limits({ dailyLossRatio: 1 })

  it("trips at exactly 20% below the highest mark, and not one micro before", () => {
    const risen = markAt(funded, 120_000_000_000, noDaily).state
    expect(risen.peakEquity).toBe(120_000_000_000)
    expect(markAt(risen, 96_000_000_001, noDaily).events).toStrictEqual([])
    expect(markAt(risen, 96_000_000_000, noDaily).events).toMatchObject([
      { to: "Reducing", cause: "drawdown", value: -0.2, limit: -0.2 }
    ])
  })

  it("outlives sessions until the peak is reset", () => {
    const tripped = markAt(funded, 80_000_000_000, noDaily).state
    const later = fold(
      [
        closed(1, dollars(80_000)),
        opened(2, dollars(80_000)),
        closed(2, dollars(80_000)),
        opened(3, dollars(80_000))
      ],
      tripped
    )
    expect(onSessionOpen(later, { ts: ts(3), equity: dollars(80_000) }).events).toStrictEqual([])
    expect(later.sessionsSinceDrawdown).toBe(2)
    const at = { ts: ts(3), equity: dollars(80_000) }
    expect(
      resumeByPolicy(later.causes, { _tag: "Sessions", count: 3 }, later.sessionsSinceDrawdown, at)
    ).toStrictEqual([])
    const resumed = fold(
      resumeByPolicy(later.causes, { _tag: "Sessions", count: 2 }, later.sessionsSinceDrawdown, at),
      later
    )
    expect(resumed).toMatchObject({ peakEquity: dollars(80_000), sessionsSinceDrawdown: 0 })
    expect(tradingStateOf(resumed)).toBe("Active")
    expect(markAt(resumed, 79_000_000_000).events).toStrictEqual([])
  })

  it("is measured from a peak that deposits raise and withdrawals lower", () => {
    expect(fold([deposit(dollars(50_000))], funded).peakEquity).toBe(dollars(150_000))
    expect(fold([withdraw(dollars(30_000))], funded).peakEquity).toBe(dollars(70_000))
    expect(fold([withdraw(dollars(300_000))], funded).peakEquity).toBe(0)
  })

  it("keeps the peak of a session's marks through its close", () => {
    expect(fold([closed(1, dollars(90_000), dollars(130_000))], funded).peakEquity).toBe(dollars(130_000))
  })
})

describe("several causes", () => {
  it("both losses at one mark are two events, and both hold", () => {
    const { events, state } = markAt(funded, 70_000_000_000)
    expect(events).toMatchObject([
      { cause: "daily-loss", from: "Active", to: "Reducing" },
      { cause: "drawdown", from: "Reducing", to: "Reducing" }
    ])
    const next = onSessionOpen(fold([opened(2, dollars(70_000))], state), {
      ts: ts(2),
      equity: dollars(70_000)
    })
    expect(next.events).toMatchObject([{ cause: "session-open", from: "Reducing", to: "Reducing" }])
    expect(next.state.causes).toStrictEqual({ dailyLoss: false, drawdown: true, killSwitch: false })
  })

  it("a loss while halted is journaled and leaves the desk halted", () => {
    const halted: BreakerState = { ...funded, causes: { ...funded.causes, killSwitch: true } }
    expect(markAt(halted, 96_000_000_000).events).toMatchObject([
      { cause: "daily-loss", from: "Halted", to: "Halted" }
    ])
  })
})

describe("what cannot be measured", () => {
  it("a missing equity neither trips nor raises the peak", () => {
    for (const equity of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { events, state } = markAt(funded, equity)
      expect(events).toStrictEqual([])
      expect(state).toBe(funded)
    }
  })

  it("an account without money trips on nothing", () => {
    expect(markAt(initialBreaker, 0).events).toStrictEqual([])
  })

  it("the state reads back from JSON as itself", () => {
    expect(Schema.decodeUnknownSync(BreakerStateSchema)(JSON.parse(JSON.stringify(funded)))).toStrictEqual(
      funded
    )
  })
})

describe("random walks", () => {
  const whole = (minimum: number, maximum: number) =>
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
  const Step = Schema.Struct({
    kind: Schema.Literals(["mark", "mark", "mark", "mark", "mark", "session", "deposit", "withdraw"]),
    size: whole(-30_000, 30_000)
  })

  /** The definitions, on big integers, from the whole past each time. */
  const naive = (steps: ReadonlyArray<typeof Step.Type>) => {
    const trips: Array<string> = []
    let [equity, prior, flows, peak] = [1_000_000_000n, 1_000_000_000n, 0n, 1_000_000_000n]
    let [daily, fallen] = [false, false]
    for (const [n, { kind, size }] of steps.entries()) {
      const amount = BigInt(Math.abs(size)) * 1001n
      if (kind === "deposit") [equity, flows, peak] = [equity + amount, flows + amount, peak + amount]
      if (kind === "withdraw") [equity, flows, peak] = [equity - amount, flows - amount, peak - amount]
      if (kind === "session") [prior, flows, daily] = [equity, 0n, false]
      if (kind === "mark") {
        equity += BigInt(size) * 1007n
        if (equity > peak) peak = equity
        if (!daily && (prior + flows - equity) * 100n >= prior * 3n) {
          daily = true
          trips.push(`${n} daily-loss`)
        }
        if (!fallen && (peak - equity) * 5n >= peak) {
          fallen = true
          trips.push(`${n} drawdown`)
        }
      }
    }
    return { trips, peak }
  }

  const played = (steps: ReadonlyArray<typeof Step.Type>) => {
    const trips: Array<string> = []
    let equity = 1_000_000_000
    let state = fold([deposit(money(equity)), opened(1, money(equity))])
    for (const [n, { kind, size }] of steps.entries()) {
      const amount = money(Math.abs(size) * 1001)
      if (kind === "deposit") [equity, state] = [equity + amount, applyEvent(state, deposit(amount))]
      if (kind === "withdraw") [equity, state] = [equity - amount, applyEvent(state, withdraw(amount))]
      if (kind === "session") {
        state = fold([closed(1, money(equity), state.peakEquity), opened(2, money(equity))], state)
        state = onSessionOpen(state, { ts: ts(n), equity: money(equity) }).state
      }
      if (kind === "mark") {
        equity += size * 1007
        const marked = markAt(state, equity)
        state = marked.state
        for (const { cause } of marked.events) trips.push(`${n} ${cause}`)
      }
    }
    return { trips, peak: BigInt(state.peakEquity) }
  }

  it.prop(
    "trip at the very marks that a recomputation from the definitions gives, and keep its peak",
    [Schema.Array(Step).pipe(Schema.check(Schema.isMinLength(10), Schema.isMaxLength(80)))],
    ([steps]) => {
      expect(played(steps)).toStrictEqual(naive(steps))
    },
    { arbitrary: { runs: 500 } }
  )
})
