import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Path, Schema, type Scope } from "effect"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { type CsvFile, makeCsvFile, mappingLines } from "../../../src/market/csv/CsvFile.ts"
import { toExchangeTime } from "../../../src/market/TradingCalendar.ts"

const open = Effect.fnUntraced(function* (
  content: string | Uint8Array,
  skipBadRows = false,
  symbol = "fund"
) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const folder = yield* fs.makeTempDirectoryScoped()
  const file = paths.join(folder, "prices.csv")
  yield* fs.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content)
  return yield* makeCsvFile({ symbol, file, skipBadRows })
})

const provided = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | Scope.Scope>) =>
  Effect.provide(Effect.scoped(effect), NodeServices.layer)

/** Opens a file's content; a failure is its message without the folder's name. */
const opened = (content: string | Uint8Array, skipBadRows = false) => provided(open(content, skipBadRows))
const failed = (content: string | Uint8Array) =>
  Effect.map(
    Effect.flip(opened(content)),
    (error) => `${error._tag}: ${error.message.replaceAll(/\S*\/prices\.csv/gu, "FILE")}`
  )

const always = { from: sessionDate("1998-01-02"), to: sessionDate("2035-12-31") }

const bars = (source: CsvFile, range = always) =>
  Effect.suspend(() => {
    const [listing] = source.listings
    const [resolution] = listing?.resolutions ?? []
    if (listing === undefined || resolution === undefined) throw new Error("no listing")
    return source.series(listing.instrument.id, resolution, range)
  })

const rows = (...lines: ReadonlyArray<string>): string => `${lines.join("\n")}\n`

describe("CsvFile", () => {
  it.effect(
    "Yahoo's columns are read, its adjusted close is not used, and long decimals are rounded to the micro",
    () =>
      Effect.gen(function* () {
        const source = yield* opened(
          rows(
            "Date,Open,High,Low,Close,Adj Close,Volume",
            "2020-01-02,100.0,101.25999450683594,99,101,50.5,12345",
            "2020-01-03,101,102,100,101.5,51,1000"
          )
        )
        const series = yield* bars(source)
        expect([...series.high]).toEqual([101_259_995, 102_000_000])
        expect([...series.volume]).toEqual([12_345, 1000])
        expect(toExchangeTime(timestamp(series.tsEvent[0] ?? 0))).toBe("2020-01-02 16:00 EST")
        expect(source.mapping.ignored).toEqual(["Adj Close"])
        const [listing] = source.listings
        expect(listing?.instrument).toMatchObject({
          _tag: "Equity",
          id: "FUND.XNYS",
          symbol: "FUND",
          paperOnly: true
        })
        expect(listing?.instrument.caveats.join("; ")).toMatch(
          /from .*prices\.csv, as the user gave it.*Adj Close/u
        )
        expect(yield* source.corporateActions(series.instrument.id)).toEqual([])
      })
  )

  it.effect("Nasdaq's dollars and months are read, newest first", () =>
    Effect.gen(function* () {
      const source = yield* opened(
        rows(
          "Date,Close/Last,Volume,Open,High,Low",
          "01/06/2020,$299.80,29644640,$293.79,$299.96,$292.75",
          "01/03/2020,$297.43,36633880,$297.15,$300.58,$296.50",
          "12/31/2019,$293.65,25247630,$289.93,$293.68,$289.52"
        )
      )
      expect([...(yield* bars(source)).close]).toEqual([293_650_000, 297_430_000, 299_800_000])
      expect(mappingLines(source).map((line) => line.replace(/\S*\/prices\.csv/u, "FILE"))).toEqual([
        "CSV FILE: 3 bars of 1d, 2019-12-31 to 2020-01-06",
        'columns (comma): date = "Date", open = "Open", high = "High", low = "Low", close = "Close/Last", volume = "Volume"',
        "dates: MM/DD/YYYY, exchange dates; newest first",
        "numbers: decimal point"
      ])
      expect(source.listings[0]?.gaps.map(({ from, to }) => [from, to])).toEqual([
        ["2020-01-02", "2020-01-02"]
      ])
    })
  )

  it.effect("semicolons, decimal commas, a byte order mark, quotes and Windows line ends are read", () =>
    Effect.gen(function* () {
      const source = yield* opened(
        '\uFEFF"Date";"Open";"High";"Low";"Close";"Vol"\r\n13.01.2020;1.234,50;1.240,00;1.230,00;1.235,00;1.000\r\n\r\n14.01.2020;"1.234,50";1.240,00;1.230,00;1.235,00;2.000.000\r\n'
      )
      const series = yield* bars(source)
      expect([...series.open]).toEqual([1_234_500_000, 1_234_500_000])
      expect([...series.volume]).toEqual([1000, 2_000_000])
    })
  )

  it.effect(
    "Alpha Vantage's minutes are New York's; those outside regular hours are left out and counted",
    () =>
      Effect.gen(function* () {
        const source = yield* opened(
          rows(
            "timestamp,open,high,low,close,volume",
            "2020-01-06 09:31:00,1,2,1,2,5",
            "2020-01-06 09:30:00,1,2,1,1.5,5",
            "2020-01-06 09:29:00,1,2,1,2,5"
          )
        )
        const series = yield* bars(source)
        expect(series.resolution).toBe("1m")
        expect([...series.tsOpen].map((at) => toExchangeTime(timestamp(at)))).toEqual([
          "2020-01-06 09:30 EST",
          "2020-01-06 09:31 EST"
        ])
        expect(source.listings[0]?.instrument.caveats).toContain("1 rows outside regular hours are left out")
      })
  )

  it.effect(
    "MetaTrader's date and time columns are one stamp, and stamps at the close and never at an open are ends",
    () =>
      Effect.gen(function* () {
        const source = yield* opened(
          rows(
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
            "SPY.US,5,20200106,093500,1,2,1,2,10",
            "SPY.US,5,20200106,094000,1,2,1,2,10",
            "SPY.US,5,20200106,160000,1,2,1,2,10"
          )
        )
        const series = yield* bars(source)
        expect([...series.tsOpen].map((at) => toExchangeTime(timestamp(at)))).toEqual([
          "2020-01-06 09:30 EST",
          "2020-01-06 09:35 EST",
          "2020-01-06 15:55 EST"
        ])
        expect(source.mapping.stampedAt).toBe("end")
      })
  )

  it.effect(
    "a daily row stamped with an instant means the exchange's date, one at midnight UTC that date",
    () =>
      Effect.gen(function* () {
        const dates = (text: string) =>
          Effect.map(Effect.flatMap(opened(text), bars), ({ tsOpen }) =>
            [...tsOpen].map((at) => toExchangeTime(timestamp(at)).slice(0, 10))
          )
        expect(yield* dates(rows("time,o,h,l,c", "1578321000,1,2,1,2", "1578407400,1,2,1,2"))).toEqual([
          "2020-01-06",
          "2020-01-07"
        ])
        expect(yield* dates(rows("time,o,h,l,c", "1578268800000,1,2,1,2", "1578355200000,1,2,1,2"))).toEqual([
          "2020-01-06",
          "2020-01-07"
        ])
        expect(yield* dates(rows("date,o,h,l,c", "2020-01-06 00:00:00-05:00,1,2,1,2"))).toEqual([
          "2020-01-06"
        ])
      })
  )

  it.effect("without a volume column the volume is zero, and that is said", () =>
    Effect.gen(function* () {
      const source = yield* opened(rows("Date\tOpen\tHigh\tLow\tLast", "2020-01-02\t1\t2\t1\t2"))
      expect([...(yield* bars(source)).volume]).toEqual([0])
      expect(source.listings[0]?.instrument.caveats).toContain("the file has no volume: it counts as 0")
    })
  )

  it.effect("bars are given by session, both ends included", () =>
    Effect.gen(function* () {
      const source = yield* opened(
        rows(
          "date,o,h,l,c",
          "2020-01-02,1,1,1,1",
          "2020-01-03,2,2,2,2",
          "2020-01-06,3,3,3,3",
          "2020-01-07,4,4,4,4"
        )
      )
      const part = yield* bars(source, { from: sessionDate("2020-01-03"), to: sessionDate("2020-01-06") })
      expect([...part.close]).toEqual([2_000_000, 3_000_000])
      expect(
        (yield* bars(source, { from: sessionDate("2021-01-04"), to: sessionDate("2021-01-05") })).length
      ).toBe(0)
    })
  )

  it.effect("bad rows are named by line as an editor counts, and left out only when asked", () =>
    Effect.gen(function* () {
      const text = rows(
        "date,o,h,l,c,v",
        "2020-01-06,1,2,1,2,1",
        "",
        "2020-01-06,1,2,1,2,1",
        "2020-01-03,1,2,1,2,1",
        "2020-01-07,1,2,3,2,1",
        "2020-01-08,-1,2,-1,2,1",
        "someday,1,2,3,4,1",
        "2020-01-09,1,2",
        "2020-01-11,1,2,1,2,1",
        "2020-01-10,null,2,1,2,1.5",
        "2020-01-13,1,2,1,2,1"
      )
      const source = yield* opened(text, true)
      expect(source.skipped.map(({ problem, row }) => `${row} ${problem}`)).toEqual([
        expect.stringMatching(/^4 .*already/u),
        expect.stringMatching(/^5 .*out of order/u),
        "6 high 2 is below low 3",
        "7 open -1 is not above zero; low -1 is not above zero",
        '8 the date "someday" is not YYYY-MM-DD as in the other rows',
        "9 low is missing; close is missing; volume is missing",
        "10 2020-01-11 is no session of the exchange (Saturday)",
        '11 open is missing; volume "1.5" is not a whole number of shares'
      ])
      expect(source.rows).toBe(2)
      expect(yield* failed(text)).toMatch(/^BadMarketData: 8 rows/u)
    })
  )

  it.effect("what cannot be read, or can be read in two ways, is refused with what to change", () =>
    Effect.gen(function* () {
      const refused: ReadonlyArray<readonly [content: string | Uint8Array, message: string]> = [
        ["", "FILE: the file is empty"],
        [rows("date,o,h,l,c"), "FILE: the file has a header and no rows"],
        [rows("just words", "more"), "no commas, semicolons or tabs in the first line"],
        [
          rows("date,o,h,l", "2020-01-02,1,2,1"),
          "FILE: no column for close: the first row has to name the columns"
        ],
        [rows("2020-01-02,1,2,1,2", "2020-01-03,1,2,1,2"), "no column for date, open, high, low, close"],
        [rows("date,o,h,l,c,last", "2020-01-02,1,2,1,2,2"), 'both "c" and "last" could be the close: rename'],
        [rows("date,o,h,l,c", "01/02/2020,1,2,1,2"), "write the dates as YYYY-MM-DD"],
        [rows("date,o,h,l,c", '2020-01-02,1,2,1,"1,234"'), "may be a thousand or a fraction"],
        [
          rows("date,o,h,l,c", "2020-01-06T09:30,1,2,1,2", "2020-01-06T09:45,1,2,1,2"),
          "mostly 15 minutes apart"
        ],
        [rows("date,o,h,l,c", "2020-01-06,1,2,1,2", "2020-01-13,1,2,1,2"), "mostly 7 days apart"],
        [rows("date,o,h,l,c", "2020-01-06T09:30,1,2,1,2"), "expected two rows at least"],
        [rows("date,o,h,l,c", '2020-01-06,1,"2,1,2'), "Quote Not Closed"],
        [
          rows("symbol,date,o,h,l,c", "A,2020-01-06,1,2,1,2", "B,2020-01-06,1,2,1,2"),
          "several symbols (A, B)"
        ],
        [Uint8Array.of(0xff, 0xfe, 0x44, 0), "UTF-16 text; save it as UTF-8"],
        [Uint8Array.of(0x44, 0xc3, 0x28), "not UTF-8 text"]
      ]
      for (const [content, message] of refused) {
        const failure = yield* failed(content)
        expect(failure).toContain("MarketSourceError: ")
        expect(failure).toContain(message)
      }
    })
  )

  it.effect("a missing file and a bad symbol are refused", () =>
    provided(
      Effect.gen(function* () {
        const missing = yield* Effect.flip(
          makeCsvFile({ symbol: "A", file: "/nowhere/a.csv", skipBadRows: false })
        )
        expect(missing.message).toBe("/nowhere/a.csv: there is no such file; expected --csv SYMBOL=FILE")
        const named = yield* Effect.flip(open(rows("date,o,h,l,c", "2020-01-06,1,2,1,2"), false, "a.b!"))
        expect(named.message).toContain('"a.b!" cannot be its symbol')
      })
    )
  )

  it.effect("asked for another instrument or resolution, it says what it holds", () =>
    Effect.gen(function* () {
      const source = yield* opened(rows("date,o,h,l,c", "2020-01-06,1,2,1,2"))
      const series = yield* bars(source)
      const failure = yield* Effect.flip(source.series(series.instrument.id, "1m", always))
      expect(failure.message).toContain("the file holds 1d bars, not 1m")
    })
  )

  const good = rows(
    "Date,Open,High,Low,Close,Volume",
    "2020-01-02,100.5,101,99,101,12345",
    "2020-01-03,101,102,100,101.5,1000",
    "2020-01-06,101,102,100,101.5,1000"
  )
  const change = Schema.Tuple([
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: good.length - 1 }))),
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
  ])

  it.effect.prop(
    "whatever stands in a file, reading it succeeds or fails as a value",
    { changes: Schema.Array(change), text: Schema.String, mangle: Schema.Boolean },
    (input) =>
      Effect.gen(function* () {
        const bytes = new TextEncoder().encode(
          input.mangle ? good : `Date,Open,High,Low,Close\n${input.text}`
        )
        if (input.mangle) for (const [at, byte] of input.changes) bytes[at] = byte
        yield* opened(bytes, true).pipe(Effect.flatMap(bars), Effect.ignore)
        yield* Effect.ignore(opened(bytes, false))
      })
  )
})
