import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, References, Schema } from "effect"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import type { BarSource } from "../../../src/market/BarSource.ts"
import { type LeanFolderOptions, makeLeanFolder } from "../../../src/market/lean/LeanFolder.ts"
import { toExchangeTime } from "../../../src/market/TradingCalendar.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { withLeanFolder, zipOf } from "./Zip.ts"

const open = (options: LeanFolderOptions) => makeLeanFolder(options).pipe(Effect.provide(NodeServices.layer))

const messageOf = async (path: string): Promise<string> =>
  Effect.runPromise(
    Effect.match(open({ path, skipBadRows: false }), {
      onSuccess: () => "opened",
      onFailure: (error) => `${error._tag}: ${error.message}`
    })
  )

const days = { from: sessionDate("1998-01-02"), to: sessionDate("2035-12-31") }

const seriesOf = (source: BarSource, resolution: "1m" | "1h" | "1d", at = 0) => {
  const listing = source.listings[at]
  if (listing === undefined) throw new Error("no such listing")
  return source.series(listing.instrument.id, resolution, days)
}

const daily =
  "20200102 00:00,1000000,1020000,990000,1010000,500\n20200103 00:00,1010000,1030000,1000000,1020000,600\n"

describe("LeanFolder", () => {
  it("prices are ten-thousandths of a dollar, exactly, and a day runs from its session's open to its close", () =>
    withLeanFolder(
      { "daily/xyz.zip": zipOf("xyz.csv", "20201127 00:00,1234567,1234568,1.5,1234567,42\n") },
      (path) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const source = yield* open({ path, skipBadRows: false })
            const series = yield* seriesOf(source, "1d")
            expect([series.open[0], series.high[0], series.low[0], series.volume[0]]).toEqual([
              123_456_700, 123_456_800, 150, 42
            ])
            expect(toExchangeTime(timestamp(series.tsOpen[0] ?? 0))).toBe("2020-11-27 09:30 EST")
            expect(toExchangeTime(timestamp(series.tsEvent[0] ?? 0))).toBe("2020-11-27 13:00 EST")
          })
        )
    ))

  it("a ticker without side files says what is not known of it", () =>
    withLeanFolder({ "daily/brk.b.zip": zipOf("brk.b.csv", daily) }, (path) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const source = yield* open({ path, skipBadRows: false })
          const [listing] = source.listings
          expect(listing?.instrument.id).toBe("BRK-B.XNYS")
          expect(listing?.instrument.caveats.join("; ")).toMatch(
            /no factor file.*modelled.*no map file.*exchange is unknown/u
          )
        })
      )
    ))

  it("a history is put together from the files of its tickers, and what was another listing's is left out", () =>
    withLeanFolder(
      {
        "daily/new.zip": zipOf(
          "new.csv",
          "20200102 00:00,9,9,9,9,1\n20200106 00:00,20,20,20,20,1\n20200108 00:00,21,21,21,21,1\n"
        ),
        "daily/old.zip": zipOf("old.csv", "20200102 00:00,10,10,10,10,1\n20200103 00:00,11,11,11,11,1\n"),
        "map_files/new.csv": "20200102,old,N\n20200103,old,N\n20501231,new,Q\n",
        "factor_files/new.csv": "20200102,1,0.5,0.0010\n20200106,1,0.5,0.0020\n20501231,1,1,0\n"
      },
      (path) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const source = yield* open({ path, skipBadRows: false })
            expect(source.listings.map((listing) => listing.instrument.id)).toEqual(["NEW.XNAS"])
            const series = yield* seriesOf(source, "1d")
            expect([...series.close]).toEqual([1000, 1100, 2000, 2100])
            expect(source.listings[0]?.gaps).toEqual([
              { from: "2020-01-07", to: "2020-01-07", reason: "the folder has no rows of these sessions" }
            ])
            expect(source.listings[0]?.instrument.caveats.at(-1)).toContain(
              "1 days in the files of its ticker"
            )
            expect(yield* source.corporateActions(series.instrument.id)).toEqual([
              { _tag: "Split", date: "2020-01-07", numerator: 2, denominator: 1 }
            ])
          })
        )
    ))

  it("hour rows are cut to regular hours, minute rows outside them left out, and hours alone make a listing", () =>
    withLeanFolder(
      {
        "hour/xyz.zip": zipOf(
          "xyz.csv",
          "20200102 08:00,1,1,1,1,1\n20200102 09:00,2,2,2,2,2\n20200102 15:00,3,3,3,3,3\n20200102 16:00,4,4,4,4,4\n"
        ),
        "minute/xyz/20200103_trade.zip": zipOf(
          "t.csv",
          "34140000,1,1,1,1,1\n34200000,2,2,2,2,2\n57600000,3,3,3,3,3\n"
        )
      },
      (path) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const source = yield* open({ path, skipBadRows: false })
            const [listing] = source.listings
            expect([listing?.resolutions, listing?.firstSession, listing?.lastSession]).toEqual([
              ["1m", "1h"],
              "2020-01-02",
              "2020-01-03"
            ])
            const hours = yield* seriesOf(source, "1h")
            expect([...hours.tsOpen].map((at) => toExchangeTime(timestamp(at)))).toEqual([
              "2020-01-02 09:30 EST",
              "2020-01-02 15:00 EST"
            ])
            const minutes = yield* seriesOf(source, "1m")
            expect([...minutes.volume]).toEqual([2])
          })
        )
    ))

  it("quotes of minutes with one side, or that end crossed, are not published quotes", () =>
    withLeanFolder(
      {
        "daily/xyz.zip": zipOf("xyz.csv", daily),
        "minute/xyz/20200102_quote.zip": zipOf(
          "q.csv",
          "34200000,100,110,90,105,3,106,120,101,107,4\n34260000,100,100,100,100,3,,,,,0\n34320000,100,100,100,100,3,99,99,99,99,1\n"
        )
      },
      (path) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const source = yield* open({ path, skipBadRows: false })
            const [listing] = source.listings
            if (listing === undefined) throw new Error("no listing")
            const quotes = Option.getOrThrow(
              yield* source.quoteSeries(listing.instrument.id, sessionDate("2020-01-02"))
            )
            expect([
              quotes.length,
              quotes.close[0],
              quotes.askClose[0],
              quotes.bidSize[0],
              quotes.askSize[0]
            ]).toEqual([1, 10_500, 10_700, 3, 4])
            expect(yield* source.quoteSeries(listing.instrument.id, sessionDate("2020-01-03"))).toEqual(
              Option.none()
            )
          })
        )
    ))

  it("bad rows are named by file and line, and left out only when asked", () =>
    withLeanFolder(
      {
        "daily/xyz.zip": zipOf(
          "xyz.csv",
          [
            "20200102 00:00,100,110,90,105,10",
            "20200103 00:00,100,110,90,105",
            "20200106 00:00,100,90,110,105,10",
            "20200107 00:00,-100,110,90,105,10",
            "20200102 00:00,100,110,90,105,10",
            "2020010x 00:00,100,110,90,105,10",
            "20200108 00:00,100,110,90,105,10,11",
            "20200104 00:00,100,110,90,105,10",
            "20200109 00:00,100,110,90,105,10",
            "20200109 00:00,100,110,90,105,10"
          ].join("\n")
        )
      },
      async (path) => {
        expect(await messageOf(path)).toMatch(
          /^BadMarketData: 8 rows .*\n.*daily\/xyz\.zip\/xyz\.csv:2: volume is missing/u
        )
        await Effect.runPromise(
          Effect.gen(function* () {
            const source = yield* open({ path, skipBadRows: true })
            expect(source.skipped.map(({ row }) => row)).toEqual([2, 3, 4, 5, 6, 7, 8, 10])
            expect((yield* seriesOf(source, "1d")).length).toBe(2)
          })
        )
      }
    ))

  it("a truncated zip is one bad row, and with it left out the rest of the folder opens", () =>
    withLeanFolder(
      { "daily/abc.zip": zipOf("abc.csv", daily).subarray(0, 60), "daily/xyz.zip": zipOf("xyz.csv", daily) },
      async (path) => {
        expect(await messageOf(path)).toContain(
          "daily/abc.zip: it has no end record: the file is cut off, or is not a zip"
        )
        const source = await Effect.runPromise(open({ path, skipBadRows: true }))
        expect(source.listings.map((listing) => listing.instrument.symbol)).toEqual(["XYZ"])
      }
    ))

  it("a folder that is missing, not LEAN's or empty is refused with what was expected", () =>
    withLeanFolder({ "daily/readme.txt": "nothing here" }, async (path) => {
      expect(await messageOf(`${path}/nowhere`)).toContain("does not exist: expected a LEAN data folder")
      expect(await messageOf(`${path}/equity`)).toContain("has no folder equity/usa")
      expect(await messageOf(path)).toContain("has no US equity prices that can be used")
    }))

  it("opens only the symbols asked for, and passes over those it does not have", () =>
    withLeanFolder(
      { "daily/abc.zip": zipOf("abc.csv", daily), "daily/xyz.zip": zipOf("xyz.csv", daily) },
      async (path) => {
        const source = await Effect.runPromise(open({ path, symbols: ["xyz", "MSFT"], skipBadRows: false }))
        expect(source.listings.map((listing) => listing.instrument.symbol)).toEqual(["XYZ"])
      }
    ))

  it("a map file cannot name a path", () =>
    withLeanFolder(
      {
        "daily/xyz.zip": zipOf("xyz.csv", daily),
        "map_files/xyz.csv": "20200101,../../secret,N\n20200102,../../secret,N\n20501231,xyz,N\n"
      },
      async (path) => {
        const source = await Effect.runPromise(open({ path, skipBadRows: false }))
        expect(source.listings[0]?.firstSession).toBe("2020-01-03")
      }
    ))

  const whole = zipOf("xyz.csv", daily)
  const changes = Schema.Array(
    Schema.Tuple([
      Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: whole.length - 1 }))),
      Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
    ])
  )
  const names = Schema.Literals([
    "daily/xyz.zip",
    "minute/xyz/20200102_trade.zip",
    "minute/xyz/20200102_quote.zip",
    "hour/xyz.zip",
    "map_files/xyz.csv",
    "factor_files/xyz.csv"
  ])

  it.effect.prop(
    "whatever stands in a file, opening and reading succeeds or fails as a value",
    { changes, name: names, text: Schema.String, asZip: Schema.Boolean },
    (input) =>
      Effect.gen(function* () {
        const mangled = Uint8Array.from(whole)
        for (const [at, byte] of input.changes) mangled[at] = byte
        const content = input.asZip
          ? zipOf("xyz.csv", input.text)
          : input.name.endsWith(".csv")
            ? input.text
            : mangled
        yield* Effect.promise(() =>
          withLeanFolder({ "daily/ok.zip": whole, [input.name]: content }, (path) =>
            Effect.gen(function* () {
              const source = yield* open({ path, skipBadRows: true })
              for (const { instrument, resolutions } of source.listings) {
                for (const resolution of resolutions) yield* source.series(instrument.id, resolution, days)
                yield* source.quoteSeries(instrument.id, sessionDate("2020-01-02"))
                yield* source.corporateActions(instrument.id)
              }
            }).pipe(
              Effect.ignore,
              Effect.provideService(References.MinimumLogLevel, "None"),
              Effect.runPromise
            )
          )
        )
      })
  )
})
