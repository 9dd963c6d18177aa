import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import type { Actor } from "../../src/domain/Actor.ts"
import { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars, money } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { ResumePolicyFromText } from "../../src/risk/ResumePolicy.ts"
import {
  causesAfter,
  halt,
  lapseDailyLoss,
  noCauses,
  resume,
  resumeByPolicy,
  stateOf,
  TradingCauses
} from "../../src/risk/TradingStateMachine.ts"

const at = { ts: timestamp(7), equity: dollars(90_000) }
const person: Actor = { kind: "person", name: "cli" }
const agent: Actor = { kind: "agent", name: "mcp:broker" }
const refusal = (...parameters: Parameters<typeof resume>): string =>
  Result.match(resume(...parameters), { onFailure: ({ message }) => message, onSuccess: () => "resumed" })

describe("halt", () => {
  it("anyone's halt stops everything, and again", () => {
    expect(halt(noCauses, "odd prices", at)).toStrictEqual({
      _tag: "TradingStateChanged",
      tsEvent: 7,
      from: "Active",
      to: "Halted",
      cause: "kill-switch",
      reason: "odd prices",
      equity: dollars(90_000)
    })
    expect(halt({ ...noCauses, killSwitch: true }, "again", at)).toMatchObject({
      from: "Halted",
      to: "Halted",
      reason: "again"
    })
    expect(halt({ ...noCauses, drawdown: true }, "", at)).toMatchObject({
      from: "Reducing",
      to: "Halted",
      reason: "no reason given"
    })
  })
})

describe("resume", () => {
  const halted = { ...noCauses, killSwitch: true }

  it("a person with a reason resumes, and the drawdown is measured from the equity then", () => {
    const events = Result.getOrThrow(resume(halted, person, "prices are right again", at))
    expect(events).toMatchObject([
      { _tag: "TradingStateChanged", from: "Halted", to: "Active", cause: "resumed" },
      { _tag: "PeakReset", equity: dollars(90_000), reason: "prices are right again" }
    ])
    expect(events.every((event) => Schema.is(JournalEvent)(event))).toBe(true)
    expect(refusal({ ...noCauses, drawdown: true }, person, "seen", at)).toBe("resumed")
  })

  it.each<readonly [string, Parameters<typeof resume>, string]>([
    [
      "an agent",
      [halted, agent, "all is well", at],
      "only a person can resume trading, and mcp:broker is none (agent)"
    ],
    ["a strategy", [halted, { kind: "strategy", name: "trend" }, "all is well", at], "only a person"],
    ["the desk itself", [halted, { kind: "desk", name: "crank" }, "all is well", at], "only a person"],
    ["a person without a reason", [halted, person, "  ", at], "needs a reason"],
    [
      "anyone while equity is unknown",
      [halted, person, "go", { ...at, equity: money(Number.NaN) }],
      "cannot be measured"
    ],
    ["what is active", [noCauses, person, "go", at], "nothing to resume"],
    ["a day's loss", [{ ...noCauses, dailyLoss: true }, person, "go", at], "until the next session's open"]
  ])("%s is refused, and told why", (_, parameters, words) => {
    expect(refusal(...parameters)).toContain(words)
  })

  it("a day's loss that holds too stays: trading is reducing afterwards", () => {
    const events = Result.getOrThrow(
      resume({ dailyLoss: true, drawdown: true, killSwitch: true }, person, "go", at)
    )
    expect(events[0]).toMatchObject({ from: "Halted", to: "Reducing" })
  })
})

describe("resume policy", () => {
  const fallen = { ...noCauses, drawdown: true }

  it("resumes a drawdown once enough sessions have opened, and only then", () => {
    const policy = { _tag: "Sessions", count: 5 } as const
    expect(resumeByPolicy(fallen, policy, 4, at)).toStrictEqual([])
    expect(resumeByPolicy(fallen, policy, 5, at)).toMatchObject([
      { to: "Active", cause: "resume-policy" },
      { _tag: "PeakReset", equity: dollars(90_000) }
    ])
    expect(resumeByPolicy(fallen, { _tag: "Never" }, 500, at)).toStrictEqual([])
  })

  it("never passes the kill switch, an unknown equity, or a desk without a drawdown", () => {
    const policy = { _tag: "Sessions", count: 1 } as const
    expect(resumeByPolicy({ ...fallen, killSwitch: true }, policy, 9, at)).toStrictEqual([])
    expect(resumeByPolicy(fallen, policy, 9, { ...at, equity: money(Number.NaN) })).toStrictEqual([])
    expect(resumeByPolicy({ ...noCauses, dailyLoss: true }, policy, 9, at)).toStrictEqual([])
    expect(resumeByPolicy(fallen, policy, Number.NaN, at)).toStrictEqual([])
  })

  it("is read from text and written back", () => {
    const decode = Schema.decodeUnknownSync(ResumePolicyFromText)
    expect(decode("never")).toStrictEqual({ _tag: "Never" })
    expect(decode("sessions:20")).toStrictEqual({ _tag: "Sessions", count: 20 })
    expect(Schema.encodeSync(ResumePolicyFromText)({ _tag: "Sessions", count: 20 })).toBe("sessions:20")
    expect(Schema.encodeSync(ResumePolicyFromText)({ _tag: "Never" })).toBe("never")
  })

  it.each([
    "",
    "always",
    "sessions:",
    "sessions:0",
    "sessions:-1",
    "sessions:1.5",
    "sessions:99999",
    "Sessions:3",
    "sessions:3 "
  ])("%j is refused with what is expected", (text) => {
    expect(() => Schema.decodeUnknownSync(ResumePolicyFromText)(text)).toThrow(
      expect.objectContaining({ issue: expect.anything() })
    )
    const result = Schema.decodeUnknownResult(ResumePolicyFromText)(text)
    expect(Result.isFailure(result) ? String(result.failure) : "").toContain(
      `expected "never", or "sessions:N"`
    )
  })
})

describe("causes and states", () => {
  it.prop("the event says the state that follows from the causes it leaves", [TradingCauses], ([causes]) => {
    for (const event of [halt(causes, "x", at), ...lapseDailyLoss(causes, at)]) {
      expect(event.from).toBe(stateOf(causes))
      expect(event.to).toBe(stateOf(causesAfter(causes, event.cause)))
    }
    const resumed = Result.getOrElse(resume(causes, person, "x", at), () => [])
    for (const event of resumed) {
      if (event._tag === "TradingStateChanged")
        expect(event.to).toBe(stateOf(causesAfter(causes, event.cause)))
    }
  })

  it.prop("without a person nothing leads out of Halted", [TradingCauses], ([causes]) => {
    const halted = { ...causes, killSwitch: true }
    const policy = { _tag: "Sessions", count: 1 } as const
    for (const event of [...lapseDailyLoss(halted, at), ...resumeByPolicy(halted, policy, 9, at)]) {
      expect(event).toMatchObject({ to: "Halted" })
    }
  })

  it("an opened account is active", () => {
    expect(causesAfter({ dailyLoss: true, drawdown: true, killSwitch: true }, "opened")).toStrictEqual(
      noCauses
    )
  })
})
