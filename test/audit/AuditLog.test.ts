import { existsSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, FileSystem, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { AuditStore } from "../../src/audit/AuditStore.ts"
import { genesis, readLine } from "../../src/audit/HashChain.ts"
import { race, startChild } from "../support/Children.ts"
import {
  DAY_MILLIS,
  FIRST_DAY_MILLIS,
  flush,
  inMemory,
  open,
  record,
  records,
  SegmentFolder,
  stage,
  toDay,
  verify,
  write
} from "./TestLog.ts"

const readSegment = (segment: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return yield* files.readFileString(`${yield* SegmentFolder}/${segment}.ndjson`)
  })

const entries = (fromSequence: number, limit: number) =>
  Effect.flatMap(AuditLog, (audit) => audit.entries({ fromSequence, limit }))

const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const writer = new URL("./processes/writeEntries.ts", import.meta.url)

/** A test with a folder of its own, the desk in it opened as often as needed. */
const inFolder = <E>(
  sentence: string,
  body: (folder: string) => Effect.Effect<void, E, FileSystem.FileSystem | Scope.Scope>
) =>
  it.live(
    sentence,
    () => Effect.flatMap(temporaryFolder, body).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    60_000
  )

describe("AuditLog", () => {
  it.effect("is intact and empty before its first entry", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      yield* audit.flush
      expect(yield* audit.head).toEqual({ ...genesis, segment: "", position: 0 })
      expect(yield* audit.entries({ fromSequence: 1, limit: 10 })).toEqual([])
      expect(yield* audit.verify).toMatchObject({ entries: 0, unwritten: 0 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("writes whole events, one a line, with the computer's time to the microsecond", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(FIRST_DAY_MILLIS + 1234)
      yield* write(records(1, 2))
      const [first, second] = yield* entries(1, 10)
      expect(first).toMatchObject({
        sequence: 1,
        time: "2026-03-02T00:00:01.234000Z",
        marketTime: "2004-06-12T00:26:40.000001Z",
        actor: { kind: "agent", name: "mcp:broker" },
        action: "order.denied",
        resource: "order/O-1",
        outcome: "denied",
        details: record(1).details,
        previousHash: genesis.hash
      })
      expect(second?.previousHash).toBe(first?.hash)
      const text = yield* readSegment("2026-03-02")
      expect(text.split("\n").length).toBe(3)
      expect((yield* verify).head.hash).toBe(second?.hash)
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("forgets what a failed transaction staged", () =>
    Effect.gen(function* () {
      yield* write(records(1, 1))
      const error = yield* Effect.flip(stage([record(2), { ...record(3), details: Number.NaN }]))
      expect(error).toMatchObject({ _tag: "StorageFailed", operation: "stage an audit entry" })
      yield* write(records(4, 1))
      expect((yield* entries(1, 10)).map((entry) => entry.resource)).toEqual(["order/O-1", "order/O-4"])
      expect(yield* verify).toMatchObject({ entries: 2 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("dies when staged outside a transaction", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const exit = yield* Effect.exit(audit.stage([record(1)]))
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("begins a segment each UTC day, chained to the one before", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* TestClock.setTime(FIRST_DAY_MILLIS + DAY_MILLIS - 1)
      yield* write(records(1, 2))
      yield* TestClock.setTime(FIRST_DAY_MILLIS + DAY_MILLIS)
      // Two days in one flush.
      yield* stage(records(3, 1))
      yield* toDay(5)
      yield* write(records(4, 1))
      expect((yield* files.readDirectory(yield* SegmentFolder)).toSorted()).toEqual([
        "2026-03-02.ndjson",
        "2026-03-03.ndjson",
        "2026-03-07.ndjson"
      ])
      const all = yield* entries(1, 10)
      expect(all.map((entry) => entry.sequence)).toEqual([1, 2, 3, 4])
      expect(all[2]?.previousHash).toBe(all[1]?.hash)
      expect(yield* verify).toMatchObject({ entries: 4 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("keeps to its segment when the computer's clock is set back", () =>
    Effect.gen(function* () {
      yield* toDay(3)
      yield* write(records(1, 1))
      yield* toDay(1)
      yield* write(records(2, 1))
      expect((yield* readSegment("2026-03-05")).split("\n").length).toBe(3)
      expect((yield* entries(2, 1))[0]?.time).toBe("2026-03-03T00:00:00.000000Z")
      expect(yield* verify).toMatchObject({ entries: 2 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("pages through entries over segments, flushed or not", () =>
    Effect.gen(function* () {
      for (let day = 0; day < 3; day++) {
        yield* toDay(day)
        yield* stage(records(day * 4 + 1, 4))
        if (day < 2) yield* flush
      }
      const pages = yield* Effect.forEach([1, 4, 7, 10, 13], (from) => entries(from, 3))
      expect(pages.map((page) => page.map((entry) => entry.sequence))).toEqual([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
        [10, 11, 12],
        []
      ])
      expect(yield* verify).toMatchObject({ entries: 12, unwritten: 4 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("finds an entry in a large segment without reading what stands before it", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* toDay(0)
      yield* write(records(1, 1500))
      yield* toDay(1)
      yield* write(records(1501, 1500))
      yield* stage(records(3001, 40))
      const path = `${yield* SegmentFolder}/2026-03-03.ndjson`
      for (const n of [1, 2, 700, 1499, 1500, 1501, 1502, 2250, 2999, 3000, 3001, 3040]) {
        const found = yield* entries(n, 2)
        expect(found.map(({ sequence }) => sequence)).toEqual(n === 3040 ? [n] : [n, n + 1])
      }
      // What is far from the entry is not looked at; what is wrong with it comes out when it is.
      const text = yield* files.readFileString(path)
      yield* files.writeFileString(path, text.replace("O-1502", "O-9502"))
      expect((yield* entries(2900, 1)).map(({ resource }) => resource)).toEqual(["order/O-2900"])
      expect(yield* Effect.flip(entries(1502, 1))).toMatchObject({ sequence: 1502, kind: "garbage" })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("says at which entry a page cannot be read", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* toDay(0)
      yield* write(records(1, 3))
      const path = `${yield* SegmentFolder}/2026-03-02.ndjson`
      const lines = (yield* files.readFileString(path)).split("\n")
      yield* files.writeFileString(path, `${lines[0]}\nno entry\n`)
      expect(yield* Effect.flip(entries(1, 3))).toMatchObject({ _tag: "AuditBroken", sequence: 2, line: 2 })
      yield* files.writeFileString(path, `${lines[0]}\n`)
      expect(yield* Effect.flip(entries(1, 3))).toMatchObject({ _tag: "AuditBroken", sequence: 2, line: 2 })
      expect(yield* entries(1, 1)).toHaveLength(1)
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("verifies a segment larger than what is read at once", () =>
    Effect.gen(function* () {
      const long = { text: "é".repeat(100_000) }
      for (let n = 1; n <= 12; n++) yield* write([{ ...record(n), details: { ...long, n } }])
      expect(yield* verify).toMatchObject({ entries: 12, unwritten: 0 })
      expect((yield* entries(12, 1))[0]?.details).toEqual({ ...long, n: 12 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("flushes once what many fibers staged", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(records(1, 40), (one) => write([one]), { concurrency: 8, discard: true })
      expect(yield* verify).toMatchObject({ entries: 40, unwritten: 0 })
    }).pipe(Effect.provide(inMemory))
  )
})

describe("AuditLog after a crash", () => {
  it.effect(
    "has lost nothing that was staged: every way a write can be torn is mended by the next flush",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* toDay(0)
        yield* write(records(1, 2))
        const path = `${yield* SegmentFolder}/2026-03-02.ndjson`
        const before = Buffer.from(yield* files.readFile(path))
        yield* stage(records(3, 3))
        const store = yield* AuditStore
        const rows = yield* store.outbox(0)
        const line = Buffer.from(rows.map((row) => `${row.line}\n`).join(""))
        const torn = [
          Buffer.alloc(0),
          line.subarray(0, 1),
          line.subarray(0, 700),
          line.subarray(0, line.length - 1),
          Buffer.concat([Buffer.alloc(100), line.subarray(100, 900)]),
          Buffer.alloc(line.length),
          line
        ]
        for (const part of torn) {
          yield* files.writeFile(path, Buffer.concat([before, part]))
          const unwritten = yield* Effect.map(verify, (intact) => intact.unwritten)
          expect(unwritten > 0).toBe(part !== line)
          expect((yield* entries(1, 10)).length).toBe(5)
        }
        // As the next process finds it.
        yield* files.writeFile(path, Buffer.concat([before, line.subarray(0, 700)]))
        yield* flush
        expect(Buffer.from(yield* files.readFile(path))).toEqual(Buffer.concat([before, line]))
        expect(yield* verify).toMatchObject({ entries: 5, unwritten: 0 })
      }).pipe(Effect.provide(inMemory))
  )

  it.effect("does not take a changed line for a torn one", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* toDay(0)
      yield* write(records(1, 2))
      const path = `${yield* SegmentFolder}/2026-03-02.ndjson`
      yield* stage(records(3, 1))
      const store = yield* AuditStore
      const line = (yield* store.outbox(0))[0]?.line ?? ""
      const before = yield* files.readFileString(path)
      yield* files.writeFileString(path, `${before}${line.replace("O-3", "O-9")}\n`)
      expect(yield* Effect.flip(verify)).toMatchObject({ sequence: 3, kind: "changed" })
      // Nor is it overwritten: what somebody did stays to be seen.
      const error = yield* Effect.flip(flush)
      expect(error._tag).toBe("AuditWriteFailed")
      expect(error.message).toContain("plimsoll audit verify")
      expect(yield* files.readFileString(path)).toContain("O-9")
    }).pipe(Effect.provide(inMemory))
  )

  inFolder("goes on after the process was killed between the commit and the flush", (folder) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const child = startChild(writer, [folder, "5", "1", "die"])
      const [end] = yield* Effect.promise(() => race([child]))
      expect(end).toMatchObject({ signal: "SIGKILL" })
      yield* Effect.gen(function* () {
        expect(yield* verify).toMatchObject({ entries: 5, unwritten: 1 })
        yield* flush
        expect(yield* verify).toMatchObject({ entries: 5, unwritten: 0 })
        yield* write(records(6, 1))
        const all = yield* entries(1, 10)
        expect(all.map((entry) => entry.resource)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `order/O-${n}`))
      }).pipe(Effect.provide(open(folder)))
      const [segment] = yield* files.readDirectory(`${folder}/audit`)
      const text = yield* files.readFileString(`${folder}/audit/${segment}`)
      expect(
        text
          .trimEnd()
          .split("\n")
          .every((line) => readLine(line)._tag === "Success")
      ).toBe(true)
    })
  )
})

describe("AuditLog of several processes", () => {
  inFolder("is one valid chain", (folder) =>
    Effect.gen(function* () {
      const children = [1, 2, 3].map((n) => startChild(writer, [folder, "150", String(n * 1000), "flush"]))
      const ends = yield* Effect.promise(() => race(children))
      expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null, output: "" })))
      yield* Effect.gen(function* () {
        expect(yield* verify).toMatchObject({ entries: 450, unwritten: 0 })
        const all = yield* entries(1, 450)
        expect(new Set(all.map((entry) => entry.resource)).size).toBe(450)
        for (const n of [1, 2, 3]) {
          const own = all
            .map((entry) => Number(entry.resource.slice(8)))
            .filter((at) => Math.floor(at / 1000) === n)
          expect(own).toEqual(own.toSorted((a, b) => a - b))
        }
        const store = yield* AuditStore
        expect(yield* store.outbox(0)).toEqual([])
      }).pipe(Effect.provide(open(folder)))
    })
  )

  inFolder("can be verified while another process writes", (folder) =>
    Effect.gen(function* () {
      const child = startChild(writer, [folder, "200", "1", "flush"])
      yield* Effect.promise(() => child.ready)
      yield* Effect.gen(function* () {
        child.go()
        let seen = 0
        while (seen < 200) {
          const { entries } = yield* verify
          expect(entries).toBeGreaterThanOrEqual(seen)
          seen = entries
          yield* Effect.yieldNow
          if (child.process.exitCode !== null) break
        }
        expect(yield* Effect.promise(() => child.exited)).toEqual({ code: 0, signal: null, output: "" })
        expect(yield* verify).toMatchObject({ entries: 200, unwritten: 0 })
      }).pipe(Effect.provide(open(folder)))
    })
  )

  inFolder("flushes what another process staged", (folder) =>
    Effect.gen(function* () {
      const one = yield* Layer.build(open(folder))
      const other = yield* Layer.build(Layer.fresh(open(folder)))
      yield* stage(records(1, 2)).pipe(Effect.provide(one))
      yield* flush.pipe(Effect.provide(other))
      yield* stage(records(3, 1)).pipe(Effect.provide(other))
      expect(yield* verify.pipe(Effect.provide(one))).toMatchObject({ entries: 3, unwritten: 1 })
      yield* flush.pipe(Effect.provide(one))
      expect(yield* verify.pipe(Effect.provide(other))).toMatchObject({ entries: 3, unwritten: 0 })
    })
  )
})

describe("a log that cannot be written", () => {
  const writeFailure = Effect.map(Effect.flip(flush), (error) => {
    expect(error._tag).toBe("AuditWriteFailed")
    return error.message
  })

  it.effect.runIf(existsSync("/dev/full"))(
    "says so when the disk is full, and writes everything when there is room again",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const folder = yield* SegmentFolder
        yield* toDay(0)
        yield* files.makeDirectory(folder)
        yield* files.symlink("/dev/full", `${folder}/2026-03-02.ndjson`)
        yield* stage(records(1, 1))
        expect(yield* writeFailure).toContain("the disk is full")
        yield* files.remove(`${folder}/2026-03-02.ndjson`)
        yield* flush
        expect(yield* verify).toMatchObject({ entries: 1, unwritten: 0 })
      }).pipe(Effect.provide(inMemory))
  )

  it.effect("names the folder that is no folder", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* SegmentFolder
      yield* files.writeFileString(folder, "a file")
      yield* stage(records(1, 1))
      expect(yield* writeFailure).toContain(folder)
      expect(yield* Effect.flip(verify)).toMatchObject({ _tag: "AuditUnreadable" })
    }).pipe(Effect.provide(inMemory))
  )

  inFolder("says so when the folder may not be written", (folder) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(`${folder}/audit`, { mode: 0o500 })
      const child = startChild(new URL("./processes/writeUnprivileged.ts", import.meta.url), [folder])
      const [end] = yield* Effect.promise(() => race([child]))
      expect(end).toMatchObject({ code: 0 })
      expect(end?.output).toContain("AuditWriteFailed")
      expect(end?.output).toContain("must be able to write")
    })
  )

  it.effect("refuses to write past entries that are missing, or into a file that was replaced", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* toDay(0)
      yield* write(records(1, 2))
      const path = `${yield* SegmentFolder}/2026-03-02.ndjson`
      const good = yield* files.readFile(path)
      yield* files.remove(path)
      yield* stage(records(3, 1))
      expect(yield* writeFailure).toContain("removed or replaced")
      expect(yield* writeFailure).toContain("the file is missing")
      expect(yield* files.exists(path)).toBe(false)
      yield* files.writeFile(path, good.subarray(0, 10))
      expect(yield* writeFailure).toContain("are missing")
      yield* files.writeFile(path, good)
      yield* flush
      expect(yield* verify).toMatchObject({ entries: 3, unwritten: 0 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("never writes over the log of another desk", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* SegmentFolder
      yield* toDay(0)
      yield* files.makeDirectory(folder)
      yield* files.writeFileString(`${folder}/2026-03-02.ndjson`, '{"sequence":1}\n')
      yield* stage(records(1, 1))
      expect(yield* writeFailure).toContain("something else")
      expect(yield* readSegment("2026-03-02")).toBe('{"sequence":1}\n')
    }).pipe(Effect.provide(inMemory))
  )
})
