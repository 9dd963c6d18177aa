/** Processes that are killed, or stopped and woken late, while the desk's other processes go on. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { CrankLease } from "../../src/execution/CrankLease.ts"
import { OrderJournal } from "../../src/execution/OrderJournal.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import {
  acts,
  buy,
  deskLayer,
  type DeskServices,
  fileStorage,
  limitAt,
  marketLayer,
  openAccount,
  stopAt
} from "../execution/TestDesk.ts"
import { ACME, BOLT, minute } from "../execution/TestMarket.ts"
import { bundled } from "../support/BundledScript.ts"
import { startChild } from "../support/Children.ts"
import { gather, problemsOf } from "./Evidence.ts"
import { laterBy } from "./ProjectDesk.ts"

/** So much market to play that several sessions open and close. */
const LATER = 3 * 24 * 60 + 30
/** How long a holder that has died keeps the others waiting. */
const LEASE_MILLIS = 5000
/** Past the lease, and past the time in which an order may still be on its way. */
const LONG_MILLIS = 11_000

let base = ""
const folders: Array<string> = []

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-held-"))
  folders.push(folder)
  return folder
}

/** Another process's desk, this one's; its market stands at that minute. */
const here = <A, E>(folder: string, at: number, body: Effect.Effect<A, E, DeskServices>) =>
  body.pipe(
    Effect.provide(
      Layer.fresh(
        deskLayer({ holder: "another" }).pipe(
          Layer.provideMerge(fileStorage(folder)),
          Layer.provideMerge(marketLayer({ start: minute(0, at) })),
          Layer.provideMerge(NodeServices.layer)
        )
      )
    )
  )

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect)

beforeAll(async () => {
  base = newFolder()
  await run(
    here(
      base,
      5,
      Effect.gen(function* () {
        yield* openAccount()
        yield* buy(ACME, 50, { bracket: { takeProfit: 130, stopLoss: 70 } })
        yield* buy(BOLT, 20, { type: limitAt(45), timeInForce: "GTC" })
        yield* buy(ACME, 30, { type: stopAt(105), timeInForce: "GTC" })
        const { audit } = yield* acts
        yield* audit.flush
      })
    )
  )
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const aDesk = () => {
  const folder = newFolder()
  cpSync(base, folder, { recursive: true })
  return folder
}

/** A process that says where it stands. */
const heldUpOn = async (folder: string, what: string, at: number, end = "on") => {
  const child = startChild(await bundled(new URL("children/heldUp.ts", import.meta.url)), [
    folder,
    what,
    String(at),
    end
  ])
  const said: Array<string> = []
  const told = new Promise<string>((resolve) => {
    child.process.on("message", (message) => {
      said.push(String(message))
      if (message !== "held up") resolve(String(message))
    })
  })
  await child.ready
  expect(said).toEqual(["held up"])
  return { ...child, told }
}

const stop = async (child: Awaited<ReturnType<typeof heldUpOn>>) => {
  child.process.kill("SIGSTOP")
  // Stopped once the system says so.
  while (!/^State:\s+T/mu.test(readFileSync(`/proc/${child.process.pid}/status`, "utf8"))) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const wake = (child: Awaited<ReturnType<typeof heldUpOn>>) => {
  child.go()
  child.process.kill("SIGCONT")
}

const upToDate = Effect.flatMap(acts, ({ crank }) => crank.upToDate)
const look = Effect.flatMap(acts, ({ audit }) => Effect.andThen(audit.flush, gather))
const events = (folder: string, at: number) =>
  Effect.map(here(folder, at, look), (evidence) => {
    expect(problemsOf(evidence, true)).toEqual([])
    return evidence.lines.map(({ actor, event }) => [actor.name, event])
  })

/** What one process writes that nobody disturbs. */
const undisturbed = async () => {
  const folder = aDesk()
  await run(here(folder, LATER, upToDate))
  return run(events(folder, LATER))
}

describe("the crank's lease", () => {
  it("keeps others from turning while its holder fetches, and moves on when that is killed", async () => {
    const folder = aDesk()
    const begun = performance.now()
    const child = await heldUpOn(folder, "turn", LATER)
    const turn = Effect.flatMap(acts, ({ crank }) => crank.turn)
    // On a machine so slow that the lease runs out meanwhile, another may turn.
    const turnsEarly = async () =>
      (await run(here(folder, LATER, turn))).turned && performance.now() - begun < LEASE_MILLIS
    expect(await turnsEarly()).toBe(false)
    child.process.kill("SIGKILL")
    await child.exited
    expect(await turnsEarly()).toBe(false)
    expect((await run(here(folder, LATER, turn).pipe(laterBy(LONG_MILLIS)))).turned).toBe(true)
    expect(await run(events(folder, LATER))).toEqual(await undisturbed())
  }, 60_000)

  it("moves on when its holder is killed in the midst of writing, of which nothing stays", async () => {
    const folder = aDesk()
    const head = Effect.flatMap(OrderJournal, (journal) => journal.head)
    const before = await run(here(folder, 5, head))
    const child = await heldUpOn(folder, "turn", LATER, "die")
    child.go()
    expect((await child.exited).signal).toBe("SIGKILL")
    expect(await run(here(folder, 5, head))).toBe(before)
    await run(here(folder, LATER, upToDate).pipe(laterBy(LONG_MILLIS)))
    expect(await run(events(folder, LATER))).toEqual(await undisturbed())
  }, 60_000)

  it("moves on when its holder is stopped, who writes nothing when it wakes, and goes on from there", async () => {
    const folder = aDesk()
    const child = await heldUpOn(folder, "turn", LATER)
    await stop(child)
    await run(here(folder, LATER, upToDate).pipe(laterBy(LONG_MILLIS)))
    const after = await run(events(folder, LATER))
    wake(child)
    expect(await child.told).toBe("done")
    await child.exited
    expect(await run(events(folder, LATER))).toEqual(after)
    expect(after).toEqual(await undisturbed())
  }, 60_000)
})

describe("the crank's lease, taken by another while its holder is stopped", () => {
  /** Another has it from when it ran out, for a moment; gives its number. */
  const taken = (folder: string, forMillis: number) =>
    here(
      folder,
      LATER,
      Effect.gen(function* () {
        const lease = yield* CrankLease
        const now = (yield* (yield* SteadyClock).now) + LONG_MILLIS * 1000
        const ttlMicros = (forMillis - LONG_MILLIS) * 1000
        return Option.getOrThrow(yield* lease.acquire({ holder: "quicker", now, ttlMicros })).token
      })
    )

  it("keeps what that worked out from being written: it has to take the lease anew", async () => {
    const folder = aDesk()
    const child = await heldUpOn(folder, "turn", LATER)
    await stop(child)
    const theirs = await run(taken(folder, 300))
    wake(child)
    expect(await child.told).toBe("done")
    await child.exited
    // One number for the holder that came back, one for whoever asks now.
    expect(await run(taken(folder, 0))).toBe(theirs + 2)
    expect(await run(events(folder, LATER))).toEqual(await undisturbed())
  }, 60_000)
})

describe("an order whose process is stopped between journaling and sending it", () => {
  const way = (folder: string) =>
    here(
      folder,
      5,
      Effect.gen(function* () {
        const evidence = yield* look
        expect(problemsOf(evidence, true)).toEqual([])
        const ofIt = evidence.lines.filter(
          ({ event }) => "clientOrderId" in event && event.clientOrderId === "slow"
        )
        return {
          journal: ofIt.map(({ event }) => event._tag),
          venue: evidence.record
            .filter(({ clientOrderId }) => clientOrderId === "slow")
            .map(({ _tag }) => _tag)
        }
      })
    )

  it("is taken over by another once it can no longer be on its way, and sent once", async () => {
    const folder = aDesk()
    const child = await heldUpOn(folder, "submit", 5)
    await stop(child)
    const reconcile = Effect.flatMap(acts, ({ broker }) => broker.reconcile)
    await run(here(folder, 5, reconcile))
    await run(here(folder, 5, reconcile).pipe(laterBy(LONG_MILLIS)))
    wake(child)
    expect(await child.told).toBe("done")
    await child.exited
    expect(await run(way(folder))).toEqual({
      journal: ["OrderInitialized", "OrderSubmitted", "OrderSubmitted", "OrderAccepted", "OrderFilled"],
      venue: ["OrderAccepted", "OrderFilled"]
    })
  }, 60_000)

  it("is not sent when that wakes after five seconds, and its caller is told so", async () => {
    const folder = aDesk()
    const child = await heldUpOn(folder, "submit", 5)
    await stop(child)
    // The time itself is what the process goes by.
    await new Promise((resolve) => setTimeout(resolve, 5200))
    wake(child)
    expect(await child.told).toContain("not sent: this process was held up on the way")
    await child.exited
    expect(await run(way(folder))).toEqual({
      journal: ["OrderInitialized", "OrderSubmitted", "OrderDenied"],
      venue: []
    })
  }, 60_000)
})
