import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { drawdownSeries, returnTable, since } from "../../../src/portfolio/EquityCurve.ts"
import { performance, statisticDefinitions } from "../../../src/portfolio/Performance.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { markedEvents } from "../../../src/session/report/BreakerMarks.ts"
import { drawdownPlot } from "../../../src/session/report/DrawdownChart.ts"
import { darkPalette, lightPalette } from "../../../src/session/report/Palette.ts"
import { pixelOf } from "../../../src/session/report/Plot.ts"
import { reportHtml } from "../../../src/session/report/ReportHtml.ts"
import type { BookReport, RunReport } from "../../../src/session/report/RunReport.ts"
import { cellsOf, drawingOf, firstUnbalanced, lineOf, tableOf, tagsOf, textOf } from "./Page.ts"
import { curveOf, equityAtEnd, sampleRun } from "./SampleRun.ts"
import { withTexts } from "./Texts.ts"

const run = sampleRun()
const page = reportHtml(run)
const short = sampleRun("2007-09-04", "2008-12-31")

/** "−12.30" as a number. */
const read = (text: string | undefined): number =>
  Number((text ?? "").replace("−", "-").replace(/[$,%]/gu, ""))

describe("the page", () => {
  it("needs nothing from outside: no address, script, image or import", () => {
    expect(page).not.toMatch(/https?:|\bsrc=|<script|url\(|@import|<link|<iframe|javascript:/iu)
    const links = [...page.matchAll(/href="([^"]*)"/gu)].map(([, href]) => href)
    expect(links.every((href) => href?.startsWith("#"))).toBe(true)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
  })

  it("is below 400 KB for twenty years and two books", () => {
    expect(Buffer.byteLength(page)).toBeLessThan(400_000)
  })

  it("is the same, byte for byte, for the same run", () => {
    reportHtml(short)
    expect(reportHtml(sampleRun())).toBe(page)
  })

  it("closes every element it opens, in order", () => {
    expect(firstUnbalanced(page)).toBeUndefined()
  })

  it("names every element once, and refers to none that is missing", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/gu)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const references = [...page.matchAll(/(?:href="#|aria-(?:labelledby|describedby)=")([^"]*)"/gu)]
    expect(references.map(([, id]) => id).filter((id) => !ids.includes(id))).toEqual([])
  })

  it("has one title, and headings that never skip a level", () => {
    const levels = [...page.matchAll(/<h([1-6])/gu)].map(([, level]) => Number(level))
    expect(levels.filter((level) => level === 1)).toEqual([1])
    expect(levels[0]).toBe(1)
    expect(levels.every((level, i) => i === 0 || level <= (levels[i - 1] ?? 0) + 1)).toBe(true)
    const names = [...page.matchAll(/<h2[^>]*>([\s\S]*?)<\/h2>/gu)].map(([, name = ""]) => textOf(name))
    expect(names).toEqual([
      "Results",
      "What this data cannot tell",
      "Equity",
      "Drawdown",
      "Exposure",
      "Statistics",
      "Monthly returns",
      "Circuit breaker",
      "Orders",
      "Strategies",
      "Limits in force",
      "Reproduce this run",
      "What to type next"
    ])
  })

  it("heads every column and row of its tables", () => {
    for (const [table] of page.matchAll(/<table[\s\S]*?<\/table>/gu)) {
      const [head = "", body = ""] = table.split("<tbody>")
      expect(head).not.toMatch(/<th(?! scope="col")[\s>]/u)
      for (const [row] of body.matchAll(/<tr>[\s\S]*?<\/tr>/gu)) {
        expect(row.match(/<th scope="row">/gu)).toHaveLength(1)
      }
    }
  })

  it("gives every drawing a name and a description", () => {
    const drawings = tagsOf(page).filter((tag) => /^<svg\s/u.test(tag) && !tag.includes("aria-hidden"))
    expect(drawings).toHaveLength(8)
    for (const drawing of drawings) {
      expect(drawing).toMatch(/role="img"\s+aria-labelledby="[^"]+"\s+aria-describedby="[^"]+"/u)
    }
  })

  it("carries light and dark, and its drawings take their colours from them", () => {
    const [light = "", dark = ""] = page.split("@media screen and (prefers-color-scheme:dark)")
    expect(light).toContain(`--paper:${lightPalette.paper}`)
    expect(dark).toContain(`--paper:${darkPalette.paper}`)
    for (const [drawing] of page.matchAll(/<svg\s[\s\S]*?<\/svg>/gu)) {
      const colors = [...drawing.matchAll(/(?:fill|stroke)="([^"]*)"/gu)].map(([, color = ""]) => color)
      expect(colors.filter((color) => !/^(?:none|currentColor|var\(--[a-z0-9-]+\))$/u.test(color))).toEqual(
        []
      )
    }
    const used = new Set([...page.matchAll(/var\(--([a-z0-9-]+)\)/gu)].map(([, name = ""]) => name))
    expect([...used].filter((name) => !(name in lightPalette))).toEqual([])
  })
})

describe("its numbers", () => {
  const separateFrom = sessionDate("2008-01-01")

  const expected = (book: BookReport | undefined, from?: typeof separateFrom) => {
    const { curve } = book ?? run.benchmark
    const part = from === undefined ? curve : Option.getOrThrow(since(curve, from))
    const start = curve.dates.length - part.dates.length
    return performance(part, {
      grossExposures: (book?.grossExposures ?? curve.equities).slice(start),
      tradedNotional: (book?.traded ?? new Float64Array()).slice(start + 1).reduce((a, b) => a + b, 0)
    }).statistics
  }

  it.each([
    ["whole-period", undefined],
    ["separate-period", separateFrom]
  ] as const)("are the statistics of each book and of buy and hold (%s)", (id, from) => {
    const table = tableOf(page, id)
    expect(table.map(([name]) => name)).toEqual(statisticDefinitions.map(({ name }) => name))
    for (const [j, book] of [...run.books, undefined].entries()) {
      const statistics = expected(book, from)
      for (const [i, { key, shownAs }] of statisticDefinitions.entries()) {
        const statistic = statistics[key]
        const value = statistic._tag === "Value" ? statistic.value : Number.NaN
        const shown = read(table[i]?.[j + 1])
        expect(Math.abs(shown - value * (shownAs === "percent" ? 100 : 1))).toBeLessThan(0.00501)
      }
    }
  })

  it("are each explained", () => {
    for (const { name, definition } of statisticDefinitions) {
      expect(textOf(page)).toContain(name)
      expect(textOf(page)).toContain(definition)
    }
  })

  it("are the returns of every month and year", () => {
    for (const [i, book] of run.books.entries()) {
      const table = tableOf(page, `months-${i + 1}`)
      const years = returnTable(book.curve)
      expect(table).toHaveLength(years.length)
      for (const [j, { year, months, total }] of years.entries()) {
        expect(table[j]?.[0]).toBe(String(year))
        for (const [k, ratio] of [...months, total].entries()) {
          const text = table[j]?.[k + 1]
          if (Option.isNone(ratio)) expect(text).toBe("–")
          else expect(Math.abs(read(text) - ratio.value * 100)).toBeLessThan(0.0501)
        }
      }
    }
  })

  it("are the orders, fills, denials, fees and cash of each book", () => {
    for (const [i, book] of run.books.entries()) {
      const row = tableOf(page, "orders-table")[i] ?? []
      expect(row.slice(0, 4)).toEqual([
        book.name,
        String(book.orders),
        String(book.denied),
        String(book.fills)
      ])
      expect(row.slice(4, 6).map(read)).toEqual(
        [book.fees, book.cash].map((x) => Math.round(x / 10_000) / 100)
      )
    }
    expect(tableOf(page, "denials-table").map(([, rule, denied]) => [rule, denied])).toEqual([
      ["buying-power", "2"],
      ["trading-state", "1"],
      ["drawdown", "3"]
    ])
  })

  it("are the positions held at the end, which with the cash make up the last equity", () => {
    const holding = sampleRun("2009-07-01", "2010-03-31")
    const rows = tableOf(reportHtml(holding), "positions-table")
    const held = holding.books.flatMap(({ positions }) => positions)
    expect(rows.map((row) => read(row[2]) * 1_000_000)).toEqual(held.map(({ quantity }) => quantity))
    for (const [i, { cost, marketValue }] of held.entries()) {
      expect(read(rows[i]?.[6])).toBeCloseTo((marketValue - cost) / 1_000_000, 1)
    }
    for (const book of holding.books) {
      expect(equityAtEnd(book)).toBeCloseTo(book.curve.equities.at(-1) ?? 0, 2)
    }
  })

  it("are every trip and resumption, numbered alike in the table and on the curve", () => {
    const events = markedEvents(run.books)
    const numbers = events.flatMap(({ number }) => (number === undefined ? [] : [String(number)]))
    const stops = tableOf(page, "stops-table")
    const kinds = new Set(["drawdown", "halt", "resumed"])
    expect(stops.map(([, date]) => date)).toEqual(
      events.filter(({ event }) => kinds.has(event.kind)).map(({ event }) => event.date)
    )
    expect(stops.map(([number]) => number).filter((number) => number !== "")).toEqual(numbers)
    expect(numbers.length).toBeGreaterThan(3)
    for (const screen of ["wide", "narrow"] as const) {
      const badges = [...drawingOf(page, "equity", screen).matchAll(/font-weight:700[^>]*>(\d+)<\/text>/gu)]
      expect(badges.map(([, number]) => number).toSorted()).toEqual(numbers.toSorted())
    }
  })

  it("are every daily-loss trip, with the session at whose open it lapsed", () => {
    const trips = markedEvents(run.books).filter(({ event }) => event.kind === "daily-loss")
    const rows = tableOf(page, "daily-loss-table")
    expect(rows.map(([date]) => date)).toEqual(trips.map(({ event }) => event.date))
    const sessions = run.books[0].curve.dates
    for (const row of rows) {
      const tripped = sessions.findIndex((date) => date === row[0])
      expect(row[5]).toBe(sessions[tripped + 1])
    }
  })

  it("are the limits in force", () => {
    const values = new Map(tableOf(page, "limits-table").map(([name, value]) => [name, value]))
    expect(values.get("Position")).toBe("100%")
    expect(values.get("Daily loss")).toBe("−3%")
    expect(values.get("Drawdown")).toBe("−20%")
    expect(values.get("Orders a minute")).toBe("30")
  })
})

describe("its drawings", () => {
  it.each(["wide", "narrow"] as const)("reach exactly as deep as the true drawdowns (%s)", (screen) => {
    const plot = drawdownPlot(run, screen)
    const drawing = drawingOf(page, "drawdown", screen)
    const lines = [
      ["bench", run.benchmark.curve],
      ["s0", run.books[0].curve],
      ["s1", run.books[1]?.curve ?? run.benchmark.curve]
    ] as const
    for (const [color, curve] of lines) {
      const drawn = Math.max(...lineOf(drawing, color).map(({ y }) => y))
      const deepest = Math.min(...drawdownSeries(curve))
      expect(Math.abs(drawn - pixelOf(plot, plot.days.first, deepest).y)).toBeLessThan(0.06)
    }
  })

  it("stay inside their frames", () => {
    for (const [drawing] of page.matchAll(/<svg\s+class="(?:wide|narrow)"[\s\S]*?<\/svg>/gu)) {
      const [width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/u.exec(drawing) ?? []).slice(1).map(Number)
      for (const color of ["bench", "s0", "s1"]) {
        for (const { x, y } of lineOf(drawing, color)) {
          expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true)
        }
      }
    }
  })

  it("take a logarithmic axis only for a wide range", () => {
    expect(page).toContain("logarithmic axis")
    expect(reportHtml(short)).not.toContain("logarithmic axis")
  })
})

describe("texts of the run", () => {
  const plain = tagsOf(reportHtml(withTexts(short, "x")))

  it.prop(
    "cannot become markup, whatever they hold",
    [Schema.String, Schema.String],
    ([before, after]) => {
      const hostile = `${before}"'><script>alert(1)</script><img src=x onerror=y>&lt;${after}`
      expect(tagsOf(reportHtml(withTexts(short, hostile)))).toEqual(plain)
    },
    { arbitrary: { runs: 25 } }
  )

  it("are all on the page", () => {
    const texts = new Set<string>()
    const marked = withTexts(short, (field) => {
      texts.add(`<${field}>`)
      return `<${field}>`
    })
    const shown = textOf(reportHtml(marked))
    expect([...texts].filter((text) => !shown.includes(text))).toEqual([])
  })
})

describe("unusual runs", () => {
  const withBook = (change: (book: BookReport) => BookReport): RunReport => ({
    ...short,
    books: [change(short.books[0]), ...short.books.slice(1)]
  })

  it("of one session have no drawing and say why", () => {
    const single = reportHtml(sampleRun("2008-09-02", "2008-09-02"))
    expect(single).toContain("Too few sessions to draw")
    expect(firstUnbalanced(single)).toBeUndefined()
    expect(textOf(single)).toContain("needs 2 daily returns, has 0")
  })

  it("of two sessions are drawn", () => {
    const two = reportHtml(sampleRun("2008-09-02", "2008-09-03"))
    expect(two).not.toMatch(/NaN|Infinity/u)
    expect(lineOf(drawingOf(two, "equity", "wide"), "bench")).toHaveLength(2)
  })

  it("that lost everything say so in place of returns", () => {
    const ruined = withBook((book) => ({
      ...book,
      curve: curveOf(
        book.curve.dates,
        book.curve.equities.map((equity, i) => (i < 20 ? equity : -5))
      )
    }))
    const text = reportHtml(ruined)
    expect(textOf(text)).toContain("the account was worth nothing or less on 2007-10-02")
    expect(text).not.toMatch(/NaN|Infinity/u)
  })

  it("without trips, denials or positions say that there were none", () => {
    const quiet: RunReport = {
      ...short,
      books: [{ ...short.books[0], breakerEvents: [], denials: [], denied: 0, positions: [] }]
    }
    const text = textOf(reportHtml(quiet))
    expect(text).toContain("No drawdown trip and no halt in this run.")
    expect(text).toContain("No day's loss reached the daily-loss limit.")
    expect(text).toContain("No order was denied.")
    expect(text).toContain("No book held a position at the end.")
    expect(text).toContain("the breaker never tripped")
  })

  it("under the research profile say that nothing is to be carried over, and draw no limit", () => {
    const research = reportHtml({ ...short, profile: researchProfile })
    expect(textOf(research)).toContain("nothing here may be carried over to a desk")
    expect(drawingOf(research, "drawdown", "wide")).not.toContain("var(--limit)")
  })

  it("on data with bad rows count them near the top and list the first twenty", () => {
    const skippedRows = Array.from({ length: 25 }, (_, i) => ({
      file: "prices.csv",
      row: i + 2,
      problem: "high below low"
    }))
    const text = textOf(reportHtml({ ...short, market: { ...short.market, skippedRows } }))
    expect(text).toContain("25 bad rows of the data left out")
    expect(text).toContain("And 5 more rows.")
  })

  it("without a separate period have one table of statistics", () => {
    const { separateFrom: _, ...market } = short.market
    expect(cellsOf(reportHtml({ ...short, market }), "separate-period")).toEqual([])
  })

  it("all before or all in the separate period do not give it twice, and say when all is before", () => {
    const early = reportHtml(sampleRun("2003-01-02", "2003-12-31"))
    expect(cellsOf(early, "separate-period")).toEqual([])
    expect(textOf(early)).toContain("nobody may have had. All of this run lies before 2008-01-01.")
    const late = reportHtml(sampleRun("2009-01-02", "2009-12-31"))
    expect(cellsOf(late, "separate-period")).toEqual([])
    expect(textOf(late)).not.toContain("nobody may have had")
  })

  it("of six books tell the last two from the first by their dashes", () => {
    const books: RunReport["books"] = [
      short.books[0],
      ...Array.from({ length: 5 }, (_, i) => ({ ...short.books[0], name: `Book ${i + 2}` }))
    ]
    const drawing = drawingOf(reportHtml({ ...short, books }), "equity", "wide")
    expect(drawing.match(/stroke="var\(--s0\)" stroke-width="1.5" stroke-dasharray="6,3"/gu)).toHaveLength(1)
  })
})
