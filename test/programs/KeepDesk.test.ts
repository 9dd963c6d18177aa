/** What a process that stays does when one part of its work fails. */
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Result } from "effect"
import { TestClock } from "effect/testing"
import { Crank, CrankContended } from "../../src/execution/Crank.ts"
import { DeskView } from "../../src/execution/DeskView.ts"
import { turnCrank } from "../../src/programs/DeskProgram.ts"
import { keepDesk } from "../../src/programs/KeepDesk.ts"
import { statusLine } from "../../src/programs/cli/StatusReport.ts"
import { plainStyle } from "../../src/programs/cli/Format.ts"
import {
  acts,
  agent,
  buy,
  goTo,
  limitAt,
  openAccount,
  orderNamed,
  standing,
  testDesk
} from "../execution/TestDesk.ts"
import { ACME, minute } from "../execution/TestMarket.ts"

const standingStill = Layer.effect(
  Crank,
  Effect.map(Crank, (crank) =>
    Crank.of({ ...crank, turn: Effect.fail(new CrankContended({ message: "no prices" })) })
  )
)

const withHalt = Effect.gen(function* () {
  const { killSwitch, line } = yield* acts
  yield* openAccount()
  yield* goTo(minute(0, 5))
  yield* buy(ACME, 50, { id: "stuck", type: limitAt(90), timeInForce: "GTC" })
  line.cancel = "ignored"
  yield* Effect.flip(killSwitch.halt("enough", agent))
  return line
})

const inOneLine = Effect.gen(function* () {
  const { status } = yield* DeskView
  return statusLine({ limits: Result.fail("not looked at"), status: yield* status }, plainStyle)
})

it.effect("what a halt has left is canceled by whoever comes, though the crank cannot turn", () =>
  Effect.gen(function* () {
    const line = yield* withHalt
    expect(yield* inOneLine).toContain("may still be working: stuck")
    line.cancel = "works"
    const turned = yield* Effect.flip(Effect.provide(turnCrank, standingStill))
    expect(turned).toMatchObject({ _tag: "CrankContended" })
    expect(yield* standing("stuck")).toBe("Canceled")
    expect(yield* inOneLine).not.toContain("may still be working")
  }).pipe(Effect.provide(testDesk()))
)

it.effect("the desk is held against its venue by who stays, though the crank cannot turn", () =>
  Effect.gen(function* () {
    const { line } = yield* acts
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* buy(ACME, 50, { id: "stuck", type: limitAt(90), timeInForce: "GTC" })
    line.forgotten.add(orderNamed("stuck"))
    const staying = yield* Effect.forkChild(Effect.provide(keepDesk(Effect.void), standingStill))
    yield* TestClock.adjust("2 seconds")
    yield* Fiber.interrupt(staying)
    expect(yield* standing("stuck")).toBe("Canceled")
  }).pipe(Effect.provide(testDesk()))
)

it.effect("the book is kept as it stands when nothing has happened for a second, by who stays", () =>
  Effect.gen(function* () {
    const { journal } = yield* acts
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* buy(ACME, 50, { id: "filled" })
    const keptUpTo = Effect.map(
      journal.checkpoint,
      Option.map(({ sequence }) => sequence)
    )
    expect(yield* keptUpTo).not.toEqual(Option.some(yield* journal.head))
    const staying = yield* Effect.forkChild(keepDesk(Effect.void))
    yield* TestClock.adjust("3 seconds")
    expect(yield* keptUpTo).toEqual(Option.some(yield* journal.head))
    yield* buy(ACME, 1, { id: "later", repeat: true })
    yield* TestClock.adjust("3 seconds")
    expect(yield* keptUpTo).toEqual(Option.some(yield* journal.head))
    yield* Fiber.interrupt(staying)
  }).pipe(Effect.provide(testDesk()))
)
