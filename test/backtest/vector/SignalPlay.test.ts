import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { playSignal, type SignalBars } from "../../../src/backtest/vector/SignalPlay.ts"
import {
  dollars,
  MAX_MONEY_MICROS,
  MICROS,
  money,
  notional,
  price,
  quantity,
  quantityFor
} from "../../../src/domain/Money.ts"

const barsOf = (rows: ReadonlyArray<readonly [open: number, close: number]>): SignalBars => ({
  length: rows.length,
  open: Float64Array.from(rows, ([open]) => open),
  close: Float64Array.from(rows, ([, close]) => close)
})

const play = (bars: SignalBars, wants: Uint8Array, { cash, first }: { cash: number; first: number }) => {
  const equity = new Float64Array(bars.length - first)
  const highest = Math.max(...bars.close)
  const played = playSignal(bars, wants, { cash, first, highest, equity })
  return played === undefined ? undefined : { ...played, equity }
}

/** The same with the functions of the books, one bar after the other. */
const naively = (bars: SignalBars, wants: ReadonlyArray<number>, cash: number, first: number) => {
  let left = money(cash)
  let held = quantity(0)
  const trades: Array<string> = []
  const equity: Array<number> = []
  for (let bar = first; bar < bars.length; bar++) {
    const open = price(bars.open[bar] ?? 0)
    const wanted = bar > first && wants[bar - 1] === 1
    if (wanted && held === 0) {
      held = quantityFor(left, open, quantity(1))
      left = money(left - notional(open, held))
      trades.push("in")
    } else if (!wanted && held > 0) {
      left = money(left + notional(open, held))
      held = quantity(0)
      trades.push("out")
    }
    equity.push(left + notional(price(bars.close[bar] ?? 0), held))
  }
  const count = (what: string): number => trades.filter((trade) => trade === what).length
  return { equity, entries: count("in"), exits: count("out"), cash: left, held }
}

const dollar = (amount: number): number => Math.round(amount * MICROS)

describe("playSignal", () => {
  it("buys at the open after the close that wants in, sells at the open after the one that does not, and marks at closes", () => {
    const bars = barsOf([
      [dollar(10), dollar(11)],
      [dollar(8), dollar(9)],
      [dollar(9), dollar(12)],
      [dollar(16), dollar(15)],
      [dollar(20), dollar(21)]
    ])
    const played = play(bars, Uint8Array.of(1, 1, 0, 0, 1), { cash: dollars(80), first: 0 })
    expect(played).toEqual({
      equity: Float64Array.of(dollar(80), dollar(90), dollar(120), dollar(160), dollar(160)),
      entries: 1,
      exits: 1,
      cash: dollar(160),
      held: 0
    })
  })

  it("marks what is held at the end, and does nothing of what the last close wants", () => {
    const bars = barsOf([
      [dollar(10), dollar(10)],
      [dollar(10), dollar(12)],
      [dollar(11), dollar(14)]
    ])
    const played = play(bars, Uint8Array.of(1, 1, 0), { cash: dollars(100), first: 0 })
    expect(played).toMatchObject({ entries: 1, exits: 0, held: 10 * MICROS, cash: 0 })
    expect(played?.equity.at(-1)).toBe(dollar(140))
  })

  it("begins flat at its first session, whatever the bars before it wanted", () => {
    const bars = barsOf([
      [dollar(10), dollar(10)],
      [dollar(10), dollar(10)],
      [dollar(20), dollar(30)],
      [dollar(40), dollar(50)]
    ])
    const played = play(bars, Uint8Array.of(1, 1, 1, 1), { cash: dollars(80), first: 2 })
    expect(played?.equity).toEqual(Float64Array.of(dollar(80), dollar(100)))
  })

  it("agrees with the functions of the books to the micro, on any bars", () => {
    const micros = fc.integer({ min: 1, max: 400_000 }).map((cents) => cents * 10_000 + (cents % 7))
    const rows = fc.array(fc.tuple(micros, micros, fc.boolean()), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 5000 }), fc.nat(5), (drawn, cash, skipped) => {
        const bars = barsOf(drawn.map(([open, close]) => [open, close]))
        const wants = drawn.map(([, , wanted]) => Number(wanted))
        const first = Math.min(skipped, drawn.length - 1)
        const played = play(bars, Uint8Array.from(wants), { cash: dollars(cash), first })
        // What the loop leaves to the engine is none of this test's.
        fc.pre(played !== undefined)
        const expected = naively(bars, wants, dollars(cash), first)
        expect({ ...played, equity: Array.from(played?.equity ?? []) }).toEqual(expected)
      }),
      { numRuns: 2000 }
    )
  })

  it("leaves to the engine what passes the largest order, or is too little for one", () => {
    const rising = barsOf([
      [dollar(10), dollar(10)],
      [dollar(10), dollar(10)],
      [dollar(10), dollar(100)],
      [dollar(10), dollar(10)]
    ])
    const all = Uint8Array.of(1, 1, 0, 0)
    const options = { first: 0 }
    expect(play(rising, all, { ...options, cash: MAX_MONEY_MICROS / 10 })).toBeDefined()
    expect(play(rising, all, { ...options, cash: MAX_MONEY_MICROS / 5 })).toBeUndefined()
    expect(play(rising, all, { ...options, cash: MAX_MONEY_MICROS + 1 })).toBeUndefined()
    expect(play(rising, all, { ...options, cash: dollars(1) })).toBeUndefined()
    // Held to the end it is never ordered, and marked at any price that sums are exact at.
    const held = Uint8Array.of(1, 1, 1, 1)
    expect(play(rising, held, { ...options, cash: MAX_MONEY_MICROS / 5 })).toBeDefined()
    expect(play(rising, held, { ...options, cash: MAX_MONEY_MICROS })).toBeUndefined()
  })
})
