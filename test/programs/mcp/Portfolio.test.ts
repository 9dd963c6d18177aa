/** The portfolio server through the SDK's client, its figures worked out a second time from the files of the embedded market. */
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { AuditLog } from "../../../src/audit/AuditLog.ts"
import { dollars, shares } from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { Account } from "../../../src/execution/Account.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { Crank } from "../../../src/execution/Crank.ts"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import { aaplId, spxReplayId } from "../../../src/market/replay/EmbeddedReplay.ts"
import { session } from "../../../src/market/TradingCalendar.ts"
import { portfolioServer } from "../../../src/programs/mcp/portfolio/PortfolioServer.ts"
import { serveDesk, type ServedDesk } from "./McpDesk.ts"
import { answer, exposureOf, micros, pnlOf, riskOf, summaryOf } from "./PortfolioAnswers.ts"

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
