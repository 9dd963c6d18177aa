import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Result, Schema } from "effect"
import { link, readLine } from "../../src/audit/HashChain.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { inMemory, record, records, SegmentFolder, toDay, verify, write } from "./TestLog.ts"

/** A log of one to four days, each written in one to three batches of one to three entries. */
const Batches = Schema.Array(
  Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 3 })))).pipe(
    Schema.check(Schema.isMinLength(1), Schema.isMaxLength(3))
  )
).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(4)))

const Pick = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })))

const writeLog = Effect.fnUntraced(function* (days: typeof Batches.Type) {
  let n = 0
  for (const [day, batches] of days.entries()) {
    yield* toDay(day)
    for (const size of batches) {
      yield* write(records(n + 1, size))
      n += size
    }
  }
  return n
})

interface Line {
  readonly segment: string
  readonly text: string
}

const readSegments = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const folder = yield* SegmentFolder
  const names = (yield* files.readDirectory(folder)).toSorted()
  const lines: Array<Line> = []
  for (const name of names) {
    const text = yield* files.readFileString(`${folder}/${name}`)
    for (const line of text.split("\n").slice(0, -1)) lines.push({ segment: name, text: line })
  }
  return { names, lines }
})

const writeSegments = Effect.fnUntraced(function* (names: ReadonlyArray<string>, lines: ReadonlyArray<Line>) {
  const files = yield* FileSystem.FileSystem
  const folder = yield* SegmentFolder
  for (const name of names) {
    const text = lines.filter((line) => line.segment === name).map((line) => `${line.text}\n`)
    yield* files.writeFileString(`${folder}/${name}`, text.join(""))
  }
})

const found = Effect.map(Effect.flip(verify), (error) => {
  if (error._tag !== "AuditBroken") throw error
  return { sequence: error.sequence, kind: error.kind, message: error.message }
})

/** Writes a log, lets `tamper` change its lines, and gives what `verify` then says. */
const afterTampering = Effect.fnUntraced(function* (
  days: typeof Batches.Type,
  tamper: (lines: ReadonlyArray<Line>) => ReadonlyArray<Line>
) {
  const count = yield* writeLog(days)
  expect(yield* verify).toMatchObject({ entries: count, unwritten: 0 })
  const { lines, names } = yield* readSegments
  expect(lines.length).toBe(count)
  yield* writeSegments(names, tamper(lines))
  return yield* found
})

const settings = { arbitrary: { runs: 40 } }

/** Each run has a log of its own. */
const run = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.provide(body, inMemory, { local: true }))

describe("verify, over random logs", () => {
  it.effect.prop(
    "names the entry of which any character was changed",
    { days: Batches, which: Pick, where: Pick, by: Pick },
    ({ by, days, where, which }) =>
      run(
        Effect.gen(function* () {
          let changed = 0
          const { kind, sequence } = yield* afterTampering(days, (lines) => {
            changed = which % lines.length
            return lines.map((line, index) => {
              if (index !== changed) return line
              const at = where % line.text.length
              const old = line.text.charCodeAt(at)
              // Any other printable character.
              const other = String.fromCharCode(32 + ((old - 32 + 1 + (by % 93)) % 94))
              return { ...line, text: line.text.slice(0, at) + other + line.text.slice(at + 1) }
            })
          })
          expect(sequence).toBe(changed + 1)
          expect(["changed", "garbage", "unknown-field"]).toContain(kind)
        })
      ),
    settings
  )

  it.effect.prop(
    "names the entry that was removed",
    { days: Batches, which: Pick },
    ({ days, which }) =>
      run(
        Effect.gen(function* () {
          let gone = 0
          let last = false
          const { kind, sequence } = yield* afterTampering(days, (lines) => {
            gone = which % lines.length
            last = lines[gone]?.segment !== lines[gone + 1]?.segment
            return lines.filter((_, index) => index !== gone)
          })
          expect({ sequence, kind }).toEqual({ sequence: gone + 1, kind: last ? "cut" : "removed" })
        })
      ),
    settings
  )

  it.effect.prop(
    "names the first of two entries that changed places",
    { days: Batches, one: Pick, other: Pick },
    ({ days, one, other }) =>
      run(
        Effect.gen(function* () {
          let first = 0
          // A second day, so that there are two entries.
          const { kind, sequence } = yield* afterTampering([...days, [1]], (lines) => {
            const i = one % lines.length
            const j = (i + 1 + (other % (lines.length - 1))) % lines.length
            first = Math.min(i, j)
            return lines.map((line, index) => {
              const source = index === i ? lines[j] : index === j ? lines[i] : line
              return { segment: line.segment, text: source?.text ?? "" }
            })
          })
          expect({ sequence, kind }).toEqual({ sequence: first + 1, kind: "reordered" })
        })
      ),
    settings
  )

  it.effect.prop(
    "names the place where a copy of another entry was inserted",
    { days: Batches, which: Pick, where: Pick },
    ({ days, where, which }) =>
      run(
        Effect.gen(function* () {
          let expected = 0
          const { kind, sequence } = yield* afterTampering(days, (lines) => {
            const copied = which % lines.length
            const at = where % lines.length
            // Before itself it takes its own place, and the true one comes too late.
            expected = copied === at ? at + 2 : at + 1
            const copy = { segment: lines[at]?.segment ?? "", text: lines[copied]?.text ?? "" }
            return lines.toSpliced(at, 0, copy)
          })
          expect(sequence).toBe(expected)
          expect(kind).toBe("inserted")
        })
      ),
    settings
  )

  it.effect.prop(
    "names the place where a line that is no entry was inserted",
    { days: Batches, where: Pick },
    ({ days, where }) =>
      run(
        Effect.gen(function* () {
          let at = 0
          const { kind, sequence } = yield* afterTampering(days, (lines) => {
            at = where % lines.length
            return lines.toSpliced(at, 0, { segment: lines[at]?.segment ?? "", text: "no entry" })
          })
          expect({ sequence, kind }).toEqual({ sequence: at + 1, kind: "inserted" })
        })
      ),
    settings
  )

  it.effect.prop(
    "names the first entry of which a cut segment lacks a byte",
    { days: Batches, which: Pick, where: Pick },
    ({ days, where, which }) =>
      run(
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const folder = yield* SegmentFolder
          yield* writeLog(days)
          const { lines, names } = yield* readSegments
          const name = names[which % names.length] ?? ""
          const bytes = yield* files.readFile(`${folder}/${name}`)
          const kept = bytes.subarray(0, where % bytes.length)
          yield* files.writeFile(`${folder}/${name}`, kept)
          const whole = kept.filter((byte) => byte === 10).length
          const first = lines.findIndex((line) => line.segment === name) + 1
          const { kind, sequence } = yield* found
          expect({ sequence, kind }).toEqual({ sequence: first + whole, kind: "cut" })
        })
      ),
    settings
  )

  it.effect.prop(
    "names the first entry of a segment whose file is gone",
    { days: Batches, which: Pick },
    ({ days, which }) =>
      run(
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const folder = yield* SegmentFolder
          yield* writeLog(days)
          const { lines, names } = yield* readSegments
          const name = names[which % names.length] ?? ""
          yield* files.remove(`${folder}/${name}`)
          const { kind, sequence } = yield* found
          expect({ sequence, kind }).toEqual({
            sequence: lines.findIndex((line) => line.segment === name) + 1,
            kind: "missing-segment"
          })
        })
      ),
    settings
  )

  it.effect.prop(
    "names the entry that was rewritten with a true hash of its own",
    { days: Batches, which: Pick },
    ({ days, which }) =>
      run(
        Effect.gen(function* () {
          let forged = 0
          const { kind, sequence } = yield* afterTampering(days, (lines) => {
            forged = which % lines.length
            const before = lines[forged - 1]
            const previousHash =
              before === undefined ? "0".repeat(64) : Result.getOrThrow(readLine(before.text)).hash
            const made = link(record(9999), timestamp(0), { count: forged, hash: previousHash })
            return lines.with(forged, {
              segment: lines[forged]?.segment ?? "",
              text: Result.getOrThrow(made).line
            })
          })
          expect({ sequence, kind }).toEqual({ sequence: forged + 1, kind: "changed" })
        })
      ),
    settings
  )
})

describe("verify", () => {
  const test = (
    sentence: string,
    tamper: (lines: ReadonlyArray<Line>) => ReadonlyArray<Line>,
    expected: { readonly sequence: number; readonly kind: string }
  ) =>
    it.effect(sentence, () =>
      Effect.gen(function* () {
        const { kind, message, sequence } = yield* afterTampering([[3], [3]], tamper)
        expect({ sequence, kind }).toEqual(expected)
        expect(message).toContain(`entry ${expected.sequence}`)
      }).pipe(Effect.provide(inMemory))
    )

  test(
    "names an entry with a field that entries do not have",
    (lines) =>
      lines.map((line, i) => (i === 1 ? { ...line, text: line.text.replace("{", '{"aaa":1,') } : line)),
    { sequence: 2, kind: "unknown-field" }
  )
  test(
    "finds a line after the last entry",
    (lines) => [...lines, { segment: lines[5]?.segment ?? "", text: lines[0]?.text ?? "" }],
    { sequence: 7, kind: "inserted" }
  )
  test(
    "finds a line after the last entry of an earlier segment",
    (lines) => lines.toSpliced(3, 0, { segment: lines[0]?.segment ?? "", text: "x" }),
    { sequence: 4, kind: "inserted" }
  )
  test(
    "finds an entry that was moved to the end of the segment before",
    (lines) => lines.map((line, i) => (i === 3 ? { ...line, segment: lines[0]?.segment ?? "" } : line)),
    { sequence: 4, kind: "reordered" }
  )
  test(
    "finds a made-up entry that continues the chain",
    (lines) => {
      const last = Result.getOrThrow(readLine(lines[5]?.text ?? ""))
      const made = link(record(7), timestamp(0), { count: 6, hash: last.hash })
      return [...lines, { segment: lines[5]?.segment ?? "", text: Result.getOrThrow(made).line }]
    },
    { sequence: 7, kind: "inserted" }
  )
  it.effect.prop(
    "finds a made-up entry, with true hashes, before the true one",
    { days: Batches, where: Pick },
    ({ days, where }) =>
      run(
        Effect.gen(function* () {
          let at = 0
          const { kind, sequence } = yield* afterTampering(days, (lines) => {
            at = where % lines.length
            const before = lines[at - 1]
            const previousHash =
              before === undefined ? "0".repeat(64) : Result.getOrThrow(readLine(before.text)).hash
            const made = link(record(9999), timestamp(0), { count: at, hash: previousHash })
            return lines.toSpliced(at, 0, {
              segment: lines[at]?.segment ?? "",
              text: Result.getOrThrow(made).line
            })
          })
          expect({ sequence, kind }).toEqual({ sequence: at + 1, kind: "inserted" })
        })
      ),
    settings
  )
  test(
    "finds a chain that was rewritten from some entry to the end, by the head in the desk",
    (lines) => {
      let point = { count: 1, hash: Result.getOrThrow(readLine(lines[0]?.text ?? "")).hash }
      return lines.map((line, i) => {
        if (i === 0) return line
        const made = Result.getOrThrow(link(record(100 + i), timestamp(0), point))
        point = made.point
        return { ...line, text: made.line }
      })
    },
    { sequence: 6, kind: "changed" }
  )
  test("finds that every line is gone", () => [], { sequence: 1, kind: "cut" })

  it.effect("finds a segment that the desk knows nothing of, before, between and after the others", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* SegmentFolder
      yield* writeLog([[2]])
      yield* toDay(9)
      yield* write(records(3, 2))
      for (const [name, sequence] of [
        ["2020-01-01", 1],
        ["2026-03-05", 3],
        ["2030-01-01", 5]
      ] as const) {
        yield* files.writeFileString(`${folder}/${name}.ndjson`, "")
        expect(yield* found).toMatchObject({ sequence, kind: "inserted" })
        yield* files.remove(`${folder}/${name}.ndjson`)
      }
      expect(yield* verify).toMatchObject({ entries: 4 })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("sees a byte that is not UTF-8", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* SegmentFolder
      yield* write([{ ...record(1), details: { text: "\ufffd" } }])
      const path = `${folder}/1970-01-01.ndjson`
      const bytes = Buffer.from(yield* files.readFile(path))
      const at = bytes.indexOf(Buffer.from("\ufffd"))
      yield* files.writeFile(
        path,
        Buffer.concat([bytes.subarray(0, at), Buffer.from([255]), bytes.subarray(at + 3)])
      )
      expect(yield* found).toMatchObject({ sequence: 1, kind: "changed" })
    }).pipe(Effect.provide(inMemory))
  )
})
