/**
 * The whole life of options, from order to expiry: random structures on random
 * paths with splits, dividends and days without prices, against an account
 * worked out by hand. Cash, shares and contracts are the same to the micro.
 */
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { dollars, price, shares } from "../../src/domain/Money.ts"
import type { OrderLeg } from "../../src/domain/OrderLeg.ts"
import { dayOfDate, sessionDate, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import type { FeeModel } from "../../src/execution/paper/FeeModel.ts"
import { instrumentLookup, optionId } from "../../src/market/OptionInstruments.ts"
import type { MarketTick } from "../../src/market/MarketTick.ts"
import type { Session } from "../../src/market/TradingCalendar.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import { equity } from "../market/Fixtures.ts"
import {
  halfEven,
  type NaiveAccount,
  type NaiveDay,
  naiveDay,
  type NaiveOption,
  worth
} from "./NaiveOptions.ts"
import { type AdvancedDesk, advancedDesk, venueAccountOf } from "./paper/AdvancedDesk.ts"
import { combo } from "./paper/OptionMarket.ts"
import { sessions } from "./TestMarket.ts"

const acme = equity("ACME")
const { _tag: _, ...fields } = equity("SPX")
const spx: Instrument = { _tag: "Index", ...fields }
const lookUp = instrumentLookup([acme, spx])

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Sessions 4, 9 and 14 of the test market are Fridays; the second is the third of its month. */
const expiries = ["2024-03-08", "2024-03-15", "2024-03-22"]

const Leg = Schema.Struct({
  /** Of ten, one is on the index. */
  index: between(0, 9),
  call: Schema.Boolean,
  buys: Schema.Boolean,
  /** Tens of dollars beside the price. */
  away: between(-3, 3),
  expiry: between(0, 2),
  ratio: between(1, 3)
})
const Structure = Schema.Struct({
  legs: Schema.Array(Leg).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(5))),
  /** Shares bought or sold with a unit; none for zero. */
  shares: Schema.Literals([0, 0, 100, -100]),
  units: between(1, 3)
})
const Day = Schema.Struct({
  /** Per mille. */
  gap: between(-60, 60),
  move: between(-80, 80),
  index: between(-20, 20),
  event: Schema.Literals([
    "none",
    "none",
    "none",
    "none",
    "none",
    "dividend",
    "dividend",
    "special",
    "2:1",
    "7:1",
    "3:2",
    "1:5",
    "silent"
  ]),
  /** Cents of an ordinary dividend; a special one is more than a tenth by so many cents. */
  cents: between(1, 90),
  /** What options are worth beyond being exercised: hundredths of a cent a share, by their number. */
  timeValues: Schema.Array(Schema.Literals([-200, 0, 0, 10, 500, 9_000, 30_000])).pipe(
    Schema.check(Schema.isMinLength(1), Schema.isMaxLength(4))
  )
})
type Day = typeof Day.Type

const SPLITS: Readonly<Record<string, { readonly n: bigint; readonly d: bigint }>> = {
  "2:1": { n: 2n, d: 1n },
  "7:1": { n: 7n, d: 1n },
  "3:2": { n: 3n, d: 2n },
  "1:5": { n: 1n, d: 5n }
}

const lives = {
  first: Arbitrary.schema(Structure),
  later: Arbitrary.schema(Structure),
  days: Arbitrary.array(Arbitrary.schema(Day), { minLength: 15, maxLength: 15 })
}

const sessionOf = (day: number): Session => {
  const found = sessions[day]
  if (found === undefined) throw new Error(`no session ${day}`)
  return found
}

const permille = (value: bigint, by: number): bigint => {
  const cent = (value * BigInt(1000 + by)) / 1000n / 10_000n
  return (cent > 100n ? cent : 100n) * 10_000n
}

/** At most two whole splits, two others and a special dividend: strikes stay dollars apart. */
const tamed = (days: ReadonlyArray<Day>): ReadonlyArray<Day> => {
  const left: Record<string, number> = { whole: 2, other: 2, special: 1 }
  return days.map((day) => {
    const split = SPLITS[day.event]
    const kind = split === undefined ? day.event : split.d === 1n ? "whole" : "other"
    const more = left[kind]
    if (more === undefined) return day
    left[kind] = more - 1
    return more > 0 ? day : { ...day, event: "none" }
  })
}

/** What happens on each day: the path as both see it. */
const pathOf = (days: ReadonlyArray<Day>): ReadonlyArray<NaiveDay> => {
  let [share, index] = [100_000_000n, 5_000_000_000n]
  return days.map((told, at) => {
    const split = SPLITS[told.event]
    const dividend =
      told.event === "dividend"
        ? BigInt(told.cents) * 10_000n
        : told.event === "special"
          ? (share / 100_000n) * 10_000n + BigInt(told.cents) * 10_000n
          : 0n
    const before = split === undefined ? share - dividend : (share * split.d) / split.n
    const open = permille(before > 0n ? before : share, told.gap)
    const close = permille(open, told.move)
    const opening = permille(index, told.index)
    index = permille(opening, 0 - told.index)
    const isSilent = told.event === "silent"
    if (!isSilent) share = close
    const date = sessionOf(at).date
    const nights = at === 0 ? 3n : BigInt(dayOfDate(date) - dayOfDate(sessionOf(at - 1).date))
    return {
      date,
      nights,
      acme: isSilent ? undefined : { open, close },
      spx: { open: opening, close: index },
      split,
      dividend
    }
  })
}

const tick = (
  id: Instrument["id"],
  tsEvent: Timestamp,
  { ask, bid, last }: { readonly bid: number; readonly ask: number; readonly last: number },
  phase: MarketTick["phase"] = "CONTINUOUS"
): MarketTick => ({
  instrumentId: id,
  tsEvent,
  phase,
  bid: price(bid),
  ask: price(ask),
  last: price(last),
  bidSize: shares(10),
  askSize: shares(10),
  volume: shares(1_000_000),
  source: "option-model"
})

const print = (id: Instrument["id"], at: Timestamp, last: bigint, phase: MarketTick["phase"]): MarketTick => {
  const micros = Number(last)
  return tick(id, at, { bid: micros - 10_000, ask: micros + 10_000, last: micros }, phase)
}

/** Seventy cents a contract; half a cent a share, at least a dollar a leg. */
const fee: FeeModel = {
  _tag: "PerShare",
  perShare: dollars(0.005),
  minimum: dollars(1),
  maximumBasisPoints: 10_000,
  perContract: dollars(0.7)
}
const naiveShareFee = (quantity: bigint, value: bigint): bigint => {
  const rate = quantity * 5000n
  const charged = rate > 1_000_000n ? rate : 1_000_000n
  return charged < value ? charged : value
}

interface Wanted {
  readonly option: Omit<NaiveOption, "held" | "mark">
  readonly buys: boolean
  readonly ratio: number
}

/** The legs of a structure around a price, each contract once, on one underlying. */
const legsOf = (
  { legs }: typeof Structure.Type,
  on: "ACME" | "SPX",
  spot: bigint,
  today: string
): ReadonlyArray<Wanted> => {
  const ten = 10_000_000n
  const middle = (spot / ten) * ten
  const seen = new Set<string>()
  return legs.flatMap(({ away, buys, call, expiry: nth, ratio }) => {
    const strike = middle + BigInt(away) * ten
    const expiry = expiries[nth] ?? ""
    const name = `${call} ${strike} ${expiry}`
    if (strike <= 0n || expiry <= today || seen.has(name)) return []
    seen.add(name)
    const morning = on === "SPX" && expiry === "2024-03-15"
    return [{ option: { on, call, strike, expiry, morning, shares: 100n, extra: 0n }, buys, ratio }]
  })
}

const idOf = ({ call, expiry, on, strike }: Wanted["option"]) =>
  optionId({
    root: on === "ACME" ? "ACME" : expiry === "2024-03-15" ? "SPX" : "SPXW",
    expiry: sessionDate(expiry),
    right: call ? "CALL" : "PUT",
    strike: Number(strike) / 1_000_000
  })

interface Pair {
  readonly desk: AdvancedDesk
  readonly account: NaiveAccount
}

/** Buys and sells a structure a minute after the open, on quotes a dollar wide of the leg's number. */
const trade = (
  { account, desk }: Pair,
  name: string,
  at: number,
  structure: typeof Structure.Type,
  day: NaiveDay
): Pair => {
  const [first] = structure.legs
  const on = first?.index === 0 ? "SPX" : "ACME"
  const spot = on === "SPX" ? day.spx.open : day.acme?.open
  if (spot === undefined) return { account, desk }
  const wanted = legsOf(structure, on, spot, day.date)
  const withShares = on === "ACME" && structure.shares !== 0
  if (wanted.length === 0 || (wanted.length === 1 && !withShares)) return { account, desk }
  const now = timestamp(sessionOf(at).open + 60_000_000)
  const legs: ReadonlyArray<OrderLeg> = wanted.map(({ buys, option, ratio }) => ({
    instrumentId: idOf(option),
    side: buys ? "BUY" : "SELL",
    ratio
  }))
  const shareLeg: OrderLeg = {
    instrumentId: acme.id,
    side: structure.shares > 0 ? "BUY" : "SELL",
    ratio: 100
  }
  const all = withShares ? [...legs, shareLeg] : legs
  const ticks = legs.map((leg, i) =>
    tick(leg.instrumentId, now, {
      bid: (i + 1) * 1_000_000,
      ask: (i + 1) * 1_100_000,
      last: (i + 1) * 1_050_000
    })
  )
  const order = combo(name, all, { size: { _tag: "Quantity", quantity: shares(structure.units) } })
  const legTicks = withShares ? [...ticks, print(acme.id, now, spot, "CONTINUOUS")] : ticks
  desk.take(desk.core.submit(order, { now, marketOpen: true, legTicks }))
  expect(desk.core.order(order.clientOrderId)?.status).toBe("Filled")

  const units = BigInt(structure.units)
  const bought = wanted.reduce((so, { buys, option, ratio }, i) => {
    const sides = { bid: BigInt(i + 1) * 1_000_000n, ask: BigInt(i + 1) * 1_100_000n }
    const contracts = BigInt(ratio) * units
    const value = (buys ? sides.ask : sides.bid) * contracts * 100n
    const held = buys ? contracts : -contracts
    const same = so.options.find((o) => idOf(o) === idOf(option) && o.shares === 100n && o.extra === 0n)
    const cash = so.cash - (buys ? value : -value) - contracts * 700_000n
    const others = so.options.filter((o) => o !== same)
    const mark = BigInt(i + 1) * 1_050_000n
    const total = held + (same?.held ?? 0n)
    return {
      ...so,
      cash,
      options: total === 0n ? others : [...others, { ...option, held: total, mark: same?.mark ?? mark }]
    }
  }, account)
  if (!withShares) return { desk, account: bought }
  const traded = units * BigInt(structure.shares)
  const value = (spot + (traded > 0n ? 10_000n : -10_000n)) * traded
  const charged = naiveShareFee(traded < 0n ? -traded : traded, value < 0n ? -value : value)
  return { desk, account: { ...bought, cash: bought.cash - value - charged, shares: bought.shares + traded } }
}

const textOf = (o: NaiveOption): string =>
  `${o.on} ${o.call ? "CALL" : "PUT"} ${o.strike} ${o.expiry} for ${o.shares} and ${o.extra}: ${o.held}`

/** The options of the desk, as the naive account tells them; by that, their ids. */
const optionsOf = ({
  ledger
}: {
  readonly ledger: Ledger.LedgerState
}): ReadonlyMap<string, Instrument["id"]> =>
  new Map(
    Ledger.positions(ledger).flatMap(({ contract, instrumentId, quantity }) => {
      if (contract === undefined) return []
      const { deliverable, deliverableCash, expiry, right, strike, underlying } = contract
      const on = underlying.split(".")[0] ?? ""
      const each = `for ${deliverable / 1_000_000} and ${deliverableCash}`
      return [[`${on} ${right} ${strike} ${expiry} ${each}: ${quantity / 1_000_000}`, instrumentId]]
    })
  )

const compare = ({ account, desk }: Pair): void => {
  const { ledger } = desk.standing()
  const held = BigInt(ledger.positions[acme.id]?.quantity ?? 0) / 1_000_000n
  expect({
    cash: BigInt(ledger.cash),
    shares: held,
    options: [...optionsOf(desk.standing()).keys()].toSorted()
  }).toEqual({
    cash: account.cash,
    shares: account.shares,
    options: account.options.map(textOf).toSorted()
  })
  expect(Ledger.isBalanced(ledger)).toBe(true)
  const venue = venueAccountOf(desk)
  expect(venue.cash).toBe(ledger.cash)
  expect(Object.keys(venue.positions).toSorted()).toEqual(
    Ledger.positions(ledger).map((one) => one.instrumentId)
  )
}

/** The options' last prices of a day: what they are worth, and some time value. */
const marked = (account: NaiveAccount, told: Day, day: NaiveDay): NaiveAccount => ({
  ...account,
  options: account.options.map((o, i) => {
    const spot = o.on === "SPX" ? day.spx.close : day.acme?.close
    if (spot === undefined || o.expiry <= day.date) return o
    const timeValue = BigInt(told.timeValues[i % told.timeValues.length] ?? 0) * 100n
    const fair = halfEven(worth(o, spot), 100n) + timeValue
    return { ...o, mark: fair > 20_000n ? fair : 20_000n }
  })
})

/** A day on the desk, and by hand. */
const live = (
  pair: Pair,
  at: number,
  path: ReadonlyArray<NaiveDay>,
  told: Day,
  close: bigint,
  order: typeof Structure.Type | undefined
): Pair => {
  const session = sessionOf(at)
  const day = path[at]
  if (day === undefined) return pair
  const { acme: share, spx: level } = day
  const opening = [
    ...(share === undefined ? [] : [print(acme.id, session.open, share.open, "OPEN")]),
    print(spx.id, session.open, level.open, "OPEN")
  ]
  const actions = [
    ...(day.dividend === 0n
      ? []
      : [
          [
            acme.id,
            { _tag: "Dividend" as const, date: session.date, amountPerShare: Number(day.dividend) }
          ] as const
        ]),
    ...(day.split === undefined
      ? []
      : [
          [
            acme.id,
            {
              _tag: "Split" as const,
              date: session.date,
              numerator: Number(day.split.n),
              denominator: Number(day.split.d)
            }
          ] as const
        ])
  ]
  const { desk } = pair
  desk.play({ session, opens: true, closes: false, ticks: opening, actions })
  // By hand the day is one step: what is bought in it is there at its close as at its open.
  const before = naiveDay(pair.account, day, close)
  const traded =
    order === undefined
      ? { desk, account: before }
      : trade({ desk, account: before }, `o${at}`, at, order, day)
  const account = marked(traded.account, told, day)
  const ids = optionsOf(desk.standing())
  const closing = account.options.flatMap((o) => {
    const id = ids.get(textOf(o))
    const isQuoted = (o.on === "SPX" || share !== undefined) && o.expiry > day.date
    const last = Number(o.mark)
    return id === undefined || !isQuoted
      ? []
      : [tick(id, session.close, { bid: last - 10_000, ask: last + 10_000, last }, "CLOSE")]
  })
  const last = [
    ...(share === undefined ? [] : [print(acme.id, session.close, share.close, "CLOSE")]),
    print(spx.id, session.close, level.close, "CLOSE"),
    ...closing
  ]
  desk.play({ session, opens: false, closes: true, ticks: last, actions: [] })
  return { desk, account }
}

type Structured = typeof Structure.Type

/** Both accounts are compared after every day. */
const lived = (wild: ReadonlyArray<Day>, first: Structured, later: Structured): NaiveAccount => {
  const days = tamed(wild)
  const cash = 10_000_000
  const path = pathOf(days)
  let pair: Pair = {
    desk: advancedDesk({ instrument: lookUp, cash, models: { fee } }),
    account: { cash: BigInt(cash) * 1_000_000n, shares: 0n, options: [] }
  }
  pair.desk.mark(acme, 100)
  let close = 100_000_000n
  for (const [at, told] of days.entries()) {
    pair = live(pair, at, path, told, close, at === 0 ? first : at === 5 ? later : undefined)
    compare(pair)
    close = path[at]?.acme?.close ?? close
    const gone = path[at]?.split
    if (gone !== undefined && path[at]?.acme === undefined) close = halfEven(close * gone.d, gone.n)
  }
  return pair.account
}

describe("the life of options", () => {
  it.prop(
    "comes to the same cash, shares and contracts as an account worked out by hand",
    lives,
    ({ days, first, later }) => {
      const { options } = lived(days, first, later)
      expect(options.filter((o) => o.expiry < sessionOf(14).date && o.on === "SPX")).toEqual([])
    },
    { arbitrary: { runs: 400, size: 40 }, timeout: 60_000 }
  )

  it("of contracts whose strikes a split rounds to the same cent goes on as that of one", () => {
    const still: Day = { gap: 0, move: 0, index: 0, event: "none", cents: 1, timeValues: [10] }
    const put = { index: 1, call: false, buys: false, away: 0, expiry: 2, ratio: 1 }
    const days = Array.from({ length: 9 }, (_, at): Day => {
      // The strike of 90 falls to 79.99 by the special dividend; half of it and half of 80 are 40.00.
      if (at === 1) return { ...still, event: "special" }
      return at === 6 ? { ...still, event: "2:1" } : still
    })
    const first: Structured = {
      legs: [
        { ...put, away: -1 },
        { ...put, expiry: 1 }
      ],
      shares: 0,
      units: 1
    }
    const later: Structured = { legs: [put], shares: -100, units: 1 }
    const { options } = lived(days, first, later)
    expect(options.filter(({ expiry }) => expiry === "2024-03-22").map(textOf)).toEqual([
      "ACME PUT 40000000 2024-03-22 for 100 and 0: -4"
    ])
  })
})
