/** A few deaths of the soak (soak/kill.soak.ts), and that what it looks for it would see. */
import { rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { money } from "../../src/domain/Money.ts"
import { acts, buy, goTo, limitAt, openAccount, testDesk } from "../execution/TestDesk.ts"
import { ACME, BOLT, minute } from "../execution/TestMarket.ts"
import type { Act } from "./ActLog.ts"
import { type Evidence, gather, problemsOf } from "./Evidence.ts"
import { actedOn, killedAtExpiry, made, makeBase, makeExpiring } from "./Kills.ts"
import { brokenPromises } from "./Promised.ts"

describe("a process killed at a call to the disk", () => {
  let base = ""
  beforeAll(async () => {
    base = await makeBase()
  }, 60_000)
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it("leaves a desk on which nothing is lost, doubled or told otherwise", async () => {
    const desks = [0, 1].map((number) => actedOn({ base, seed: 20_240_304, number }))
    const killed = await Promise.all(
      desks.map(async (desk) => [await desk.kill(), await desk.kill(), await desk.kill()])
    )
    expect(killed.flat().flatMap(({ problems }) => problems)).toEqual([])
    expect(new Set(killed.flat().map(({ phase }) => phase)).size).toBeGreaterThan(2)
    for (const desk of desks) desk.remove()
  }, 120_000)

  it("while it settles an expiry leaves one whose options end once, all of them", async () => {
    const expiring = await makeExpiring()
    try {
      const whole = await killedAtExpiry(expiring, 1_000_000)
      const calls = whole.calls ?? 0
      expect(calls).toBeGreaterThan(30)
      const places = Array.from({ length: 8 }, (_, i) => 1 + Math.floor((calls * i) / 8))
      const half = async (from: number) => {
        const died = []
        for (const call of places.filter((_, i) => i % 2 === from))
          died.push(await killedAtExpiry(expiring, call))
        return died
      }
      const died = (await Promise.all([half(0), half(1)])).flat()
      expect(died.map((one) => one.calls)).toEqual(places.map(() => undefined))
      expect([whole, ...died].flatMap(({ problems }) => problems)).toEqual([])
      expect(whole.ends).toEqual([
        "OptionExercised ACME 240315C00020000 3",
        "OptionAssigned ACME 240315C00021000 1",
        "OptionExpired ACME 240315C00023000 2",
        "OptionExpired ACME 240315P00021000 2",
        "OptionAssigned ACME 240315P00024000 2"
      ])
      for (const { ends } of died) expect(ends).toEqual(whole.ends)
    } finally {
      rmSync(expiring, { recursive: true, force: true })
    }
  }, 120_000)

  it("while it makes a desk leaves one that the next process makes whole", async () => {
    const desks = [0, 1, 2, 3].map((number) => made({ seed: 20_240_304, number }))
    const killed = await Promise.all(desks.map((desk) => desk.kill()))
    expect(killed.flatMap(({ problems }) => problems)).toEqual([])
    for (const desk of desks) desk.remove()
  }, 120_000)
})

/** A desk with a fill, a working order and a denied one, and what its callers were told. */
const someDesk = Effect.gen(function* () {
  yield* openAccount()
  yield* goTo(minute(0, 5))
  yield* buy(ACME, 50, { id: "filled" })
  yield* buy(BOLT, 10, { id: "works", type: limitAt(40), timeInForce: "GTC" })
  yield* Effect.exit(buy(BOLT, 100_000, { id: "denied" }))
  const { audit } = yield* acts
  yield* audit.flush
  return yield* gather
}).pipe(Effect.provide(testDesk()))

const told = (n: number, order: string, outcome: string, more: object = {}): Act => ({
  intent: { n, kind: "submit", order },
  answer: { n, outcome, calls: 0, ...more }
})
const asked: ReadonlyArray<Act> = [
  told(1, "filled", "done", { status: "Filled", filled: 50_000_000 }),
  told(2, "works", "done", { status: "Accepted", filled: 0 }),
  told(3, "denied", "OrderDenied")
]

const seen = (change: (evidence: Evidence) => Evidence, history = asked) =>
  Effect.map(someDesk, (evidence) => {
    const changed = change(evidence)
    return [...problemsOf(changed, true), ...brokenPromises(changed, history)].join("\n")
  })

const without = (tag: string) => (evidence: Evidence) => ({
  ...evidence,
  lines: evidence.lines.filter(({ event }) => event._tag !== tag)
})

describe("what is looked at after a death", () => {
  it.effect("is in order on a desk where nothing happened", () =>
    Effect.map(
      seen((evidence) => evidence),
      (problems) => expect(problems).toBe("")
    )
  )

  it.effect("shows a line that is missing from the journal", () =>
    Effect.map(seen(without("OrderFilled")), (problems) =>
      expect(problems).toContain("is missing from the journal")
    )
  )

  it.effect("shows an order that was answered for and is gone, and one that nobody asked for", () =>
    Effect.gen(function* () {
      const gone = seen((evidence) => ({
        ...evidence,
        lines: [],
        orders: evidence.orders.filter(({ clientOrderId }) => clientOrderId !== "denied")
      }))
      expect(yield* gone).toContain("denied (answered OrderDenied ; ) is lost")
      expect(yield* seen((evidence) => evidence, asked.slice(1))).toContain("nobody asked for filled")
    })
  )

  it.effect("shows what was accepted twice or filled twice", () =>
    Effect.map(
      seen((evidence) => ({ ...evidence, record: [...evidence.record, ...evidence.record] })),
      (problems) => {
        expect(problems).toContain("filled was accepted twice")
        expect(problems).toContain("was made twice")
        expect(problems).toContain("differ at")
      }
    )
  )

  it.effect("shows a journal line that says otherwise than its audit entry", () =>
    Effect.map(
      seen((evidence) => ({
        ...evidence,
        lines: evidence.lines.map((line) =>
          line.event._tag === "CashDeposited"
            ? { ...line, event: { ...line.event, amount: money(line.event.amount + 1) } }
            : line
        )
      })),
      (problems) => expect(problems).toContain("the audit log")
    )
  )

  it.effect("shows an order that has no end and one that works at the venue alone", () =>
    Effect.gen(function* () {
      expect(yield* seen((evidence) => ({ ...evidence, working: [] }))).toContain(
        "does not work at the venue"
      )
      expect(yield* seen(without("nothing"), [...asked, told(4, "never", "done")])).toContain("never")
      const status = "PendingCancel"
      const pending = seen((evidence) => ({
        ...evidence,
        orders: evidence.orders.map((order) =>
          order.clientOrderId === "works" ? { ...order, status } : order
        )
      }))
      expect(yield* pending).toContain("works is kept as PendingCancel")
    })
  )
})
