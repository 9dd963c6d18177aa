/** The same inputs give the same journal, however the run was interrupted. */
import { NodeServices } from "@effect/platform-node"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Result } from "effect"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { resumeIndex } from "../../src/session/Run.ts"
import { sessions } from "../execution/TestMarket.ts"
import { bundled } from "../support/BundledScript.ts"
import { startChild } from "../support/Children.ts"
import { numbers } from "../support/Numbers.ts"
import { playRun, verifyRun } from "./TestRun.ts"

const inFolder = <A, E>(body: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.flatMap(files.makeTempDirectoryScoped(), body)
  ).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const hashes = (books: ReadonlyArray<{ readonly journalHash: string }>) =>
  books.map(({ journalHash }) => journalHash)

/** A process that plays the run and kills itself at that call to the disk, or at the run's end. */
const playUntil = (folder: string, call: number) =>
  Effect.promise(async () => {
    const child = startChild(await bundled(new URL("processes/playRun.ts", import.meta.url)), [
      folder,
      String(call)
    ])
    await child.ready
    child.go()
    const { output, signal } = await child.exited
    if (signal !== "SIGKILL") throw new Error(`the child was not killed:\n${output}`)
  })

/** What an uninterrupted run says, worked out once. */
let whole: Effect.Success<ReturnType<typeof playRun>> = []
beforeAll(async () => {
  whole = await Effect.runPromise(inFolder((folder) => playRun(folder)))
})

describe("a run", () => {
  it.effect("gives the same journal from the same inputs, and its books do not disturb each other", () =>
    Effect.gen(function* () {
      const again = yield* inFolder((folder) => playRun(folder))
      expect(again).toEqual(whole)
      expect(new Set(hashes(whole)).size).toBe(3)
      for (const book of whole) {
        expect(book.sessions).toBe(sessions.length)
        expect(book.fills).toBeGreaterThan(10)
      }
    })
  )

  it.live("interrupted at any moment and resumed ends with the same journal", () =>
    Effect.gen(function* () {
      const next = numbers(20_240_304)
      yield* inFolder((folder) =>
        Effect.gen(function* () {
          for (let i = 0; i < 12; i++) {
            const run = yield* Effect.forkChild(playRun(folder))
            yield* Effect.sleep(next(60))
            yield* Fiber.interrupt(run)
          }
          expect(hashes(yield* playRun(folder))).toEqual(hashes(whole))
          for (const { unwritten } of yield* verifyRun(folder)) expect(unwritten).toBe(0)
        })
      )
    })
  )

  it.live(
    "killed at any call to the disk and resumed ends with the same journal, its audit log whole",
    () =>
      Effect.gen(function* () {
        // Two runs side by side, so that both cores have one to kill.
        const killed = (seed: number) =>
          inFolder((folder) =>
            Effect.gen(function* () {
              const next = numbers(seed)
              for (let i = 0; i < 3; i++) yield* playUntil(folder, 40 + next(2000))
              expect(yield* playRun(folder)).toEqual(whole)
              for (const { unwritten } of yield* verifyRun(folder)) expect(unwritten).toBe(0)
            })
          )
        yield* Effect.forEach([19_871_019, 20_100_506], killed, { concurrency: 2, discard: true })
      }),
    120_000
  )

  it.effect("played again from its end does nothing", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        expect(yield* playRun(folder)).toEqual(whole)
        const before = yield* verifyRun(folder)
        expect(yield* playRun(folder)).toEqual(whole)
        expect(yield* verifyRun(folder)).toEqual(before)
      })
    )
  )

  it.effect("whose progress cannot be told stops where it is", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const stopped = yield* Effect.result(
          Effect.sandbox(playRun(folder, Effect.die(new Error("the terminal is gone"))))
        )
        expect(Result.isFailure(stopped)).toBe(true)
        expect(hashes(yield* playRun(folder))).toEqual(hashes(yield* inFolder((another) => playRun(another))))
      })
    )
  )
})

describe("where a run goes on", () => {
  it("is the session whose close it had reached, or that it is in", () => {
    const at = (index: number) => {
      const session = sessions[index]
      if (session === undefined) throw new Error("no such session")
      return session
    }
    expect(resumeIndex(sessions, timestamp(at(0).open - 1))).toBe(0)
    expect(resumeIndex(sessions, at(3).open)).toBe(3)
    expect(resumeIndex(sessions, at(3).close)).toBe(3)
    expect(resumeIndex(sessions, timestamp(at(3).close + 1))).toBe(4)
    expect(resumeIndex(sessions, timestamp(at(14).close + 1))).toBe(14)
    expect(resumeIndex([], at(0).open)).toBe(0)
  })
})
