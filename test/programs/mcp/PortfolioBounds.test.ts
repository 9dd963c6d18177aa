/** The portfolio server on books no small desk has: very many positions, very long figures, no prices. No answer is too long. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Option, Result } from "effect"
import { clientOrderId, type InstrumentId, instrumentId, tradeId } from "../../../src/domain/Identifiers.ts"
import type { JournalEvent, OrderFilled } from "../../../src/domain/JournalEvent.ts"
import {
  dollars,
  formatMicros,
  money,
  type Price,
  price,
  pricePerShare,
  quantity,
  shares
} from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import * as AccountDays from "../../../src/execution/AccountDays.ts"
import { DeskHistory } from "../../../src/execution/DeskHistory.ts"
import { type DeskStatus, DeskView } from "../../../src/execution/DeskView.ts"
import { type JournalEntry, OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { MarketData } from "../../../src/market/MarketData.ts"
import { aaplId } from "../../../src/market/replay/EmbeddedReplay.ts"
import { sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import * as Ledger from "../../../src/portfolio/Ledger.ts"
import { optionId } from "../../../src/market/OptionInstruments.ts"
import { brokerServer } from "../../../src/programs/mcp/broker/BrokerServer.ts"
import { MAX_ANSWER } from "../../../src/programs/mcp/kit/Answer.ts"
import type { ServerDefinition } from "../../../src/programs/mcp/kit/McpServer.ts"
import { portfolioServer } from "../../../src/programs/mcp/portfolio/PortfolioServer.ts"
import { newProject, serveDesk, type ServedDesk } from "./McpDesk.ts"
import { exposureOf, micros, pnlOf, riskOf, summaryOf } from "./PortfolioAnswers.ts"

const config = { market: { source: "embedded", start: "2015-03-02" } }

/**
 * The server on a desk to which all this has happened as well. It is only shown so: orders for so much would take
 * hours at the rate a desk may send them, and a line put into the journal is corrected, for the venue does not hold it.
 */
const showing = (
  events: Effect.Effect<ReadonlyArray<JournalEvent>, never, MarketData>,
  server: ServerDefinition = portfolioServer
): ServerDefinition => {
  const shown = Effect.gen(function* () {
    const journal = yield* OrderJournal
    const view = yield* DeskView
    const data = yield* MarketData
    const status = yield* view.status
    const real = yield* journal.read({ after: 0, limit: status.sequence })
    const more = (yield* events).map((event, n): JournalEntry => ({
      sequence: status.sequence + 1 + n,
      tsWall: 0,
      accountId: status.accountId,
      actor: { kind: "desk", name: "test" },
      event
    }))
    const days = [...real, ...more].reduce(AccountDays.apply, AccountDays.noDays)
    const { ledger } = days.today
    const marks = new Map<InstrumentId, Price>()
    for (const { instrumentId: id } of Ledger.positions(ledger)) {
      const quote = yield* Effect.option(data.quote(id))
      if (quote._tag === "Some") marks.set(id, quote.value.last)
    }
    const underlyings = new Map<InstrumentId, Price>()
    for (const { contract } of Ledger.positions(ledger)) {
      if (contract === undefined || underlyings.has(contract.underlying)) continue
      const quote = yield* Effect.option(data.quote(contract.underlying))
      if (quote._tag === "Some") underlyings.set(contract.underlying, quote.value.last)
    }
    const equity = Result.getSuccess(Ledger.equity(ledger, marks))
    const both: DeskStatus = {
      ...status,
      sequence: days.sequence,
      cash: ledger.cash,
      fees: ledger.fees,
      equity,
      underlyings,
      counted: {
        working: [],
        positions: Ledger.positions(ledger).map((position) => ({
          ...position,
          mark: marks.get(position.instrumentId)
        }))
      },
      dayResult: Option.map(equity, (value) => money(value - status.priorCloseEquity)),
      positions: Ledger.positions(ledger).map((position) => {
        const mark = Option.fromUndefinedOr(marks.get(position.instrumentId))
        const marketValue = Option.map(mark, (at) => Ledger.positionValue(position, at))
        const unrealised = Option.map(marketValue, (value) => money(value - position.cost))
        return { position, mark, marketValue, unrealised }
      })
    }
    return {
      view: { ...view, status: Effect.succeed(both) },
      history: { past: Effect.succeed({ status: both, days }) }
    }
  })
  return {
    ...server,
    tools: server.tools.map((tool) => ({
      ...tool,
      call: (call) =>
        Effect.flatMap(Effect.orDie(shown), ({ history, view }) =>
          tool
            .call(call)
            .pipe(Effect.provideService(DeskView, view), Effect.provideService(DeskHistory, history))
        )
    }))
  }
}

const fillOf = (
  n: number,
  fields: Pick<OrderFilled, "instrumentId" | "side" | "quantity" | "price" | "fee">
): OrderFilled => ({
  _tag: "OrderFilled",
  clientOrderId: clientOrderId(`o-${n}`),
  tsEvent: timestamp(0),
  tradeId: tradeId(`t-${n}`),
  multiplier: 1,
  final: true,
  ...fields
})

/** Symbols and sectors as long as they may be; JSON doubles none of their characters. */
const COUNT = 400
const symbolOf = (n: number): string => `HOLDING-${"X".repeat(20)}${String(n).padStart(4, "0")}`
const sectorOf = (n: number): string => `${"s".repeat(60)}${String(n).padStart(4, "0")}`

describe("a book of four hundred positions", () => {
  const days = ["2024-03-04", "2024-03-05", "2024-03-06"]
  let desk: ServedDesk
  let folder: string

  beforeAll(async () => {
    const files = Array.from({ length: COUNT }, (_, n) => [symbolOf(n), `${n}.csv`] as const)
    folder = newProject({
      market: { source: "csv", files: Object.fromEntries(files), start: days[0] },
      instruments: Object.fromEntries(files.map(([name], n) => [name, { sector: sectorOf(n) }]))
    })
    for (const [n, [, file]] of files.entries()) {
      const rows = days.map((date, i) => {
        const at = (1000 + n + i / 1000 + 0.000_001).toFixed(6)
        return `${date},${at},${at},${at},${at},1000000`
      })
      writeFileSync(join(folder, file), `date,open,high,low,close,volume\n${rows.join("\n")}\n`)
    }
    const fills = Effect.gen(function* () {
      const data = yield* MarketData
      return yield* Effect.forEach(
        Array.from({ length: COUNT }, (_, n) => n),
        (n) =>
          Effect.map(data.instrument(symbolOf(n)), ({ id }) =>
            fillOf(n, {
              instrumentId: id,
              side: n % 3 === 0 ? "SELL" : "BUY",
              quantity: quantity(1_234_567_891),
              price: price(1_012_345_678),
              fee: dollars(1.000001)
            })
          )
      )
    })
    desk = await serveDesk(showing(Effect.orDie(fills)), { folder })
  })
  afterAll(async () => {
    await desk.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Every row of a list, page by page; each answer is checked for its length by `call`. */
  const everyPage = async <A extends { readonly next_cursor: string | null }, Row>(
    page: (args: Readonly<Record<string, unknown>>) => Promise<A>,
    rowsOf: (answered: A) => ReadonlyArray<Row>
  ): Promise<ReadonlyArray<Row>> => {
    const rows: Array<Row> = []
    let cursor: string | null = null
    do {
      const answered: A = await page(cursor === null ? {} : { cursor })
      rows.push(...rowsOf(answered))
      cursor = answered.next_cursor
    } while (cursor !== null && rows.length <= COUNT)
    return rows
  }

  it("pages through every position once, no answer longer than 20,000 characters", async () => {
    expect(MAX_ANSWER).toBe(20_000)
    const names = Array.from({ length: COUNT }, (_, n) => symbolOf(n))
    const positions = await everyPage(
      (args) => summaryOf(desk, args),
      (page) => page.positions
    )
    expect(positions.map(({ symbol }) => symbol).toSorted()).toEqual(names)
    const exposed = await everyPage(
      (args) => exposureOf(desk, args),
      (page) => page.by_symbol
    )
    expect(exposed.map(({ symbol }) => symbol).toSorted()).toEqual(names)
    const sizes = exposed.map((row) => Math.abs(micros(row.market_value)))
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    const traded = await everyPage(
      (args) => pnlOf(desk, { ...args, days: 60 }),
      (page) => page.by_symbol
    )
    expect(traded.map(({ symbol }) => symbol).toSorted()).toEqual(names)
  })

  it("what does not fit is together in one row, and the sums are of all", async () => {
    const exposure = await exposureOf(desk)
    expect(exposure.by_sector.length).toBe(25)
    expect(exposure.by_sector.reduce((sum, row) => sum + row.positions, 0)).toBe(COUNT)
    for (const part of ["long", "short", "gross", "net"] as const) {
      expect(formatMicros(exposure.by_sector.reduce((sum, row) => sum + micros(row[part]), 0))).toBe(
        exposure.total[part]
      )
    }
    expect(micros(exposure.total.short)).toBeLessThan(0)
    const pnl = await pnlOf(desk)
    const rows = await everyPage(
      (args) => pnlOf(desk, args),
      (page) => page.by_symbol
    )
    expect(rows.reduce((sum, row) => sum + micros(row.total), 0)).toBe(micros(pnl.session.total))
  })

  it("a cursor is good for its own question only", async () => {
    const { next_cursor: cursor } = await exposureOf(desk)
    const { isError, text } = await desk.call("get_portfolio_summary", { cursor })
    expect([isError, text.split(":")[0]]).toEqual([true, "CursorInvalid"])
    const { next_cursor: ofDays } = await pnlOf(desk, { days: 2 })
    expect((await desk.call("get_daily_pnl", { days: 3, cursor: ofDays })).isError).toBe(true)
  })

  it("names at most twenty of four hundred holdings without history, and counts them all", async () => {
    const { holdings, value_at_risk } = await riskOf(desk)
    expect(holdings).toMatchObject({ count: 0, observations: 0, left_out_count: COUNT, covered: 0 })
    expect(holdings.left_out).toHaveLength(20)
    expect(holdings.left_out[0]).toMatchObject({ reason: "no history" })
    for (const row of value_at_risk) expect(row.var).toBeNull()
  })

  it("tools are described in few words", async () => {
    const { tools } = await desk.client.listTools()
    const told = tools.map(({ description, inputSchema, name }) => ({ name, description, inputSchema }))
    expect(tools.map(({ name }) => name)).toEqual([
      "get_portfolio_summary",
      "get_exposure",
      "get_daily_pnl",
      "get_risk_metrics",
      "health_check"
    ])
    expect(JSON.stringify(told).length).toBeLessThan(3000)
  })
})

describe("a book of three hundred options", () => {
  const expiries = ["2015-03-06", "2015-03-13", "2015-03-20", "2015-04-17", "2015-05-15", "2016-01-15"]
  const names = expiries.flatMap((expiry, e) =>
    Array.from({ length: 50 }, (_, n) =>
      optionId({
        root: "AAPL",
        expiry: sessionDate(expiry),
        right: (n + e) % 2 === 0 ? "PUT" : "CALL",
        strike: 104 + n
      })
    )
  )
  const fills = Effect.gen(function* () {
    const { instrumentOf } = yield* MarketData
    return names.map((id, n): OrderFilled => {
      const instrument = instrumentOf(id)
      if (instrument?._tag !== "Option") throw new Error(`${id} is no contract`)
      return {
        ...fillOf(n, {
          instrumentId: id,
          side: n % 3 === 0 ? "BUY" : "SELL",
          quantity: shares(1 + (n % 7)),
          price: pricePerShare(12.345678),
          fee: dollars(0.65)
        }),
        multiplier: 100,
        contract: instrument.contract
      }
    })
  })

  it("get_positions pages through every contract once; structures and warnings are told on the first page, and counted", async () => {
    const desk = await serveDesk(showing(fills, brokerServer({ requirePermit: false })), { config })
    try {
      const rows: Array<unknown> = []
      let cursor: unknown = null
      do {
        const { value } = await desk.call("get_positions", cursor === null ? {} : { cursor })
        const {
          next_cursor: next,
          positions,
          structures,
          structures_left_out: leftOut,
          warning_count
        } = value
        if (!Array.isArray(positions) || !Array.isArray(structures)) throw new Error("no lists")
        expect(structures.length > 0).toBe(cursor === null)
        if (cursor === null) expect(Number(leftOut)).toBeGreaterThan(20)
        expect(Number(warning_count)).toBeGreaterThan(12)
        rows.push(...positions.map((row) => (row === null ? "" : Reflect.get(row, "symbol"))))
        cursor = next
      } while (cursor !== null && rows.length <= names.length)
      expect(rows.toSorted()).toEqual(names.map((id) => id.replace(".OPRA", "")).toSorted())
    } finally {
      await desk.close()
    }
  })

  it("the portfolio's tools answer in bounds, and say what they leave out", async () => {
    const desk = await serveDesk(showing(fills), { config })
    try {
      for (const name of ["get_exposure", "get_risk_metrics", "get_portfolio_summary"])
        expect((await desk.call(name)).isError).toBe(false)
      expect((await desk.call("get_exposure")).value).toMatchObject({
        by_underlying: [{ underlying: "AAPL", worst_case: "unlimited" }],
        by_expiry: expiries.map((expiry) => ({ expiry })),
        options_left_out: 0
      })
      expect((await desk.call("get_risk_metrics")).value).toMatchObject({
        holdings: { by_delta: names.length },
        options: { worst_case: "unlimited" }
      })
    } finally {
      await desk.close()
    }
  })
})

describe("sixty days with figures as long as they come", () => {
  it("fit as far as they fit, newest first, and say how many are left out", async () => {
    const dates = sessionsBetween(sessionDate("2014-11-03"), sessionDate("2015-02-20"))
    const events = dates.flatMap(({ close: tsEvent, date, open }, i): ReadonlyArray<JournalEvent> => {
      const odd = i % 2 === 1
      return [
        {
          _tag: "SessionOpened",
          tsEvent: open,
          date,
          priorCloseEquity: money(odd ? 1_234_567_890_123_457 : 7_234_567_890_123_457)
        },
        {
          _tag: "DividendPaid",
          tsEvent,
          instrumentId: aaplId,
          amountPerShare: money(1),
          amount: dollars(odd ? -112_345_678.901234 : 112_345_678.901235)
        },
        {
          _tag: "CashCorrected",
          tsEvent,
          from: money(0),
          to: dollars(odd ? 123_456_789.123457 : 987_654_321.987653),
          reason: "a test"
        },
        fillOf(i, {
          instrumentId: aaplId,
          side: odd ? "SELL" : "BUY",
          quantity: quantity(999_999_999_999),
          price: price(odd ? 212_345_679 : 112_345_678),
          fee: dollars(1234.567891)
        }),
        {
          _tag: "SessionClosed",
          tsEvent,
          date,
          equity: money(odd ? 7_234_567_890_123_457 : 1_234_567_890_123_457),
          grossExposure: money(0),
          peakEquity: money(0)
        }
      ]
    })
    const desk = await serveDesk(showing(Effect.succeed(events)), { config })
    try {
      const newest = dates.map(({ date }) => date).toReversed()
      const pnl = await pnlOf(desk, { days: 60, session: newest[0] })
      expect(pnl.days.length + pnl.days_left_out).toBe(60)
      expect(pnl.days_left_out).toBeGreaterThan(0)
      expect(pnl.days.map((row) => row.session)).toEqual(newest.slice(0, pnl.days.length))
      const rest = await pnlOf(desk, { days: pnl.days_left_out, session: newest[pnl.days.length] })
      expect(rest.days.map((row) => row.session)).toEqual(newest.slice(pnl.days.length, 60))
      for (const row of [...pnl.days, ...rest.days]) {
        expect(micros(row.total)).toBe(
          micros(row.realised) +
            micros(row.unrealised_change) +
            micros(row.dividends) -
            micros(row.fees) +
            micros(row.corrections)
        )
      }
    } finally {
      await desk.close()
    }
  })
})

describe("a holding without a price", () => {
  it("cash and what is held are told all the same; what a price decides is null", async () => {
    const gone = fillOf(1, {
      instrumentId: instrumentId("GONE.XNYS"),
      side: "BUY",
      quantity: shares(10),
      price: pricePerShare(100),
      fee: dollars(1)
    })
    const desk = await serveDesk(showing(Effect.succeed([gone])), { config })
    try {
      const summary = await summaryOf(desk)
      expect(summary).toMatchObject({ cash: "98999", equity: null, day_result: null, market_value: null })
      expect(summary.positions).toMatchObject([{ symbol: "GONE", quantity: "10", mark: null, ratio: null }])
      expect(await exposureOf(desk)).toMatchObject({
        equity: null,
        total: { gross: "0", gross_ratio: null },
        unpriced_count: 1,
        unpriced: ["GONE"],
        by_symbol: [{ symbol: "GONE", sector: "unclassified", market_value: null }]
      })
      expect(await pnlOf(desk)).toMatchObject({
        session: { fees: "1", total: null, unrealised_change: null },
        by_symbol: [{ symbol: "GONE", fees: "1", total: null }],
        unattributed: null
      })
      expect((await riskOf(desk)).holdings).toMatchObject({
        left_out: [{ symbol: "GONE", reason: "no price now" }],
        covered: null
      })
    } finally {
      await desk.close()
    }
  })
})
