/** Processes that submit at full rate while trading is halted, and what has to hold of it. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Option, Result, Schema } from "effect"
import { Broker } from "../../src/execution/Broker.ts"
import { DeskView } from "../../src/execution/DeskView.ts"
import { KillSwitch } from "../../src/execution/KillSwitch.ts"
import { type JournalEntry, OrderJournal } from "../../src/execution/OrderJournal.ts"
import { agent, requestFor } from "../execution/TestDesk.ts"
import { BOLT, minute } from "../execution/TestMarket.ts"
import { bundled } from "../support/BundledScript.ts"
import { startChild } from "../support/Children.ts"
import { seedOf } from "../support/Numbers.ts"
import { HaltAnswer, type Halting } from "./Halting.ts"
import { openRace, type Place, raceDesk } from "./RaceDesk.ts"
import { orThrow } from "./Races.ts"
import { loose } from "./Scenarios.ts"

/** A halt is in the journal, and with that in force in every process, within this time of its being asked for. */
export const WITHIN_MILLIS = 1000

/** How often the desk tries to cancel what was on its way, and how often at the most. */
const SETTLE_EVERY_MILLIS = 50
const MOST_TRIES = 400

export interface HaltRound {
  readonly problems: ReadonlyArray<string>
  /** Orders that were taken before the halt, by all processes. */
  readonly taken: number
  /** From the call of `halt` to its line in the journal: nothing is decided on otherwise after it, in any process. */
  readonly trippedMillis: number
  /** From the call until nothing works any more, asked afresh. */
  readonly verifiedMillis: number
  /** From the call to the last answer of an order that was decided on before it, and to the last process's first refusal. */
  readonly lastTakenMillis: number
  readonly firstRefusedMillis: number
}

const decodeLine = Schema.decodeUnknownSync(Schema.fromJsonString(HaltAnswer))

/** The processes' work lasts so long before the halt at the least, and until they have sent orders enough. */
const TRADED_MILLIS = 2000
const LONGEST_TRADED_MILLIS = 20_000
const LOOK_EVERY_MILLIS = 250

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

const millisFrom = (begun: bigint, at: bigint): number => Number((at - begun) / 1000n) / 1000

const haltIn = (lines: ReadonlyArray<JournalEntry>): JournalEntry | undefined =>
  lines.find(({ event }) => event._tag === "TradingStateChanged" && event.cause === "kill-switch")

/** Orders that were let through after the halt's own line of the journal. */
const afterTheHalt = (lines: ReadonlyArray<JournalEntry>): ReadonlyArray<string> => {
  const halted = haltIn(lines)
  if (halted === undefined) return ["the journal has no halt"]
  return lines.flatMap(({ event, sequence }) =>
    sequence > halted.sequence &&
    event._tag === "OrderInitialized" &&
    wasSubmitted(lines, event.clientOrderId)
      ? [`${event.clientOrderId} was let through after the halt`]
      : []
  )
}

const wasSubmitted = (lines: ReadonlyArray<JournalEntry>, id: string): boolean =>
  lines.some(({ event }) => event._tag === "OrderSubmitted" && event.clientOrderId === id)

/** What a process finds that opens the desk afterwards. */
const aftermath = (place: Place) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const killSwitch = yield* KillSwitch
    const view = yield* DeskView
    const journal = yield* OrderJournal
    const problems: Array<string> = []
    yield* broker.reconcile
    const left = yield* killSwitch.settle
    const { halt, tradingState, working } = yield* view.status
    if (tradingState !== "Halted") problems.push(`after a restart trading is ${tradingState}`)
    if (!Option.contains(halt, "verified")) problems.push("the halt is not verified")
    if (left.length > 0 || working.length > 0)
      problems.push(`${working.length} orders work in spite of the halt`)
    const request = yield* requestFor("BUY", BOLT, 1, { id: "afterwards" })
    const refused = yield* Effect.result(broker.submit(request, { actor: agent }))
    const isRefused =
      Result.isFailure(refused) &&
      refused.failure._tag === "OrderDenied" &&
      refused.failure.rule === "trading-state"
    if (!isRefused) problems.push("after a restart an order passes")
    const lines = yield* journal.read({ after: 0, limit: 1_000_000 })
    return { problems: [...problems, ...afterTheHalt(lines)], tsHalted: haltIn(lines)?.tsWall ?? 0 }
  }).pipe(Effect.provide(Layer.fresh(raceDesk(place, loose, "afterwards"))))

const tellsOf = (output: string): ReadonlyArray<HaltAnswer> =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => decodeLine(line))

/** On a busy machine eight processes take a while to send their first orders. */
const untilTraded = (orders: number) =>
  Effect.gen(function* () {
    const journal = yield* OrderJournal
    yield* Effect.promise(() => pause(TRADED_MILLIS))
    for (let waited = TRADED_MILLIS; waited < LONGEST_TRADED_MILLIS; waited += LOOK_EVERY_MILLIS) {
      const lines = yield* journal.read({ after: 0, limit: 1_000_000 })
      if (lines.filter(({ event }) => event._tag === "OrderSubmitted").length >= orders) return
      yield* Effect.promise(() => pause(LOOK_EVERY_MILLIS))
    }
  })

/** Halts as another process does, once so many orders were sent, and says when it was asked for and how long it took. */
const haltFrom = (place: Place, orders: number) =>
  Effect.gen(function* () {
    const killSwitch = yield* KillSwitch
    // Opened before: it is about the halt, not about starting a program.
    yield* (yield* DeskView).status
    yield* untilTraded(orders)
    const asked = process.hrtime.bigint()
    const tsAsked = Date.now() * 1000
    const halted = yield* Effect.result(killSwitch.halt("a test of the halt", agent))
    // What was on its way when trading was halted arrives, and is canceled.
    let left = Result.isFailure(halted) ? 1 : 0
    for (let tries = 0; left > 0 && tries < MOST_TRIES; tries++) {
      yield* Effect.promise(() => pause(SETTLE_EVERY_MILLIS))
      left = (yield* killSwitch.settle).length
    }
    return { asked, tsAsked, verified: process.hrtime.bigint(), left }
  }).pipe(Effect.provide(raceDesk(place, loose, "halts")))

/** One halt among `processes` that submit at full rate. */
export const haltAmong = async (options: {
  readonly processes: number
  readonly seed: number
  /** The URL of a schema on a PostgreSQL server; a file without. */
  readonly database?: string
}): Promise<HaltRound> => {
  const { database, processes, seed } = options
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-halt-"))
  const place: Place = { folder, ...(database === undefined ? {} : { database }) }
  const opening = Effect.gen(function* () {
    yield* openRace(minute(0, 5))
    yield* (yield* Broker).reconcile
  })
  await orThrow(Effect.provide(opening, raceDesk(place, loose, "opens")))
  const url = await bundled(new URL("children/submitUntilHalted.ts", import.meta.url))
  const children = Array.from({ length: processes }, (_, number) => {
    const told: Halting = {
      ...place,
      number,
      seed: seedOf(seed, "halt", number),
      together: number % 2 === 0 ? 1 : 4,
      goesOnMillis: 500,
      lastsMillis: 60_000
    }
    return startChild(url, [JSON.stringify(told)])
  })
  await Promise.all(children.map((child) => child.ready))
  for (const child of children) child.go()
  const { asked, left, tsAsked, verified } = await orThrow(haltFrom(place, 4 * processes))
  const ends = await Promise.all(children.map((child) => child.exited))
  const problems: Array<string> = ends.flatMap(({ code, output, signal }, number) =>
    code === 0 ? [] : [`process ${number} ended with ${signal ?? code}: ${output.slice(-500)}`]
  )
  if (left > 0) problems.push(`${left} orders may still work`)
  const tells = ends.map(({ output }) => tellsOf(output))
  const taken = tells.flat().filter(({ outcome }) => outcome === "taken")
  const lastTaken = Math.max(0, ...taken.map(({ at }) => millisFrom(asked, BigInt(at))))
  const refusals = tells.map((answers) => answers.find(({ outcome }) => outcome === "halted"))
  if (refusals.some((refusal) => refusal === undefined)) problems.push("a process was never refused")
  const firstRefused = Math.max(
    0,
    ...refusals.flatMap((refusal) => (refusal === undefined ? [] : [millisFrom(asked, BigInt(refusal.at))]))
  )
  if (taken.length < processes) problems.push(`only ${taken.length} orders were taken before the halt`)
  const after = await orThrow(aftermath(place))
  problems.push(...after.problems)
  rmSync(folder, { recursive: true })
  return {
    problems,
    taken: taken.length,
    trippedMillis: (after.tsHalted - tsAsked) / 1000,
    verifiedMillis: millisFrom(asked, verified),
    lastTakenMillis: lastTaken,
    firstRefusedMillis: firstRefused
  }
}
