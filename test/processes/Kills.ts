/**
 * Processes killed at work, and what they leave looked at by another process: this one.
 *
 * Three kinds of desks: one that is acted on and survives kill after kill, one that is killed while it is made, and a
 * run that is killed and resumed to its end. What is drawn comes from the seed; where a process kills itself at a call
 * of its own (`At`) the same seed gives the same death.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, type Layer } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { MICROS_PER_MINUTE, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { Broker } from "../../src/execution/Broker.ts"
import { Crank } from "../../src/execution/Crank.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { comboRequest, contract, type Leg, netLimit } from "../execution/OptionDesk.ts"
import { agent, type Ask, fileStorage } from "../execution/TestDesk.ts"
import { closeOf, minute } from "../execution/TestMarket.ts"
import { bookFolders, playRun } from "../session/TestRun.ts"
import { bundled } from "../support/BundledScript.ts"
import { startChild } from "../support/Children.ts"
import { type Draw, numbers, seedOf } from "../support/Numbers.ts"
import type { Acting, Death } from "./Acting.ts"
import { type Act, type ActKind, readLog } from "./ActLog.ts"
import { gather, problemsOf } from "./Evidence.ts"
import { laterBy, makeOldProject, makeProject, projectDesk, setUp } from "./ProjectDesk.ts"
import { brokenPromises } from "./Promised.ts"

/** What a process was doing when it died. */
export type Phase = ActKind | "between" | "migrate" | "run"

export interface Killed {
  readonly phase: Phase
  readonly how: Death["_tag"]
  readonly problems: ReadonlyArray<string>
}

/** About as many calls to the disk as an act of this kind makes, measured. */
const callsOf: Readonly<Record<ActKind, number>> = {
  open: 170,
  submit: 110,
  fill: 120,
  cancel: 95,
  replace: 95,
  "cancel-all": 95,
  drain: 14,
  cash: 45,
  halt: 220
}

/** Past the time in which an order without an answer may still be on its way. */
const LATER_MILLIS = 11_000

const script = (name: string) => bundled(new URL(`children/${name}.ts`, import.meta.url))

const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof NodeServices.layer>>) =>
  Effect.runPromiseExit(Effect.provide(effect, NodeServices.layer))

/** The result, or the failure as a problem. */
const orProblem = async <E>(
  effect: Effect.Effect<ReadonlyArray<string>, E, Layer.Success<typeof NodeServices.layer>>
): Promise<ReadonlyArray<string>> => {
  const exit = await run(effect)
  return Exit.isSuccess(exit) ? exit.value : [Cause.pretty(exit.cause)]
}

/** Starts the child, lets it go, and kills it after `killAfter` milliseconds where that is given. */
const liveAndDie = async (url: URL, args: ReadonlyArray<string>, killAfter: number | undefined) => {
  const child = startChild(url, args)
  await child.ready
  child.go()
  const timer =
    killAfter === undefined ? undefined : setTimeout(() => child.process.kill("SIGKILL"), killAfter)
  const { code, output, signal } = await child.exited
  clearTimeout(timer)
  return {
    killed: signal === "SIGKILL",
    said: `it ended with ${signal ?? code} instead of being killed:\n${output}`
  }
}

/** Opens the desk as the next process would, and lets nothing stay open: no order on its way, no entry unwritten. */
const recover = (project: string, draw: Draw) => {
  const reconcile = Effect.gen(function* () {
    const broker = yield* Broker
    yield* broker.reconcile
  })
  const settle = Effect.gen(function* () {
    yield* setUp
    const crank = yield* Crank
    const audit = yield* AuditLog
    yield* crank.upToDate
    yield* reconcile
    yield* audit.flush
  })
  const opened = projectDesk(project, "verifier")
  const moveOn = Effect.gen(function* () {
    const clock = yield* MarketClockControl
    yield* Effect.ignore(clock.step({ _tag: "By", micros: MICROS_PER_MINUTE }))
  })
  return Effect.gen(function* () {
    // At once, with the market where it was: what was on its way is sent. Or later: what was not sent is closed.
    if (draw(2) === 0) yield* Effect.provide(Effect.andThen(setUp, reconcile), opened)
    else yield* Effect.provide(Effect.andThen(setUp, moveOn), opened)
    return yield* Effect.provide(Effect.andThen(settle, gather), opened).pipe(laterBy(LATER_MILLIS))
  })
}

const verify = (project: string, draw: Draw, acts: ReadonlyArray<Act>) =>
  orProblem(
    Effect.map(recover(project, draw), (evidence) => [
      ...problemsOf(evidence, true),
      ...brokenPromises(evidence, acts)
    ])
  )

/** The act a process died in. */
const phaseOf = (acts: ReadonlyArray<Act>): Phase => {
  const last = acts.at(-1)
  return last === undefined || last.answer !== undefined ? "between" : last.intent.kind
}

const kinds: readonly [ActKind, ...ReadonlyArray<ActKind>] = [
  "submit",
  "fill",
  "submit",
  "fill",
  "cancel",
  "replace",
  "drain",
  "submit",
  "cash",
  "cancel-all",
  "halt",
  "open"
]

/** Where a process numbered `nth` among all dies. */
const deathOf = (draw: Draw, nth: number, outside: boolean): Death => {
  if (outside) return { _tag: "Outside" }
  const kind = kinds[nth % kinds.length] ?? "submit"
  return {
    _tag: "At",
    kind,
    acts: kind === "open" ? 0 : 1 + draw(8),
    call: 1 + draw(callsOf[kind]),
    after: 3
  }
}

export interface Desk {
  /** Kills one more process on the desk. */
  readonly kill: () => Promise<Killed>
  /** Removes it, when nothing was wrong. */
  readonly remove: () => void
  readonly path: string
}

const temporary = (name: string) => mkdtempSync(join(tmpdir(), `plimsoll-${name}-`))

/** A desk that was set up in order, to be copied. */
export const makeBase = async (): Promise<string> => {
  const project = temporary("kill-base")
  makeProject(project)
  const exit = await run(Effect.provide(setUp, projectDesk(project, "base")))
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return project
}

const FRIDAY = 9
const NEXT_WEEK = sessionDate("2024-03-22")

/** Structures of which all but one end at Friday's close, in every way there is; ACME is at 22. */
const structures: ReadonlyArray<
  readonly [id: string, legs: ReadonlyArray<Leg>, units: number, net?: number]
> = [
  [
    "bears",
    [
      ["SELL", contract("CALL", 21)],
      ["BUY", contract("CALL", 23)]
    ],
    1
  ],
  [
    "puts",
    [
      ["SELL", contract("PUT", 24)],
      ["BUY", contract("PUT", 21)]
    ],
    2
  ],
  [
    "calls",
    [
      ["BUY", contract("CALL", 20)],
      ["SELL", contract("CALL", 23)]
    ],
    3
  ],
  [
    "stays",
    [
      ["SELL", contract("PUT", 22, NEXT_WEEK)],
      ["BUY", contract("PUT", 20, NEXT_WEEK)]
    ],
    1
  ],
  [
    "rests",
    [
      ["SELL", contract("PUT", 22)],
      ["BUY", contract("PUT", 21)]
    ],
    1,
    -1.9
  ]
]

/** Sends them a day before. */
const takeStructures = Effect.gen(function* () {
  const clock = yield* MarketClockControl
  const crank = yield* Crank
  const broker = yield* Broker
  yield* clock.step({ _tag: "To", at: minute(FRIDAY - 1, 5) })
  yield* crank.upToDate
  for (const [id, legs, units, net] of structures) {
    const terms: Ask = net === undefined ? {} : { type: netLimit(net), timeInForce: "GTC" }
    const { order } = yield* broker.submit(yield* comboRequest(legs, units, { ...terms, id }), {
      actor: agent
    })
    if (order.status !== (net === undefined ? "Filled" : "Accepted"))
      throw new Error(`${id} is ${order.status}`)
  }
  yield* clock.step({ _tag: "To", at: timestamp(closeOf(FRIDAY) - 2 * MICROS_PER_MINUTE) })
  yield* crank.upToDate
})

/** A desk whose options end in two minutes, to be copied. */
export const makeExpiring = async (): Promise<string> => {
  const project = temporary("kill-expiry")
  makeProject(project)
  const exit = await run(Effect.provide(Effect.andThen(setUp, takeStructures), projectDesk(project, "base")))
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return project
}

/** Kills the process that brings a copy of that desk past the close, at a call to the disk; how its options ended, and how many calls it made if it came to the end. */
export const killedAtExpiry = async (base: string, call: number) => {
  const project = temporary("kill")
  cpSync(base, project, { recursive: true })
  const log = join(project, "acts.log")
  const death: Death = { _tag: "At", kind: "fill", acts: 1, call, after: 0 }
  const acting: Acting = { project, log, seed: 1, first: 10_000, prefix: "o", death }
  const { acts, killed, mine, said } = await actingOn(acting, undefined)
  const evidence = Effect.gen(function* () {
    const clock = yield* MarketClockControl
    const broker = yield* Broker
    const crank = yield* Crank
    yield* setUp
    // Where it died before the clock was set, the next process moves it.
    yield* clock
      .step({ _tag: "To", at: timestamp(closeOf(FRIDAY) + MICROS_PER_MINUTE) })
      .pipe(Effect.catchTag("ClockRefused", () => Effect.void))
    yield* crank.upToDate
    yield* broker.reconcile
    yield* Effect.flatMap(AuditLog, ({ flush }) => flush)
    return yield* gather
  }).pipe(Effect.provide(projectDesk(project, "verifier")), laterBy(LATER_MILLIS))
  const asked = structures.map(([order], i): Act => ({
    intent: { n: i, kind: "submit", order },
    answer: undefined
  }))
  let ends: ReadonlyArray<string> = []
  const problems = await orProblem(
    Effect.map(evidence, (found) => {
      ends = found.lines.flatMap(({ event }) =>
        event._tag === "OptionExercised" || event._tag === "OptionAssigned" || event._tag === "OptionExpired"
          ? [`${event._tag} ${event.instrumentId.split(".")[0]} ${event.quantity / 1e6}`]
          : []
      )
      return [...problemsOf(found, true), ...brokenPromises(found, [...asked, ...acts])]
    })
  )
  rmSync(project, { recursive: true, force: true })
  const calls = mine.at(-1)?.answer?.calls
  return { calls, ends, problems: killed ? problems : [said, ...problems] }
}

const actingOn = async (acting: Acting, killAfter: number | undefined) => {
  const end = await liveAndDie(await script("actOnDesk"), [JSON.stringify(acting)], killAfter)
  const acts = readLog(acting.log)
  return { ...end, acts, mine: acts.filter(({ intent }) => intent.n >= acting.first) }
}

/** A desk on which process after process acts and dies. */
export const actedOn = (options: {
  readonly base: string
  readonly seed: number
  readonly number: number
}): Desk => {
  const { base, number, seed } = options
  const project = temporary("kill")
  cpSync(base, project, { recursive: true })
  const outside = number % 4 === 3
  let nth = 0
  const kill = async (): Promise<Killed> => {
    const deskSeed = seedOf(seed, "desk", number, nth)
    const draw = numbers(deskSeed)
    const death = deathOf(draw, number * 7 + nth, outside)
    nth += 1
    const acting: Acting = {
      project,
      log: join(project, "acts.log"),
      seed: deskSeed,
      first: nth * 10_000,
      prefix: "o",
      death
    }
    const { acts, killed, mine, said } = await actingOn(acting, outside ? 60 + draw(400) : undefined)
    const problems = killed ? await verify(project, draw, acts) : [said]
    return { phase: phaseOf(mine), how: death._tag, problems }
  }
  return { kill, path: project, remove: () => rmSync(project, { recursive: true, force: true }) }
}

/** A project whose desk is made, or one of the first version brought up to date, by a process that dies over it. */
export const made = (options: { readonly seed: number; readonly number: number }): Desk => {
  const project = temporary("make")
  if (options.number % 2 === 0) makeProject(project)
  else makeOldProject(project)
  let nth = 0
  const kill = async (): Promise<Killed> => {
    const draw = numbers(seedOf(options.seed, "made", options.number, nth))
    nth += 1
    const acting: Acting = {
      project,
      log: join(project, "acts.log"),
      seed: 1,
      first: nth * 10_000,
      prefix: "o",
      death: { _tag: "At", kind: "open", acts: 0, call: 1 + draw(callsOf.open), after: 0 }
    }
    const { acts, killed, said } = await actingOn(acting, undefined)
    const problems = killed ? await verify(project, draw, acts) : [said]
    return { phase: "migrate", how: "At", problems }
  }
  return { kill, path: project, remove: () => rmSync(project, { recursive: true, force: true }) }
}

const verifyBook = (folder: string) =>
  Effect.map(gather, (evidence) => problemsOf(evidence, false)).pipe(Effect.provide(fileStorage(folder)))

/** A run that is killed again and again; `finish` plays it to its end and compares it with one that was not. */
export const interruptedRun = (options: { readonly seed: number; readonly number: number }) => {
  const folder = temporary("run")
  let nth = 0
  const kill = async (): Promise<Killed> => {
    const draw = numbers(seedOf(options.seed, "run", options.number, nth))
    nth += 1
    const { killed, said } = await liveAndDie(
      await script("../../session/processes/playRun"),
      [folder, String(1 + draw(4000))],
      undefined
    )
    if (!killed) return { phase: "run", how: "At", problems: [said] }
    const problems = await orProblem(
      Effect.map(Effect.forEach(bookFolders(folder), verifyBook), (found) => found.flat())
    )
    return { phase: "run", how: "At", problems }
  }
  const finish = async (whole: Effect.Success<ReturnType<typeof playRun>>): Promise<ReadonlyArray<string>> =>
    orProblem(
      Effect.gen(function* () {
        const hashes = (yield* playRun(folder)).map(({ journalHash }) => journalHash)
        const problems = (yield* Effect.forEach(bookFolders(folder), verifyBook)).flat()
        const expected = whole.map(({ journalHash }) => journalHash)
        return hashes.join() === expected.join()
          ? problems
          : [...problems, "the run ended with another journal"]
      })
    )
  return { kill, finish, path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** What a failing desk's processes said, for a person to read. */
export const logOf = (desk: Desk): string => readFileSync(join(desk.path, "acts.log"), "utf8")
