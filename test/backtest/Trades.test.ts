import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import type { HeldRow, TradeRow } from "../../src/backtest/BacktestRows.ts"
import { TradeRow as TradeRowSchema } from "../../src/backtest/BacktestRows.ts"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import { dollars, MICROS, pricePerShare, price } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { apply, empty, type LedgerState, type Marks, unrealised } from "../../src/portfolio/Ledger.ts"
import { exerciseEvent, assignmentEvent, expiryEvent } from "../../src/portfolio/OptionEnds.ts"
import {
  account,
  type Command,
  Commands,
  histories,
  instruments,
  play,
  type Step
} from "../portfolio/Books.ts"
import {
  adjustment,
  call100,
  call700,
  call90,
  endOf,
  OptionCommands,
  optionFill,
  optionHistories,
  optionInstruments,
  playOptions,
  put90
} from "../portfolio/OptionBooks.ts"
import {
  aapl,
  close,
  dailyBars,
  fill,
  heldAt,
  juneTime,
  open,
  recordOf,
  shown,
  spy,
  trades
} from "./TradeTables.ts"

const split = (day: number, numerator: number, denominator: number, cashInLieu = 0) => ({
  _tag: "SplitApplied" as const,
  tsEvent: juneTime(day, 9),
  instrumentId: aapl,
  numerator,
  denominator,
  cashInLieu: dollars(cashInLieu)
})

describe("by hand", () => {
  // Bought 100 at 10 on Monday's open, sold at 12 on Wednesday's.
  const bars = dailyBars([
    [2, 10, 11, 9, 10.5],
    [3, 10.5, 13, 8.5, 12.5],
    [4, 12, 20, 1, 15]
  ])

  it("a long trade: profit after fees, excursions of the bars between its fills and of no other", () => {
    const [trade] = trades({
      fills: [fill(open(2), 100, 10, { fee: 1 }), fill(open(4), -100, 12, { fee: 1.5 })],
      bars: [[spy, bars]]
    })
    expect(trade && shown(trade)).toEqual({
      direction: "LONG",
      quantity: 100,
      entry: 10,
      exit: 12,
      profit: 197.5,
      fees: 2.5,
      mae: -150,
      mfe: 300
    })
    expect(trade).toMatchObject({ instrumentId: spy, entryTime: open(2), exitTime: open(4) })
    expect(trade?.orders).toHaveLength(2)
  })

  it("the same sold short", () => {
    const [trade] = trades({
      fills: [fill(open(2), -100, 10), fill(open(4), 100, 12)],
      bars: [[spy, bars]]
    })
    expect(trade && shown(trade)).toMatchObject({ direction: "SHORT", profit: -200, mae: -300, mfe: 150 })
  })

  it("in and out in parts: averages of each, excursions of what was held at the time", () => {
    const [trade, ...others] = trades({
      fills: [
        fill(open(2), 100, 10),
        fill(open(3), 50, 13),
        fill(close(3), -60, 12),
        fill(open(4), -90, 9, { fee: 0.9 })
      ],
      bars: [[spy, bars]]
    })
    expect(others).toEqual([])
    // Tuesday's low of 8.50 with 150 held: 150 × 8.50 − 1,650. The high of 13 is where the second lot came in: 300.
    expect(trade && shown(trade)).toEqual({
      direction: "LONG",
      quantity: 150,
      entry: 11,
      exit: 10.2,
      profit: -120.9,
      fees: 0.9,
      mae: -375,
      mfe: 300
    })
  })

  it("an average that is no whole micro is rounded, the profit is not", () => {
    const [trade] = trades({
      fills: [fill(open(2), 1, 10), fill(open(2), 2, 10.000001), fill(open(4), -3, 10)]
    })
    expect(trade && shown(trade)).toMatchObject({ entry: 10.000001, exit: 10, profit: -0.000002 })
  })

  it("a fill across zero closes one trade and opens the next; quantity and fee are split in proportion", () => {
    const rows = trades({
      fills: [
        fill(open(2), 100, 10, { fee: 3, order: "a" }),
        fill(open(3), -250, 11, { fee: 5, order: "b" }),
        fill(open(4), 150, 10, { fee: 1, order: "c" })
      ]
    })
    expect(rows.map(shown)).toEqual([
      { direction: "LONG", quantity: 100, entry: 10, exit: 11, profit: 95, fees: 5, mae: 0, mfe: 100 },
      { direction: "SHORT", quantity: 150, entry: 11, exit: 10, profit: 146, fees: 4, mae: 0, mfe: 150 }
    ])
    expect(rows.map(({ orders }) => orders)).toEqual([
      ["a", "b"],
      ["b", "c"]
    ])
  })

  it("fees that do not divide evenly sum to the whole", () => {
    const rows = trades({
      fills: [fill(open(2), 1, 10), fill(open(3), -3, 10, { fee: 0.01 }), fill(open(4), 2, 10)]
    })
    expect(rows.map(({ fees }) => fees)).toEqual([3333, 6667])
  })

  it("open at the end: no exit, valued at its last mark, which counts as a price it saw", () => {
    const given = {
      fills: [fill(open(2), 100, 10, { fee: 1 })],
      bars: [[spy, bars]] as const,
      until: close(3)
    }
    const [marked] = trades({ ...given, held: [heldAt(spy, 100, 14)] })
    expect(marked && shown(marked)).toMatchObject({ exit: undefined, profit: 399, mae: -150, mfe: 400 })
    expect(marked).not.toHaveProperty("exitTime")
    // Without a mark, the last close that had come by then; without bars, what was paid.
    const [unmarked] = trades({ ...given, held: [heldAt(spy, 100, null)] })
    expect(unmarked && shown(unmarked)).toMatchObject({ profit: 249, mfe: 300 })
    const [bare] = trades({ fills: given.fills })
    expect(bare && shown(bare)).toMatchObject({ profit: -1, mae: 0, mfe: 0 })
  })

  it("of a bar that a fill lies inside of, only the end that lies after it, or the beginning before", () => {
    const [trade] = trades({
      fills: [fill(juneTime(2, 12), 100, 10), fill(juneTime(4, 12), -100, 12.2)],
      bars: [[spy, bars]]
    })
    // Monday's close 10.50, all of Tuesday, Wednesday's open 12.
    expect(trade && shown(trade)).toMatchObject({ mae: -150, mfe: 300 })
    const [short] = trades({
      fills: [fill(juneTime(2, 12), 100, 10), fill(juneTime(3, 10), -100, 10.2)],
      bars: [[spy, bars]]
    })
    expect(short && shown(short)).toMatchObject({ mae: 0, mfe: 50 })
  })
})

describe("splits in between", () => {
  // Seven for one on Tuesday: raw bars of 700 and then of 100.
  const bars = dailyBars([
    [2, 700, 721, 693, 700],
    [3, 100, 105, 98, 104]
  ])

  it("sizes and prices are told in the shares it ended with, excursions with those held at the time", () => {
    const [trade] = trades({
      fills: [fill(open(2), 10, 700, { id: aapl }), fill(open(4), -70, 95, { id: aapl })],
      moves: [split(3, 7, 1)],
      bars: [[aapl, bars]]
    })
    expect(trade && shown(trade)).toEqual({
      direction: "LONG",
      quantity: 70,
      entry: 100,
      exit: 95,
      profit: -350,
      fees: 0,
      mae: -350,
      mfe: 350
    })
  })

  it("the fraction that is paid out is sold", () => {
    const [trade] = trades({
      fills: [fill(open(2), 25, 10, { id: aapl }), fill(open(4), -2, 110, { id: aapl })],
      moves: [split(3, 1, 10, 52)]
    })
    // 2.5 new shares at 100; half a one for 52, two for 110 each.
    expect(trade && shown(trade)).toMatchObject({ quantity: 2.5, entry: 100, exit: 108.8, profit: 22 })
  })

  it("a trade of which nothing is left is closed by the payment", () => {
    const [trade] = trades({ fills: [fill(open(2), 5, 10, { id: aapl })], moves: [split(3, 1, 10, 49)] })
    expect(trade && shown(trade)).toMatchObject({ entry: 100, exit: 98, profit: -1 })
    expect(trade?.exitTime).toBe(juneTime(3, 9))
  })

  it("a split of what is not held is none of a trade's", () => {
    expect(trades({ fills: [], moves: [split(3, 7, 1)] })).toEqual([])
  })
})

describe("options", () => {
  const at = (ts: number) => timestamp(ts)
  const booksOf = (...events: ReadonlyArray<Parameters<typeof apply>[1]>): LedgerState =>
    events.reduce((books, event) => apply(books, event), empty(account))

  it("a call that is exercised ends with what it was worth, and the shares begin at that price", () => {
    const bought = optionFill({
      of: call90,
      side: "BUY",
      contracts: 1,
      at: pricePerShare(2.5),
      fee: 650_000,
      ts: 1
    })
    const exercised = Option.getOrThrow(
      exerciseEvent(booksOf(bought), endOf(call90, 1, 95, { fee: 250_000, ts: 5 }))
    )
    const rows = trades({
      fills: [...recordOf([bought]).fills, fill(at(8), -100, 96, { id: aapl })],
      moves: [exercised]
    })
    expect(rows.map(shown)).toEqual([
      // 100 × (95 − 90) less 250, and 0.90 in fees.
      { direction: "LONG", quantity: 1, entry: 2.5, exit: 5, profit: 249.1, fees: 0.9, mae: 0, mfe: 250 },
      { direction: "LONG", quantity: 100, entry: 95, exit: 96, profit: 100, fees: 0, mae: 0, mfe: 100 }
    ])
  })

  it("a short put that is assigned costs what it was worth; an option that expires leaves for nothing", () => {
    const sold = optionFill({ of: put90, side: "SELL", contracts: 2, at: pricePerShare(3), ts: 1 })
    const books = booksOf(sold)
    const assigned = Option.getOrThrow(assignmentEvent(books, endOf(put90, 1, 88, { ts: 5 })))
    const expired = Option.getOrThrow(expiryEvent(apply(books, assigned), endOf(put90, 1, 88, { ts: 5 })))
    const rows = trades({
      fills: recordOf([sold]).fills,
      moves: [assigned, expired],
      held: [heldAt(aapl, 100, 88)]
    })
    expect(rows.map(shown)).toEqual([
      { direction: "SHORT", quantity: 2, entry: 3, exit: 1, profit: 400, fees: 0, mae: 0, mfe: 400 },
      { direction: "LONG", quantity: 100, entry: 88, exit: undefined, profit: 0, fees: 0, mae: 0, mfe: 0 }
    ])
  })

  it("a contract that a split has renamed is one trade, under its last name", () => {
    const bought = optionFill({ of: call700, side: "BUY", contracts: 1, at: pricePerShare(14), ts: 1 })
    const sold = optionFill({ of: call100, side: "SELL", contracts: 7, at: pricePerShare(3), ts: 9 })
    const rows = trades({
      fills: recordOf([bought, sold]).fills,
      moves: recordOf([adjustment(call700, call100, [7, 1])]).moves
    })
    expect(rows).toMatchObject([{ instrumentId: call100.id }])
    expect(rows.map(shown)).toMatchObject([{ quantity: 7, entry: 2, exit: 3, profit: 700 }])
  })

  it("one that meets a trade of the name it takes goes into it", () => {
    const first = optionFill({ of: call700, side: "BUY", contracts: 1, at: pricePerShare(14), ts: 1 })
    const other = optionFill({ of: call100, side: "SELL", contracts: 7, at: pricePerShare(3), ts: 2 })
    const rows = trades({
      fills: recordOf([first, other]).fills,
      moves: recordOf([adjustment(call700, call100, [7, 1])]).moves
    })
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ exitTime: 5 })
    expect(rows.map(shown)).toMatchObject([{ direction: "SHORT", profit: 700 }])
  })
})

const anyPrice = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 2_000 * MICROS })))
/** One for each of the instruments, and more. */
const AnyMarks = Schema.Tuple(Array.from({ length: 8 }, () => anyPrice))

const marksFrom = (ids: ReadonlyArray<InstrumentId>, values: ReadonlyArray<number>): Marks =>
  new Map(ids.map((id, i) => [id, price(values[i] ?? 0)]))

const heldRows = (books: LedgerState, marks: Marks): ReadonlyArray<HeldRow> =>
  Object.values(books.positions).map(({ cost, instrumentId, quantity }) => ({
    instrumentId,
    quantity,
    cost,
    mark: marks.get(instrumentId) ?? null,
    value: null
  }))

const sumOf = (rows: ReadonlyArray<TradeRow>): number => rows.reduce((sum, { profit }) => sum + profit, 0)

/** What the venue said different from the books is no trade, nor is a fill of nothing. */
const isTraded = (command: Command): boolean =>
  !command.kind.startsWith("correct") && !("size" in command && command.size === 0)

const last = (steps: ReadonlyArray<Step>): LedgerState => steps.at(-1)?.after ?? empty(account)

const asExpected = (
  steps: ReadonlyArray<Step>,
  ids: ReadonlyArray<InstrumentId>,
  values: ReadonlyArray<number>
) => {
  const books = last(steps)
  const marks = marksFrom(ids, values)
  const rows = trades({ ...recordOf(steps.map(({ event }) => event)), held: heldRows(books, marks) })
  const open = Result.getOrThrow(unrealised(books, marks))
  expect(sumOf(rows)).toBe(books.realised + open - books.fees)
  return rows
}

describe("whatever is traded", () => {
  it.prop(
    "the profits sum to the change of equity less dividends, to the micro",
    { commands: Commands, values: AnyMarks },
    ({ commands, values }) => {
      const rows = asExpected(play(commands.filter(isTraded)), instruments, values)
      for (const row of rows) {
        expect(row.mae).toBeLessThanOrEqual(Math.min(0, row.profit + row.fees))
        expect(row.mfe).toBeGreaterThanOrEqual(Math.max(0, row.profit + row.fees))
        expect(Schema.decodeUnknownSync(TradeRowSchema)(JSON.parse(JSON.stringify(row)))).toEqual(row)
      }
    },
    histories
  )

  it.prop(
    "the same with options that are exercised, assigned, adjusted and expire",
    { commands: OptionCommands, values: AnyMarks },
    ({ commands, values }) => {
      asExpected(playOptions(commands), optionInstruments, values)
    },
    optionHistories
  )

  it.prop(
    "flat instruments have no open trade, held ones have one each",
    { commands: Commands },
    ({ commands }) => {
      const steps = play(commands.filter(isTraded))
      const rows = trades(recordOf(steps.map(({ event }) => event)))
      const openIds = rows.flatMap(({ exitTime, instrumentId }) =>
        exitTime === undefined ? [instrumentId] : []
      )
      const heldIds = Object.values(last(steps).positions).flatMap(({ instrumentId, quantity }) =>
        quantity === 0 ? [] : [instrumentId]
      )
      expect(openIds.toSorted()).toEqual(heldIds.toSorted())
    },
    histories
  )

  it.prop(
    "how the fills of different instruments are ordered within an instant makes no difference",
    { commands: Commands },
    ({ commands }) => {
      const events = play(commands.filter(isTraded)).map(({ event }) => event)
      const coarse = (ts: number) => timestamp(Math.floor(ts / 300_000_000))
      const record = recordOf(events)
      const fills = record.fills.map((row) => ({ ...row, tsEvent: coarse(row.tsEvent) }))
      const moves = record.moves.map((move) => ({ ...move, tsEvent: coarse(move.tsEvent) }))
      const regrouped = instruments
        .toReversed()
        .flatMap((id) => fills.filter((row) => row.instrumentId === id))
      expect(trades({ fills: regrouped, moves })).toEqual(trades({ fills, moves }))
    },
    histories
  )
})

it("no fills are no trades", () => {
  expect(trades({ fills: [] })).toEqual([])
})
