/** The clocks of this very machine, seen by real processes. */
import { existsSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import { bootId } from "../../src/programs/BootId.ts"
import { startChild } from "../support/Children.ts"

const script = new URL("./processes/tellSteadyTime.ts", import.meta.url)

const Told = Schema.fromJsonString(
  Schema.Struct({ boot: Schema.String, monotonic: Schema.String, steady: Schema.Int })
)

/** What a process of its own says, whose computer's clock is that much off. */
const ask = Effect.fnUntraced(function* (filename: string, wrongByMillis: number) {
  const child = startChild(script, [filename, String(wrongByMillis)])
  const end = yield* Effect.promise(async () => {
    await child.ready
    child.go()
    return child.exited
  })
  return yield* Schema.decodeUnknownEffect(Told)(end.output)
})

const DAY = 86_400_000

describe("processes of one start of the machine", () => {
  it.skipIf(!existsSync("/proc/sys/kernel/random/boot_id"))("read its name from Linux", () => {
    expect(bootId()).toMatch(/^[0-9a-f-]{36} time:\[\d+\]$/u)
  })

  it.effect("share the monotonic clock, and a steady one whatever their computer's clocks show", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const filename = `${yield* files.makeTempDirectoryScoped()}/desk.db`
      const readings = []
      for (const wrongBy of [0, DAY, -365 * DAY, 0]) {
        const before = process.hrtime.bigint()
        const told = yield* ask(filename, wrongBy)
        expect(BigInt(told.monotonic)).toBeGreaterThan(before)
        expect(BigInt(told.monotonic)).toBeLessThan(process.hrtime.bigint())
        expect(told.boot).toBe(bootId())
        readings.push(told)
      }
      // It went on from process to process, and by no day.
      const steady = readings.map((told) => told.steady)
      expect(steady).toEqual(steady.toSorted((x, y) => x - y))
      expect((steady.at(-1) ?? 0) - (steady[0] ?? 0)).toBeLessThan(DAY * 1000)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
