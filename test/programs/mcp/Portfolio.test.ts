/** The portfolio server through the SDK's client, its figures worked out a second time from the files of the embedded market. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Option, Result, Schema } from "effect"
import { clientOrderId, type InstrumentId, instrumentId, tradeId } from "../../../src/domain/Identifiers.ts"
import type { JournalEvent, OrderFilled } from "../../../src/domain/JournalEvent.ts"
import {
  dollars,
  formatMicros,
  money,
  parseMicros,
  type Price,
  price,
  pricePerShare,
  quantity,
  shares
} from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { AuditLog } from "../../../src/audit/AuditLog.ts"
import { Account } from "../../../src/execution/Account.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { Crank } from "../../../src/execution/Crank.ts"
import * as AccountDays from "../../../src/execution/AccountDays.ts"
import { DeskHistory } from "../../../src/execution/DeskHistory.ts"
import { type DeskStatus, DeskView } from "../../../src/execution/DeskView.ts"
import { type JournalEntry, OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import { MarketData } from "../../../src/market/MarketData.ts"
import { aaplId, spxReplayId } from "../../../src/market/replay/EmbeddedReplay.ts"
import { session, sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import { MAX_ANSWER } from "../../../src/programs/mcp/kit/Answer.ts"
import type { ServerDefinition } from "../../../src/programs/mcp/kit/McpServer.ts"
import * as Ledger from "../../../src/portfolio/Ledger.ts"
import { portfolioServer } from "../../../src/programs/mcp/portfolio/PortfolioServer.ts"
import { newProject, serveDesk, type ServedDesk } from "./McpDesk.ts"

const Text = Schema.String
const Amount = Schema.NullOr(Text)
const Ratio = Schema.NullOr(Schema.Finite)

const decodeSummary = Schema.decodeUnknownSync(
  Schema.Struct({
    trading_mode: Text,
    trading_state: Text,
    as_of: Text,
    session: Schema.NullOr(Schema.Struct({ date: Text, open: Schema.Boolean })),
    equity: Amount,
    cash: Text,
    market_value: Amount,
    prior_close_equity: Text,
    day_result: Amount,
    drawdown: Ratio,
    position_count: Schema.Int,
    positions: Schema.Array(
      Schema.Struct({ symbol: Text, quantity: Text, mark: Amount, market_value: Amount, ratio: Ratio })
    ),
    next_cursor: Amount
  })
)

const exposureFigures = {
  long: Text,
  short: Text,
  gross: Text,
  net: Text,
  gross_ratio: Ratio,
  net_ratio: Ratio
}
const decodeExposure = Schema.decodeUnknownSync(
  Schema.Struct({
    equity: Amount,
    total: Schema.Struct({ ...exposureFigures, long_ratio: Ratio, short_ratio: Ratio }),
    by_sector: Schema.Array(Schema.Struct({ sector: Text, positions: Schema.Int, ...exposureFigures })),
    by_symbol: Schema.Array(
      Schema.Struct({ symbol: Text, sector: Text, side: Text, market_value: Amount, ratio: Ratio })
    ),
    next_cursor: Amount,
    unpriced_count: Schema.Int,
    unpriced: Schema.Array(Text)
  })
)

const parts = {
  realised: Text,
  unrealised_change: Amount,
  dividends: Text,
  fees: Text,
  corrections: Text,
  total: Amount
}
const DayRow = Schema.Struct({ session: Amount, state: Text, ...parts, ratio: Ratio })
const decodePnl = Schema.decodeUnknownSync(
  Schema.Struct({
    session: DayRow,
    since: Amount,
    prior_close_equity: Text,
    net_flows: Text,
    equity: Amount,
    by_symbol: Schema.Array(Schema.Struct({ symbol: Text, ...parts })),
    next_cursor: Amount,
    cash_corrections: Text,
    unattributed: Amount,
    days: Schema.Array(DayRow),
    days_left_out: Schema.Int
  })
)

const Figure = Schema.Struct({ value: Ratio, reason: Amount })
const decodeRisk = Schema.decodeUnknownSync(
  Schema.Struct({
    equity: Amount,
    holdings: Schema.Struct({
      count: Schema.Int,
      observations: Schema.Int,
      from: Amount,
      to: Amount,
      limited_by: Amount,
      covered: Ratio,
      left_out_count: Schema.Int,
      left_out: Schema.Array(Schema.Struct({ symbol: Text, reason: Text }))
    }),
    value_at_risk: Schema.Array(
      Schema.Struct({
        confidence: Schema.Finite,
        method: Text,
        var: Amount,
        var_ratio: Ratio,
        cvar: Amount,
        cvar_ratio: Ratio,
        observations_needed: Schema.Int,
        reason: Amount
      })
    ),
    account: Schema.Struct({
      closes: Schema.Int,
      from: Amount,
      to: Amount,
      volatility: Figure,
      sharpe: Figure,
      sharpe_standard_error: Figure,
      sortino: Figure,
      calmar: Figure,
      max_drawdown: Figure,
      drawdown_peak: Amount,
      drawdown_trough: Amount,
      drawdown_recovery: Amount
    })
  })
)

const answer = async (at: ServedDesk, name: string, args: Readonly<Record<string, unknown>> = {}) => {
  const { isError, text, value } = await at.call(name, args)
  if (isError) throw new Error(text)
  return value
}
const summaryOf = async (at: ServedDesk, args = {}) =>
  decodeSummary(await answer(at, "get_portfolio_summary", args), { onExcessProperty: "ignore" })
const exposureOf = async (at: ServedDesk, args = {}) => decodeExposure(await answer(at, "get_exposure", args))
const pnlOf = async (at: ServedDesk, args = {}) => decodePnl(await answer(at, "get_daily_pnl", args))
const riskOf = async (at: ServedDesk, args = {}) => decodeRisk(await answer(at, "get_risk_metrics", args))

/** Micros of a decimal text. */
const micros = (text: string | null): number => {
  const found = parseMicros(text ?? "")
  if (found._tag === "None") throw new Error(`${text} is no decimal`)
  return found.value
}

/** Closes by date, in dollars, as the package's file prints them. */
const closesIn = (path: string): ReadonlyMap<string, number> =>
  new Map(
    readFileSync(new URL(`../../../node_modules/${path}`, import.meta.url), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","))
      .map((cells) => [cells[0] ?? "", Number(cells[4])] as const)
  )
const spx = closesIn("vega-datasets/data/sp500-2000.csv")
const apple = closesIn("@observablehq/sample-datasets/aapl.csv")
const close = (of: ReadonlyMap<string, number>, date: string): number => {
  const found = of.get(date)
  if (found === undefined) throw new Error(`no close on ${date}`)
  return found
}

const goTo = (at: ServedDesk, date: string, part: "midday" | "evening") =>
  at.onDesk(
    Effect.gen(function* () {
      const day = session(sessionDate(date))
      if (day._tag === "None") return yield* Effect.die(`${date} is no session`)
      const { close: closing, open } = day.value
      const to = timestamp(part === "midday" ? open + 3 * 3_600_000_000 : closing + 3_600_000_000)
      const clock = yield* MarketClockControl
      yield* clock.step({ _tag: "To", at: to })
      const crank = yield* Crank
      yield* crank.upToDate
    })
  )

const trade = (at: ServedDesk, side: "BUY" | "SELL", id: typeof aaplId, count: number) =>
  at.onDesk(
    Effect.gen(function* () {
      const broker = yield* Broker
      const { quoteId } = yield* broker.quote(id)
      const { order } = yield* broker.submit(
        {
          instrumentId: id,
          side,
          type: { _tag: "Market" },
          size: { _tag: "Quantity", quantity: shares(count) },
          timeInForce: "DAY",
          quoteId
        },
        { actor: { kind: "agent", name: "test" } }
      )
      return { paid: order.filledNotional, fees: order.fees }
    })
  )

const config = {
  market: { source: "embedded", start: "2015-03-02" },
  instruments: { "SPX-REPLAY": { sector: "Whole market" } },
  paper: { fee: { model: "ratio", basisPoints: 10 } }
}

describe("a small desk on the embedded market", () => {
  let desk: ServedDesk
  let bought = { paid: 0, fees: 0 }
  const [monday, tuesday, wednesday, friday] = ["2015-03-02", "2015-03-03", "2015-03-04", "2015-03-06"]

  beforeAll(async () => {
    desk = await serveDesk(portfolioServer, { config })
  })
  afterAll(() => desk.close())

  it("before anything is traded: all cash, no exposure, no loss, and every figure without data says why", async () => {
    expect(await summaryOf(desk)).toMatchObject({
      trading_mode: "paper",
      trading_state: "Active",
      equity: "100000",
      cash: "100000",
      market_value: "0",
      day_result: "0",
      drawdown: 0,
      positions: []
    })
    expect(await exposureOf(desk)).toMatchObject({
      total: { gross: "0", net: "0", gross_ratio: 0 },
      by_sector: [],
      by_symbol: []
    })
    expect(await pnlOf(desk)).toMatchObject({ session: { total: "0" }, by_symbol: [], unattributed: "0" })
    const risk = await riskOf(desk)
    expect(risk.holdings).toMatchObject({ count: 0, observations: 0, limited_by: null, covered: null })
    for (const row of risk.value_at_risk) {
      expect(row).toMatchObject({
        var: null,
        cvar_ratio: null,
        reason: "nothing with a price and a history is held"
      })
    }
    expect(risk.account.sharpe).toEqual({ value: null, reason: "the account has not closed a session yet" })
  })

  it("the day of the trades: what they paid above the close, and the fees", async () => {
    await goTo(desk, monday, "midday")
    const [first, second] = [await trade(desk, "BUY", aaplId, 70), await trade(desk, "BUY", spxReplayId, 4)]
    bought = { paid: first.paid + second.paid, fees: first.fees + second.fees }
    await goTo(desk, monday, "evening")
    const value = dollars(70 * close(apple, monday) + 4 * close(spx, monday))
    const pnl = await pnlOf(desk)
    expect(pnl.session).toMatchObject({ session: monday, state: "closed", realised: "0", dividends: "0" })
    expect(micros(pnl.session.fees)).toBe(bought.fees)
    expect(micros(pnl.session.total)).toBe(value - bought.paid - bought.fees)
    expect(micros(pnl.equity)).toBe(dollars(100_000) + value - bought.paid - bought.fees)
    const rows = pnl.by_symbol.reduce((sum, row) => sum + micros(row.total), 0)
    expect([rows, pnl.unattributed, pnl.cash_corrections]).toEqual([micros(pnl.session.total), "0", "0"])
  })

  it("a later day: each symbol's shares times the change of its close; all days listed add up to the equity", async () => {
    await goTo(desk, friday, "evening")
    const pnl = await pnlOf(desk, { session: wednesday, days: 60 })
    const change = (of: ReadonlyMap<string, number>, count: number) =>
      dollars(count * close(of, wednesday)) - dollars(count * close(of, tuesday))
    expect(Object.fromEntries(pnl.by_symbol.map((row) => [row.symbol, micros(row.total)]))).toEqual({
      AAPL: change(apple, 70),
      "SPX-REPLAY": change(spx, 4)
    })
    expect(micros(pnl.session.total)).toBe(change(apple, 70) + change(spx, 4))
    expect(pnl.days.map((row) => row.session)).toEqual([wednesday, tuesday, monday])
    const all = await pnlOf(desk, { days: 60 })
    const gained = all.days.reduce((sum, row) => sum + micros(row.total), 0)
    expect(dollars(100_000) + gained).toBe(micros((await summaryOf(desk)).equity))
  })

  it("exposure by symbol and sector, the project's own sector before the table's", async () => {
    const exposure = await exposureOf(desk)
    const [appleValue, spxValue] = [dollars(70 * close(apple, friday)), dollars(4 * close(spx, friday))]
    const equity = dollars(100_000) - bought.paid - bought.fees + appleValue + spxValue
    expect(micros(exposure.equity)).toBe(equity)
    expect(micros(exposure.total.gross)).toBe(appleValue + spxValue)
    expect(exposure.total.short).toBe("0")
    expect(exposure.total.net_ratio).toBeCloseTo((appleValue + spxValue) / equity, 7)
    expect(Object.fromEntries(exposure.by_sector.map((row) => [row.sector, micros(row.net)]))).toEqual({
      Technology: appleValue,
      "Whole market": spxValue
    })
    expect(exposure.by_symbol.map((row) => [row.symbol, row.side])).toEqual(
      appleValue > spxValue
        ? [
            ["AAPL", "long"],
            ["SPX-REPLAY", "long"]
          ]
        : [
            ["SPX-REPLAY", "long"],
            ["AAPL", "long"]
          ]
    )
  })

  /** What today's holdings would have made on the last `count` days that both files have, oldest first. */
  const profitsBack = (count: number): ReadonlyArray<number> => {
    const dates = [...apple.keys()].filter((date) => date <= friday).slice(-count - 1)
    const [held, index] = [70 * close(apple, friday), 4 * close(spx, friday)]
    return dates.slice(1).map((date, i) => {
      const before = dates[i] ?? ""
      return (
        held * (close(apple, date) / close(apple, before) - 1) +
        index * (close(spx, date) / close(spx, before) - 1)
      )
    })
  }

  it("value at risk of today's holdings, as sorted by hand over the same two files", async () => {
    const risk = await riskOf(desk)
    const sessions = [...apple.keys()].filter((date) => date <= friday)
    const profits = profitsBack(sessions.length - 1)
    // Two years are asked for; Apple's file begins in May 2013.
    expect(risk.holdings).toMatchObject({
      count: 2,
      observations: profits.length,
      from: sessions[1],
      to: friday,
      limited_by: "AAPL",
      covered: 1,
      left_out_count: 0
    })
    const sorted = profits.toSorted((a, b) => a - b)
    const mean = profits.reduce((sum, x) => sum + x, 0) / profits.length
    const deviation = Math.sqrt(profits.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (profits.length - 1))
    // Standard normal quantile and φ(z) ÷ tail.
    const normal: ReadonlyMap<number, readonly [number, number]> = new Map([
      [0.95, [1.6448536269514722, 2.0627128075074275]],
      [0.99, [2.3263478740408408, 2.665214220345808]]
    ])
    const equity = micros(risk.equity) / 1e6
    for (const { confidence, cvar, method, reason, var: loss, var_ratio: lossRatio } of risk.value_at_risk) {
      const place = (sorted.length - 1) * (1 - confidence)
      const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.floor(place) + 1]]
      const edge = low + (high - low) * (place - Math.floor(place))
      const worse = sorted.filter((x) => x <= edge)
      const [z = 0, tail = 0] = normal.get(confidence) ?? []
      const expected =
        method === "historical"
          ? [edge, worse.reduce((sum, x) => sum + x, 0) / worse.length]
          : [mean - z * deviation, mean - tail * deviation]
      expect(reason).toBeNull()
      expect([micros(loss) / 1e6, micros(cvar) / 1e6]).toEqual(expected.map((x) => Math.round(x * 100) / 100))
      expect(lossRatio).toBeCloseTo((expected[0] ?? 0) / equity, 7)
    }
    expect(risk.value_at_risk.map((row) => [row.confidence, row.method])).toEqual([
      [0.95, "historical"],
      [0.95, "parametric"],
      [0.99, "historical"],
      [0.99, "parametric"]
    ])
  })

  it("too short a lookback gives no number, and says how many days there are and are needed", async () => {
    const { holdings, value_at_risk } = await riskOf(desk, { lookback: 120 })
    expect(holdings).toMatchObject({ observations: 120, limited_by: null })
    const [at95, , at99] = value_at_risk
    expect(at95).toMatchObject({ reason: null, observations_needed: 100 })
    expect(at99).toMatchObject({
      var: null,
      cvar: null,
      observations_needed: 250,
      reason: "not enough history: 120 common days, needs 250"
    })
  })

  it("the account's own curve: volatility, Sharpe and drawdown of its closes, a deposit taken out", async () => {
    await desk.onDesk(
      Account.use((account) => account.deposit(dollars(50_000), { kind: "person", name: "test" }))
    )
    await goTo(desk, "2015-03-13", "evening")
    const dates = [...apple.keys()].filter((date) => date >= monday && date <= "2015-03-13")
    const cash = 100_000 - (bought.paid + bought.fees) / 1e6
    const worth = dates.map((date) => cash + 70 * close(apple, date) + 4 * close(spx, date))
    let before = 100_000
    const returns = worth.map((equity, i) => {
      // On the Monday after the deposit there is half as much again to earn on.
      const base = dates[i] === "2015-03-09" ? before + 50_000 : before
      const end = dates[i] !== undefined && dates[i] >= "2015-03-09" ? equity + 50_000 : equity
      before = end
      return end / base - 1
    })
    const mean = returns.reduce((sum, x) => sum + x, 0) / returns.length
    const deviation = Math.sqrt(returns.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (returns.length - 1))
    let [value, peak, deepest] = [1, 1, 0]
    for (const one of returns) {
      value *= 1 + one
      peak = Math.max(peak, value)
      deepest = Math.min(deepest, value / peak - 1)
    }
    const { account } = await riskOf(desk)
    expect(account).toMatchObject({ closes: dates.length, from: monday, to: "2015-03-13" })
    expect(account.volatility.value).toBeCloseTo(deviation * Math.sqrt(252), 7)
    expect(account.sharpe.value).toBeCloseTo((mean / deviation) * Math.sqrt(252), 6)
    expect(account.sharpe_standard_error.value).toBeCloseTo(
      Math.sqrt(((1 + (mean / deviation) ** 2 / 2) / returns.length) * 252),
      6
    )
    expect(account.max_drawdown.value).toBeCloseTo(deepest, 7)
    expect(deepest).toBeLessThan(0)
    expect(account.drawdown_peak).not.toBeNull()
    expect((await pnlOf(desk, { session: "2015-03-09" })).net_flows).toBe("50000")
  })

  it("refuses what it does not know or cannot keep, and says what to do", async () => {
    const refused = async (name: string, args: Readonly<Record<string, unknown>>) => {
      const { isError, text } = await desk.call(name, args)
      expect(isError).toBe(true)
      return text
    }
    expect(await refused("get_daily_pnl", { day: 3 })).toContain("day: no such argument; did you mean days?")
    expect(await refused("get_daily_pnl", { days: 61 })).toMatch(/days: expected a value between 1 and 60/u)
    expect(await refused("get_daily_pnl", { session: "yesterday" })).toContain("session: ")
    expect(await refused("get_daily_pnl", { session: "2015-02-27" })).toMatch(
      /SessionNotKept: no session 2015-02-27: .* 2015-03-02 to 2015-03-13\nNext: /u
    )
    expect(await refused("get_risk_metrics", { lookback: 0 })).toContain("lookback: ")
    expect(await refused("get_portfolio_summary", { cursor: "x" })).toContain("CursorInvalid")
    const { next_cursor: none } = await summaryOf(desk)
    expect(none).toBeNull()
  })

  it("changes nothing: the journal is as long after all tools as before", async () => {
    const head = () => desk.onDesk(OrderJournal.use((journal) => journal.head))
    const before = await head()
    for (const { name } of portfolioServer.tools) await desk.call(name)
    expect(await head()).toBe(before)
    for (const tool of portfolioServer.tools) expect(tool.annotations.readOnlyHint).toBe(true)
  })

  const read = async (uri: string): Promise<unknown> => {
    const { contents } = await desk.client.readResource({ uri })
    const [first] = contents
    return JSON.parse(first !== undefined && "text" in first ? String(first.text) : "")
  }

  it("gives portfolio, limits, an order and the audit head as resources", async () => {
    const listed = await desk.client.listResources()
    expect(listed.resources.map(({ uri }) => uri).toSorted()).toEqual([
      "plimsoll://audit/head",
      "plimsoll://limits",
      "plimsoll://portfolio"
    ])
    expect(
      (await desk.client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)
    ).toEqual(["plimsoll://orders/{id}"])
    expect(await read("plimsoll://portfolio")).toEqual(await answer(desk, "get_portfolio_summary"))
    expect(await read("plimsoll://limits")).toMatchObject({
      profile: "desk",
      limits: expect.arrayContaining([
        { limit: "positionRatio", in_force: "0.25", sealed: "0.25", file: "0.25", direction: "same" }
      ]),
      pending: []
    })
    const head = await desk.onDesk(AuditLog.use((log) => log.head))
    expect(await read("plimsoll://audit/head")).toEqual({
      entries: head.count,
      hash: head.hash,
      segment: head.segment
    })
    const [order] = await desk.onDesk(Broker.use((broker) => broker.orders({ limit: 1 })))
    expect(await read(`plimsoll://orders/${order?.clientOrderId}`)).toMatchObject({
      order: { order_id: order?.clientOrderId, status: "Filled" }
    })
    await expect(read("plimsoll://orders/o-nothing")).rejects.toThrow("OrderNotFound")
    await expect(read("plimsoll://order")).rejects.toThrow("no resource")
  })
})

/**
 * The server on a desk to which all this has happened as well. It is only shown so: orders for so much would take
 * hours at the rate a desk may send them, and a line put into the journal is corrected, for the venue does not hold it.
 */
const showing = (events: Effect.Effect<ReadonlyArray<JournalEvent>, never, MarketData>): ServerDefinition => {
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
    const equity = Result.getSuccess(Ledger.equity(ledger, marks))
    const both: DeskStatus = {
      ...status,
      sequence: days.sequence,
      cash: ledger.cash,
      fees: ledger.fees,
      equity,
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
    ...portfolioServer,
    tools: portfolioServer.tools.map((tool) => ({
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
