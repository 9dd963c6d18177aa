/** Processes that submit at once on one desk, and what has to hold of the desk and of every answer they had. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Exit, Layer } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { Broker } from "../../src/execution/Broker.ts"
import type { JournalEntry } from "../../src/execution/OrderJournal.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { defaultLimits } from "../../src/risk/RiskLimits.ts"
import { agent, requestFor } from "../execution/TestDesk.ts"
import { minute } from "../execution/TestMarket.ts"
import { bundled } from "../support/BundledScript.ts"
import { race, startChild } from "../support/Children.ts"
import { seedOf } from "../support/Numbers.ts"
import { type Act, readLog } from "./ActLog.ts"
import { type Evidence, gather, problemsOf } from "./Evidence.ts"
import { type MarkAt, naiveUsage, type Usage } from "./NaiveLimits.ts"
import { brokenPromises } from "./Promised.ts"
import { marketData, openRace, type Place, raceDesk } from "./RaceDesk.ts"
import type { Racing } from "./Racing.ts"
import type { Scenario } from "./Scenarios.ts"

export interface Raced {
  readonly problems: ReadonlyArray<string>
  readonly usage: Usage
  /** What the desk held after it was reconciled. */
  readonly evidence: Evidence
  /** How often each answer was given: "done", "OrderDenied position-limit", "StorageBusy". */
  readonly answers: ReadonlyMap<string, number>
  /** From the start to the last answer. */
  readonly seconds: number
  readonly folder: string
}

/** Minutes after the open at which a race begins. */
const BEGINS = 5
/** Where the market's fall has nearly reached the day's loss. */
const NEARLY_LOST = 100

/** The desk before the race, brought to where it begins. */
const prepare = (scenario: Scenario) =>
  Effect.gen(function* () {
    const clock = yield* MarketClockControl
    const broker = yield* Broker
    yield* openRace(minute(0, BEGINS))
    const { before } = scenario
    if (before !== undefined) {
      const request = yield* requestFor(before.side, before.instrument, before.quantity, { id: "before" })
      yield* broker.submit(request, { actor: agent })
      yield* clock.step({ _tag: "To", at: minute(0, NEARLY_LOST) })
    }
    yield* broker.reconcile
    const audit = yield* AuditLog
    yield* audit.flush
  })

/** What the market showed at each of these times. */
const marksAt = (lines: ReadonlyArray<JournalEntry>) =>
  Effect.gen(function* () {
    const data = yield* MarketData
    const clock = yield* SteppedClock
    const marks = new Map<string, bigint>()
    const times = [...new Set(lines.map(({ event }) => event.tsEvent))].toSorted((a, b) => a - b)
    for (const ts of times) {
      if (ts < minute(0, BEGINS)) continue
      yield* clock.set(timestamp(ts))
      for (const { instrument } of data.listings) {
        marks.set(`${instrument.id} ${ts}`, BigInt((yield* data.quote(instrument.id)).last))
      }
    }
    const markAt: MarkAt = (instrument, ts) => marks.get(`${instrumentId(instrument)} ${ts}`) ?? 0n
    return markAt
  }).pipe(
    Effect.provide(marketData.pipe(Layer.provideMerge(MarketClock.layerStepped({ start: minute(0, 0) }))))
  )

const countAnswers = (acts: ReadonlyArray<Act>) => {
  const answers = new Map<string, number>()
  for (const { answer } of acts) {
    const name = [answer?.outcome ?? "no answer", answer?.rule].filter(Boolean).join(" ")
    answers.set(name, (answers.get(name) ?? 0) + 1)
  }
  return answers
}

/** Failures that are no decision about the order: they must not have let one through. */
const undecided = new Set([
  "StorageBusy",
  "CrankContended",
  "StorageFailed",
  "AuditWriteFailed",
  "VenueUnanswered"
])

/** Closed unsent because its process was held up; or not taken while an order in its instrument was of unknown fate. */
const undecidedRules = new Set(["not-sent", "reconciliation"])

const answerProblems = (
  scenario: Scenario,
  acts: ReadonlyArray<Act>,
  lines: ReadonlyArray<JournalEntry>
): ReadonlyArray<string> => {
  const sent = new Set<string>(
    lines.flatMap(({ event }) => (event._tag === "OrderSubmitted" ? [event.clientOrderId] : []))
  )
  const allowed: ReadonlyArray<string> = scenario.binding
  return acts.flatMap(({ answer, intent }) => {
    const name = intent.order ?? answer?.order ?? String(intent.n)
    if (answer === undefined) return [`${name} had no answer`]
    if (answer.rule !== undefined && !undecidedRules.has(answer.rule) && !allowed.includes(answer.rule)) {
      return [`${name} was denied by ${answer.rule}, which should not bind`]
    }
    return undecided.has(answer.outcome) && sent.has(name)
      ? [`${name} was answered ${answer.outcome} and was sent`]
      : []
  })
}

/** Of orders without names: what was asked is told by the answers. */
const named = (acts: ReadonlyArray<Act>): ReadonlyArray<Act> => {
  const seen = new Set<string>()
  return acts.flatMap(({ answer, intent }) => {
    const order = intent.order ?? answer?.order
    if (order === undefined || seen.has(order)) return []
    seen.add(order)
    const told =
      answer === undefined
        ? undefined
        : { ...answer, outcome: answer.outcome === "repeated" ? "done" : answer.outcome }
    return [{ intent: { ...intent, order }, answer: told }]
  })
}

export const orThrow = async <A, E>(effect: Effect.Effect<A, E>): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  throw new Error(Cause.pretty(exit.cause))
}

/** Runs one scenario with so many processes and orders a process, in a folder that is kept when something is wrong. */
export const raceOn = async (options: {
  readonly scenario: Scenario
  readonly processes: number
  readonly orders: number
  readonly seed: number
  /** The URL of a schema on a PostgreSQL server; a file without. */
  readonly database?: string
}): Promise<Raced> => {
  const { database, orders, processes, scenario, seed } = options
  const folder = mkdtempSync(join(tmpdir(), `plimsoll-race-${scenario.name}-`))
  const place: Place = { folder, ...(database === undefined ? {} : { database }) }
  const desk = raceDesk(place, scenario.limits, "parent")
  await orThrow(Effect.provide(prepare(scenario), desk))
  const url = await bundled(new URL("children/raceOnDesk.ts", import.meta.url))
  const logs = Array.from({ length: processes }, (_, number) => join(folder, `acts-${number}.log`))
  const children = logs.map((log, number) => {
    const racing: Racing = {
      ...place,
      log,
      scenario: scenario.name,
      seed: seedOf(seed, scenario.name, number),
      number,
      orders,
      // Some of them have several orders under way, which share transactions.
      together: number % 2 === 0 ? 1 : 4
    }
    return startChild(url, [JSON.stringify(racing)])
  })
  await Promise.all(children.map((child) => child.ready))
  const begun = performance.now()
  const ends = await race(children)
  const seconds = (performance.now() - begun) / 1000
  const died = ends.flatMap(({ code, output, signal }) =>
    code === 0 ? [] : [`a process ended with ${signal ?? code}:\n${output}`]
  )
  const acts = logs.flatMap(readLog)
  const evidence = await orThrow(
    Effect.provide(
      Effect.gen(function* () {
        yield* (yield* Broker).reconcile
        yield* (yield* AuditLog).flush
        return yield* gather
      }),
      raceDesk(place, scenario.limits, "parent")
    )
  )
  const before: Act = { intent: { n: -1, kind: "submit", order: "before" }, answer: undefined }
  const markAt = await orThrow(marksAt(evidence.lines))
  const usage = naiveUsage(evidence.lines, { ...defaultLimits, ...scenario.limits }, markAt)
  const problems = [
    ...died,
    ...problemsOf(evidence, true),
    ...brokenPromises(evidence, [before, ...named(acts)]),
    ...answerProblems(scenario, acts, evidence.lines),
    ...usage.passed
  ]
  if (problems.length === 0) rmSync(folder, { recursive: true })
  return { problems, usage, evidence, answers: countAnswers(acts), seconds, folder }
}
