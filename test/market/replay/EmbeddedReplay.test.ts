import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { rolldown } from "rolldown"
import { formatMicros } from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import type { BarSeries } from "../../../src/market/BarSeries.ts"
import type { BarSource } from "../../../src/market/BarSource.ts"
import * as EmbeddedReplay from "../../../src/market/replay/EmbeddedReplay.ts"
import { exchangeDate, sessionsBetween } from "../../../src/market/TradingCalendar.ts"

const root = resolve(import.meta.dirname, "../../..")

const whole = (source: BarSource, id: typeof EmbeddedReplay.aaplId) => {
  const listing = source.listings.find((one) => one.instrument.id === id)
  if (listing === undefined) throw new Error(`${id} is not listed`)
  return source.series(id, "1d", { from: listing.firstSession, to: listing.lastSession })
}

const datesOf = (bars: BarSeries) => Array.from(bars.tsOpen, (ts) => exchangeDate(timestamp(ts)))

/** Around the day of mourning for President Reagan. */
const EXAMPLE = { from: sessionDate("2004-06-10"), to: sessionDate("2004-06-14") }

/** Sessions in a listing's range that have no row. */
const missing = (source: BarSource, id: typeof EmbeddedReplay.aaplId, dates: ReadonlyArray<string>) => {
  const have = new Set(dates)
  return source.listings
    .filter((one) => one.instrument.id === id)
    .flatMap((one) => sessionsBetween(one.firstSession, one.lastSession))
    .map((session) => session.date)
    .filter((date) => !have.has(date))
}

layer(NodeServices.layer)("the embedded replay", (it) => {
  it.effect("has a row for every session of the index, 2000 to 2020, and no other", () =>
    Effect.gen(function* () {
      const source = yield* EmbeddedReplay.make()
      const bars = yield* whole(source, EmbeddedReplay.spxReplayId)
      expect(bars.length).toBe(5105)
      expect(missing(source, EmbeddedReplay.spxReplayId, datesOf(bars))).toEqual([])
      expect(Math.max(...bars.volume)).toBe(11_456_230_000)
    })
  )

  it.effect("has a row for every session of Apple, 2013 to 2018, and no other", () =>
    Effect.gen(function* () {
      const source = yield* EmbeddedReplay.make()
      const bars = yield* whole(source, EmbeddedReplay.aaplId)
      expect(bars.length).toBe(1260)
      expect(missing(source, EmbeddedReplay.aaplId, datesOf(bars))).toEqual([])
    })
  )

  it.effect("keeps every price to its last printed digit", () =>
    Effect.gen(function* () {
      const source = yield* EmbeddedReplay.make()
      const files = [
        [EmbeddedReplay.spxReplayId, "vega-datasets/data/sp500-2000.csv"],
        [EmbeddedReplay.aaplId, "@observablehq/sample-datasets/aapl.csv"]
      ] as const
      for (const [id, file] of files) {
        const bars = yield* whole(source, id)
        const dates = datesOf(bars)
        const printed = readFileSync(join(root, "node_modules", file), "utf8")
          .trim()
          .split("\n")
          .slice(1)
        const ours = dates.map((date, i) =>
          [
            date,
            ...[bars.open, bars.high, bars.low, bars.close].map((column) => formatMicros(column[i] ?? 0, 6)),
            bars.volume[i]
          ].join()
        )
        expect(ours).toEqual(printed.map((line) => line.split(",").toSpliced(5, 1).join()))
      }
    })
  )

  it.effect("says truly how often the index opens at its prior close", () =>
    Effect.gen(function* () {
      const source = yield* EmbeddedReplay.make()
      const bars = yield* whole(source, EmbeddedReplay.spxReplayId)
      const dates = datesOf(bars)
      const share = (from: string, to: string) => {
        const rows = dates.flatMap((date, i) => (i > 0 && date >= from && date < to ? [i] : []))
        return rows.filter((i) => bars.open[i] === bars.close[i - 1]).length / rows.length
      }
      expect(share("2000", "2021")).toBeCloseTo(0.3448, 3)
      expect(share("2000", "2006")).toBeCloseTo(0.9622, 3)
      expect(share("2008", "2021")).toBeCloseTo(0.053, 3)
    })
  )

  it.effect("hands over the sessions asked for, and nothing finer than days", () =>
    Effect.gen(function* () {
      const source = yield* EmbeddedReplay.make()
      const [from, to] = sessionsBetween(EXAMPLE.from, EXAMPLE.to).map((session) => session.date)
      expect([from, to]).toEqual(["2004-06-10", "2004-06-14"])
      const bars = yield* source.series(EmbeddedReplay.spxReplayId, "1d", EXAMPLE)
      expect(datesOf(bars)).toEqual(["2004-06-10", "2004-06-14"])
      expect((yield* source.series(EmbeddedReplay.aaplId, "1d", EXAMPLE)).length).toBe(0)
      expect((yield* Effect.flip(source.series(EmbeddedReplay.aaplId, "1m", EXAMPLE)))._tag).toBe(
        "MarketSourceError"
      )
      expect(Option.isNone(yield* source.quoteSeries(EmbeddedReplay.aaplId, EXAMPLE.from))).toBe(true)
      expect(yield* source.corporateActions(EmbeddedReplay.aaplId)).toEqual([])
    })
  )

  it.effect("says what is missing when the packages are not installed", () =>
    Effect.gen(function* () {
      const source = yield* EmbeddedReplay.make({ from: tmpdir() })
      const failure = yield* Effect.flip(whole(source, EmbeddedReplay.spxReplayId))
      expect(failure.message).toContain("node_modules/vega-datasets/data/sp500-2000.csv was not found")
      expect(failure.message).toContain("npm ci")
    })
  )

  /** What the source says of an aapl.csv with this text. */
  const failureOf = (text: string) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const folder = mkdtempSync(join(tmpdir(), "plimsoll-embedded-"))
        const data = join(folder, "node_modules/@observablehq/sample-datasets")
        mkdirSync(data, { recursive: true })
        writeFileSync(join(data, "aapl.csv"), text)
        return folder
      }),
      (folder) =>
        Effect.gen(function* () {
          const source = yield* EmbeddedReplay.make({ from: folder })
          return (yield* Effect.flip(whole(source, EmbeddedReplay.aaplId))).message
        }),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )

  it.effect("refuses a file with other columns, other dates or bad rows", () =>
    Effect.gen(function* () {
      const original = readFileSync(join(root, "node_modules/@observablehq/sample-datasets/aapl.csv"), "utf8")
      expect(yield* failureOf(original.replace("Open", "Opening"))).toContain('instead of "Date,Open,High')
      expect(yield* failureOf(original.slice(0, original.lastIndexOf("2018-05-11")))).toContain(
        "to 2018-05-10 instead of 2013-05-13 to 2018-05-11"
      )
      expect(yield* failureOf(original.replace("2013-05-14,", "14.5.2013,"))).toContain(
        'aapl.csv:3: "14.5.2013" is not a date'
      )
      expect(yield* failureOf(original.replace(",81", ",-81"))).toContain("aapl.csv:")
      expect(yield* failureOf(`${original}\n2018-05-14,1,1`)).toContain("3 fields instead of 7")
    })
  )
})

describe("the embedded replay in a bundle", () => {
  it("finds its files from the bundle's folder, whatever the working directory", async () => {
    const folder = mkdtempSync(join(root, "node_modules/.cache-embedded-"))
    const elsewhere = mkdtempSync(join(tmpdir(), "plimsoll-cwd-"))
    try {
      const program = join(folder, "program.ts")
      writeFileSync(
        program,
        `import { NodeServices } from "@effect/platform-node"
        import { Effect } from "effect"
        import * as EmbeddedReplay from "${join(root, "src/market/replay/EmbeddedReplay.ts")}"
        const range = { from: "2013-05-13", to: "2018-05-11" }
        const run = EmbeddedReplay.make().pipe(
          Effect.flatMap((source) => source.series(EmbeddedReplay.aaplId, "1d", range)),
          Effect.map((bars) => bars.length),
          Effect.provide(NodeServices.layer)
        )
        Effect.runPromise(run).then((n) => process.stdout.write(String(n)))`
      )
      const bundle = await rolldown({ input: program, platform: "node", cwd: root, logLevel: "silent" })
      const file = join(folder, "dist/program.cjs")
      await bundle.write({ file, format: "cjs", minify: true })
      await bundle.close()
      expect(execFileSync(process.execPath, [file], { cwd: elsewhere, encoding: "utf8" })).toBe("1260")
    } finally {
      rmSync(folder, { recursive: true })
      rmSync(elsewhere, { recursive: true })
    }
  })
})
