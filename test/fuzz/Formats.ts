/**
 * File formats: for each a drawing of bad files, and everything that must be true of how one is read. Pure, so that
 * hundreds of thousands of them are read in a soak.
 */
import * as fc from "fast-check"
import { Option, Result, Schema } from "effect"
import { readLine } from "../../src/audit/HashChain.ts"
import { lineSplitter, withOutbox } from "../../src/audit/SegmentReader.ts"
import { instrumentId, symbol } from "../../src/domain/Identifiers.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { MAX_PRICE_MICROS, pricePerShare, shares } from "../../src/domain/Money.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import type { ReadBars } from "../../src/market/BarRows.ts"
import type { BarSeries } from "../../src/market/BarSeries.ts"
import type { BadRow } from "../../src/market/MarketData.ts"
import { readCsv } from "../../src/market/csv/CsvBars.ts"
import { decodeText, readTable } from "../../src/market/csv/CsvTable.ts"
import { actionsOf, decodeFactorFile } from "../../src/market/lean/FactorFile.ts"
import { dailyOrHourParts, minuteBars, minuteQuotes } from "../../src/market/lean/LeanBars.ts"
import { decodeMapFile } from "../../src/market/lean/MapFile.ts"
import { onlyCsvOf } from "../../src/market/lean/ZipFile.ts"
import { decodeConfig } from "../../src/programs/DeskConfig.ts"
import { RunFile } from "../../src/programs/RunFolder.ts"
import { zipOf } from "../market/lean/Zip.ts"
import { changedBytes, changedJson, changedLines, type Json } from "./Mutations.ts"

/** A format: its bad files, and what is wrong with how one of them was read. Never throws of itself. */
export interface Format<A> {
  readonly name: string
  readonly files: fc.Arbitrary<A>
  readonly problems: (file: A) => ReadonlyArray<string>
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Longer than this no line of a failure needs to be. */
const LONGEST = 1000

const wordsProblems = (words: string): ReadonlyArray<string> => [
  ...(words === "" ? ["a failure without a word"] : []),
  ...(words.length > LONGEST ? [`a failure of ${words.length} characters: ${words.slice(0, 200)}`] : []),
  ...(/\[object Object\]|\n\s+at /u.test(words.replaceAll(/"[^"]*"/gu, ""))
    ? [`a failure in a program's words: ${words}`]
    : [])
]

const configs: ReadonlyArray<Json> = [
  {},
  {
    $schema: "./x.json",
    market: { source: "embedded", start: "2017-01-03" },
    limits: { profile: "desk" },
    paper: { startingCash: "100000" },
    seed: 1
  },
  { market: { source: "csv", files: { MYFUND: "prices.csv" }, badRows: "skip" }, universe: ["MYFUND"] },
  { market: { source: "lean", path: "lean", start: "2020-01-02" }, universe: ["SPY", "AAPL"] },
  {
    limits: {
      positionRatio: 0.25,
      ordersPerMinute: null,
      reservedForReducing: 0,
      quoteStalenessSeconds: { equity: 15, index: 15, option: 60 },
      restricted: ["AAPL"],
      shortSales: false
    },
    paper: {
      startingCash: 5000.25,
      fill: { model: "volume-share", shareBasisPoints: 1000, unlimitedWhenNoVolume: true },
      fee: { model: "per-share", perShare: "0.005", minimum: "1", maximumBasisPoints: 100 },
      slippage: { model: "spread-share", basisPoints: 10 }
    }
  }
]

const keysSaidTwice = (text: string): boolean => {
  try {
    let doubled = false
    const seen: Array<Set<string>> = []
    for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/gsu)) {
      if (token === "{" || token === "[") seen.push(new Set())
      else if (token === "}" || token === "]") seen.pop()
      else if (token.endsWith(":")) {
        const key: unknown = JSON.parse(token.slice(0, -1))
        if (seen.at(-1)?.has(String(key)) === true) doubled = true
        seen.at(-1)?.add(String(key))
      }
    }
    return doubled
  } catch {
    return false
  }
}

export const config: Format<string> = {
  name: "plimsoll.json",
  files: changedJson(fc.constantFrom(...configs)),
  problems: (text) => {
    const decoded = decodeConfig("plimsoll.json", text)
    if (Result.isFailure(decoded)) {
      const { problems } = decoded.failure
      return [
        ...(problems.length === 0 ? ["a failure without a problem"] : []),
        ...problems.flatMap(wordsProblems),
        ...problems
          .filter((problem) => !problem.startsWith("plimsoll.json"))
          .map((problem) => `a problem without its file: ${problem}`)
      ]
    }
    return keysSaidTwice(text) ? ["a field that is said twice was taken"] : []
  }
}

const run: Json = {
  version: 1,
  inputs: {
    strategies: ["trend"],
    symbols: ["SPX-REPLAY"],
    from: "2020-01-02",
    to: "2020-01-06",
    cash: 100_000_000_000,
    profile: {
      name: "single-index",
      label: "single index",
      limits: {
        positionRatio: 1,
        orderNotionalRatio: 1,
        grossExposureRatio: 1,
        dailyLossRatio: 0.03,
        drawdownRatio: 0.2,
        priceCollarRatio: 0.05,
        ordersPerMinute: 30,
        reservedForReducing: 10,
        openOrders: 20,
        duplicateWindowSeconds: 5,
        quoteStalenessSeconds: { equity: 15, index: 15, option: 60 },
        restricted: [],
        shortSales: false
      }
    },
    resumePolicy: { _tag: "Never" },
    seed: 1,
    models: { fill: { _tag: "Immediate" }, fee: { _tag: "Zero" }, slippage: { _tag: "None" } }
  },
  market: { source: "embedded" },
  folder: "/",
  command: "run"
}

const decodeRun = Schema.decodeUnknownResult(Schema.fromJsonString(RunFile), { onExcessProperty: "error" })

export const runFile: Format<string> = {
  name: "run.json",
  files: changedJson(fc.constant(run)),
  problems: (text) => {
    const decoded = decodeRun(text)
    return Result.isFailure(decoded) && decoded.failure.message === "" ? ["a failure without a word"] : []
  }
}

const fund = Instrument.cases.Equity.make({
  id: instrumentId("FUND.XNYS"),
  symbol: symbol("FUND"),
  name: "FUND",
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier: 1,
  paperOnly: true,
  caveats: []
})

const isPrice = (micros: number): boolean =>
  Number.isSafeInteger(micros) && micros > 0 && micros <= MAX_PRICE_MICROS

/** Whatever a series is made of, nobody is shown a price that cannot be one. */
const seriesProblems = (series: BarSeries): ReadonlyArray<string> => {
  const problems: Array<string> = []
  for (let i = 0; i < series.length; i++) {
    const [open = 0, high = 0, low = 0, close = 0, volume = -1] = [
      series.open[i],
      series.high[i],
      series.low[i],
      series.close[i],
      series.volume[i]
    ]
    const [from = 0, until = 0] = [series.tsOpen[i], series.tsEvent[i]]
    if (![open, high, low, close].every(isPrice))
      problems.push(`bar ${i} has no price: ${open} ${high} ${low} ${close}`)
    if (low > Math.min(open, close) || high < Math.max(open, close))
      problems.push(`bar ${i} is outside its range`)
    if (!Number.isSafeInteger(volume) || volume < 0) problems.push(`bar ${i} has the volume ${volume}`)
    if (from >= until || (i > 0 && from < (series.tsEvent[i - 1] ?? 0)))
      problems.push(`bar ${i} is out of order`)
  }
  return problems
}

const badRowProblems = (bad: ReadonlyArray<BadRow>): ReadonlyArray<string> =>
  bad.flatMap(({ problem, row }) => [
    ...wordsProblems(problem),
    ...(Number.isSafeInteger(row) && row >= 0 ? [] : [`row ${row}`])
  ])

const readProblems = ({ bad, series }: ReadBars): ReadonlyArray<string> => [
  ...seriesProblems(series),
  ...badRowProblems(bad)
]

const csvs = [
  `Date,Open,High,Low,Close,Adj Close,Volume
2020-01-02,100.5,101.25,99,101,50,12345
2020-01-03,101,102,100,101.5,51,1000
2020-01-06,101.5,102.5,101,102,51,0
2020-01-07,102,103,101,102.5,52,7
`,
  `timestamp;open;high;low;close;volume
2020-01-02 09:30;100,5;101,25;99;101;5
2020-01-02 09:31;100,5;101,25;99;101;5
2020-01-02 09:32;100,5;101,25;99;101;5
`,
  `"Date","Close/Last","Volume","Open","High","Low"
"01/13/2020","$102.50","1,234,567","$102","$103","$101"
"01/10/2020","$101.50","1,234,567","$102","$103","$101"
"01/09/2020","$101.50","1,234,567","$102","$103","$101"
`,
  `date\topen\thigh\tlow\tclose
1577975400\t1.1234567\t2\t1\t2
1577979000\t1.1234567\t2\t1\t2
1577982600\t1.1234567\t2\t1\t2
`
]

const readText = (bytes: Uint8Array) =>
  Result.flatMap(decodeText(bytes), (text) =>
    Result.map(readCsv("prices.csv", text, fund), (bars) => ({ bars, text }))
  )

export const csv: Format<Uint8Array> = {
  name: "CSV of prices",
  files: fc.oneof(
    changedLines(fc.constantFrom(...csvs)).map(encode),
    changedBytes(fc.constantFrom(...csvs.map(encode)))
  ),
  problems: (bytes) => {
    const read = readText(bytes)
    if (Result.isFailure(read)) return wordsProblems(read.failure)
    const { bars, text } = read.success
    const { bad, outsideHours, series } = bars.read
    const rows = Result.match(readTable(text), {
      onFailure: () => -1,
      onSuccess: (table) => table.rows.length
    })
    const told = series.length + bad.length + outsideHours
    const otherEnds = readCsv("prices.csv", text.replaceAll(/\r\n?|\n/gu, "\r\n"), fund)
    const same =
      Result.isSuccess(otherEnds) &&
      JSON.stringify([...otherEnds.success.read.series.close]) === JSON.stringify([...series.close])
    return [
      ...readProblems(bars.read),
      ...(rows === told ? [] : [`${rows} rows, of which ${told} are bars or are named`]),
      ...(same ? [] : ["the same file with other line ends gives other bars"])
    ]
  }
}

const daily = `20200102 00:00,3200000,3210000,3190000,3205000,1000
20200103 00:00,3205000,3210000,3190000,3200000,1000
20200106 00:00,3200000,3210000,3190000,3205000,1000
`
const minute = `34200000,3200000,3210000,3190000,3205000,1000
34260000,3205000,3210000,3190000,3200000,1000
`
const quotes = `34200000,3200000,3210000,3190000,3205000,10,3201000,3211000,3191000,3206000,20
34260000,3205000,3210000,3190000,3200000,10,3206000,3211000,3191000,3201000,20
`
const day = sessionDate("2020-01-02")

export const leanRows: Format<string> = {
  name: "LEAN rows",
  files: changedLines(fc.constantFrom(daily, minute, quotes)),
  problems: (text) => {
    const file = { file: "x.csv", text }
    const texts = new Map([["fund", Result.succeed(file)]])
    const spans = [{ ticker: "fund", from: sessionDate("1998-01-02"), to: sessionDate("2050-12-31") }]
    const always = { from: sessionDate("1900-01-01"), to: sessionDate("2100-01-01") }
    const quoted = minuteQuotes(file, fund, day)
    return [
      ...(["1d", "1h"] as const).flatMap((resolution) => {
        const { bad, parts } = dailyOrHourParts(texts, fund, spans, resolution, always)
        return [...parts.flatMap(seriesProblems), ...badRowProblems(bad)]
      }),
      ...readProblems(minuteBars(file, fund, day)),
      ...Option.match(quoted.quotes, { onNone: () => [], onSome: seriesProblems }),
      ...badRowProblems(quoted.bad)
    ]
  }
}

const factors = "20130101,0.9,0.25,400\n20140606,0.95,0.25,645.57\n20140609,1,1,93.7\n20501231,1,1,0\n"
const maps = "19980102,goocv,Q\n20040819,goog,Q\n20140402,googl,Q\n20501231,googl,Q\n"

export const leanSideFiles: Format<string> = {
  name: "LEAN map and factor files",
  files: changedLines(fc.constantFrom(factors, maps)),
  problems: (text) => {
    const { bad, rows } = decodeFactorFile("x.csv", text)
    const { actions, bad: worse } = actionsOf("x.csv", rows, (date) => Option.some(date))
    const map = decodeMapFile("x.csv", text)
    return [
      ...badRowProblems([...bad, ...worse]),
      ...(Result.isFailure(map) ? badRowProblems([map.failure]) : []),
      ...actions.flatMap((action) =>
        action._tag === "Split"
          ? Number.isSafeInteger(action.numerator) &&
            Number.isSafeInteger(action.denominator) &&
            action.numerator > 0 &&
            action.denominator > 0
            ? []
            : [`a split of ${action.numerator} for ${action.denominator}`]
          : Number.isSafeInteger(action.amountPerShare) && action.amountPerShare > 0
            ? []
            : [`a dividend of ${action.amountPerShare}`]
      )
    ]
  }
}

export const zip: Format<Uint8Array> = {
  name: "zip",
  files: changedBytes(
    fc.constantFrom(
      zipOf("spy.csv", daily),
      zipOf("spy.csv", daily.repeat(50)),
      zipOf("../../spy.csv", daily),
      zipOf("spy.txt", daily),
      zipOf("", daily)
    )
  ),
  problems: (bytes) => {
    const read = onlyCsvOf(bytes)
    if (Result.isFailure(read)) return wordsProblems(read.failure)
    // Its checksum is right, so it is what was packed: nobody draws another by chance.
    const text = new TextDecoder().decode(read.success.bytes)
    return text === daily || text === daily.repeat(50)
      ? []
      : ["another text than was packed was taken for it"]
  }
}

const entry = `{"action":"order.denied","actor":{"kind":"agent","name":"x"},"details":{"n":[1,{"a":null}]},"hash":"0000000000000000000000000000000000000000000000000000000000000000","marketTime":"2020-01-02T14:30:00.000000Z","outcome":"denied","previousHash":"0000000000000000000000000000000000000000000000000000000000000000","resource":"order/O-1","sequence":1,"time":"2020-01-02T14:30:00.000000Z"}`

export const auditLine: Format<string> = {
  name: "line of the audit log",
  files: changedJson(fc.constant(JSON.parse(entry))),
  problems: (text) => {
    const read = readLine(text)
    return Result.isSuccess(read)
      ? ["a line that nobody wrote was taken for an entry"]
      : wordsProblems(read.failure.message)
  }
}

export const auditBytes: Format<Uint8Array> = {
  name: "bytes of an audit segment",
  files: changedBytes(fc.constant(encode(`${entry}\n${entry}\n`))),
  problems: (bytes) => {
    const split = lineSplitter("2020-01-02")
    const cut = Math.floor(bytes.length / 3)
    const lines = [...split.push(bytes.subarray(0, cut)), ...split.push(bytes.subarray(cut)), ...split.end()]
    const whole = lineSplitter("2020-01-02")
    const atOnce = [...whole.push(bytes), ...whole.end()]
    const rows = [{ sequence: 1, segment: "2020-01-02", position: 0, line: entry }]
    const { unwritten } = withOutbox(bytes, rows)
    return [
      ...(JSON.stringify(lines) === JSON.stringify(atOnce) ? [] : ["cut into chunks it has other lines"]),
      ...(unwritten === 0 || unwritten === 1 ? [] : [`${unwritten} rows of one unwritten`])
    ]
  }
}

/** Those whose files are text, and those whose files are bytes. */
export const textFormats: ReadonlyArray<Format<string>> = [
  config,
  runFile,
  leanRows,
  leanSideFiles,
  auditLine
]
export const byteFormats: ReadonlyArray<Format<Uint8Array>> = [csv, zip, auditBytes]

/** Reads a file of a format; what it throws is a problem like any other. */
export const problemsOf = <A>(format: Format<A>, file: A): ReadonlyArray<string> => {
  try {
    return format.problems(file)
  } catch (cause) {
    return [
      `it threw: ${cause instanceof Error ? (cause.stack ?? cause.message).slice(0, 400) : String(cause)}`
    ]
  }
}
