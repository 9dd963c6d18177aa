/**
 * The paper venue's rules once more, written for plainness and nothing else:
 * one list of orders, looked through from the start for every question. The
 * matching core has to agree with it, and outrun it.
 */
import type { Instrument } from "../../../src/domain/Instrument.ts"
import { quantity as quantityOf } from "../../../src/domain/Money.ts"
import type { OrderSize, OrderType } from "../../../src/domain/Order.ts"
import type { VenueModels } from "../../../src/execution/paper/VenueMemory.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"

/** What happened, without names and reasons. */
export interface Happening {
  readonly what:
    | "accepted"
    | "rejected"
    | "triggered"
    | "updated"
    | "refused"
    | "canceled"
    | "expired"
    | "filled"
  readonly id: string
  readonly quantity?: number
  readonly price?: number
  readonly fee?: number
  readonly final?: boolean
}

interface Row {
  readonly id: string
  readonly instrumentId: string
  readonly side: "BUY" | "SELL"
  type: OrderType
  size: OrderSize
  readonly tif: VenueOrder["timeInForce"]
  readonly group: string | undefined
  readonly entry: string | undefined
  place: number
  asleep: boolean
  touched: boolean
  best: number | undefined
  /** On which tick it last changed its stand, and last filled. */
  stands: number
  filledOn: number
  tomorrow: boolean
  readonly at: number
  filled: number
  spent: number
  paid: number
}

interface Screen {
  tick: MarketTick
  number: number
  used: number
  over: boolean
}

/** a × b ÷ c, rounded half to even. */
const share = (a: number, b: number, c: number): number => {
  const product = BigInt(a) * BigInt(b)
  const divisor = BigInt(c)
  const [quotient, rest] = [product / divisor, product % divisor]
  const up = rest * 2n > divisor || (rest * 2n === divisor && quotient % 2n === 1n)
  return Number(up ? quotient + 1n : quotient)
}

export class NaiveVenue {
  private rows: Array<Row> = []
  private readonly seen = new Set<string>()
  private readonly doneGroups = new Set<string>()
  private readonly screens = new Map<string, Screen>()
  private places = 0
  private out: Array<Happening> = []
  private readonly instruments: ReadonlyArray<Instrument>
  private readonly models: VenueModels

  constructor(instruments: ReadonlyArray<Instrument>, models: VenueModels) {
    this.instruments = instruments
    this.models = models
  }

  submit(order: VenueOrder, now: number, open: boolean): ReadonlyArray<Happening> {
    this.out = []
    const id = order.clientOrderId
    if (this.seen.has(id)) return this.out
    const { takeProfit, stopLoss } = order.bracket ?? {}
    const names = [id, takeProfit?.clientOrderId, stopLoss?.clientOrderId].flatMap((name) => name ?? [])
    if (names.some((name) => this.seen.has(name)) || this.refuses(order, open)) {
      for (const name of names) {
        if (this.seen.has(name)) continue
        this.seen.add(name)
        this.out.push({ what: "rejected", id: name })
      }
      return this.out
    }
    const exit = { ...order, side: order.side === "BUY" ? ("SELL" as const) : ("BUY" as const) }
    const add = (name: string, from: VenueOrder, type: OrderType, entry?: string) => {
      this.seen.add(name)
      const screen = this.screens.get(order.instrumentId)
      this.rows.push({
        id: name,
        instrumentId: order.instrumentId,
        side: from.side,
        type,
        size: order.size,
        tif: entry === undefined ? order.timeInForce : "GTC",
        group: entry === undefined ? order.ocoGroup : undefined,
        entry,
        place: this.places++,
        asleep: entry !== undefined,
        touched: false,
        best: screen?.tick.last,
        stands: screen?.number ?? 0,
        filledOn: 0,
        tomorrow: open,
        at: now,
        filled: 0,
        spent: 0,
        paid: 0
      })
      this.out.push({ what: "accepted", id: name })
    }
    add(id, order, order.type)
    if (takeProfit)
      add(takeProfit.clientOrderId, exit, { _tag: "Limit", limitPrice: takeProfit.limitPrice }, id)
    if (stopLoss) add(stopLoss.clientOrderId, exit, { _tag: "StopMarket", stopPrice: stopLoss.stopPrice }, id)
    this.tryAtOnce(id, open)
    return this.out
  }

  cancel(id: string): ReadonlyArray<Happening> {
    this.out = []
    if (this.find(id)) this.end(id, "canceled")
    else this.out.push({ what: "refused", id })
    return this.out
  }

  replace(id: string, type: OrderType, size: OrderSize, open: boolean): ReadonlyArray<Happening> {
    this.out = []
    const row = this.find(id)
    if (!row || this.refusesChange(row, type, size)) {
      this.out.push({ what: "refused", id })
      return this.out
    }
    const newSize = row.entry === undefined ? size : row.size
    const amount = (s: OrderSize) => (s._tag === "Quantity" ? s.quantity : s.notional)
    const same =
      JSON.stringify(Object.entries(type).toSorted()) === JSON.stringify(Object.entries(row.type).toSorted())
    if (!same || amount(newSize) > amount(row.size)) row.place = this.places++
    row.type = type
    row.size = newSize
    row.stands = this.screens.get(row.instrumentId)?.number ?? 0
    this.out.push({ what: "updated", id })
    this.tryAtOnce(id, open)
    return this.out
  }

  tick(tick: MarketTick): ReadonlyArray<Happening> {
    this.out = []
    const before = this.screens.get(tick.instrumentId)
    const screen = { tick, number: (before?.number ?? 0) + 1, used: 0, over: tick.phase === "CLOSE" }
    const smooth = before !== undefined && !before.over && tick.phase !== "OPEN"
    this.screens.set(tick.instrumentId, screen)
    for (const row of this.queue(tick.instrumentId)) this.look(row, screen)
    const late = new Set(this.queue(tick.instrumentId).flatMap((row) => (row.asleep ? [row.id] : [])))
    for (;;) {
      // One at a time: the best of those that can trade now and have not been tried on this tick.
      const [best] = this.queue(tick.instrumentId)
        .filter((row) => !late.has(row.id))
        .map((row) => ({ row, price: this.priceOn(row, screen, smooth ? before.tick : undefined, true) }))
        .flatMap(({ row, price }) =>
          price === undefined ? [] : [{ row, price, rank: this.rank(row, screen) }]
        )
        .toSorted((a, b) => (a.rank === b.rank ? a.row.place - b.row.place : b.rank > a.rank ? 1 : -1))
      if (best === undefined) break
      late.add(best.row.id)
      this.trade(best.row, best.price, screen)
    }
    const auction =
      tick.phase === "OPEN" ? "AT_THE_OPEN" : tick.phase === "CLOSE" ? "AT_THE_CLOSE" : undefined
    for (const row of this.queue(tick.instrumentId)) if (row.tif === auction) this.end(row.id, "canceled")
    return this.out
  }

  sessionClosed(at: number): ReadonlyArray<Happening> {
    this.out = []
    for (const screen of this.screens.values()) screen.over = true
    for (const row of this.rows) {
      if (row.at >= at || !this.find(row.id)) continue
      const waits = row.tif === "AT_THE_OPEN" && row.tomorrow
      row.tomorrow = false
      if (row.tif !== "GTC" && !waits) this.end(row.id, "expired")
    }
    return this.out
  }

  private find(id: string): Row | undefined {
    return this.rows.find((row) => row.id === id)
  }

  private queue(instrumentId: string): Array<Row> {
    return this.rows.filter((row) => row.instrumentId === instrumentId).toSorted((a, b) => a.place - b.place)
  }

  private instrument(id: string): Instrument | undefined {
    return this.instruments.find((instrument) => instrument.id === id)
  }

  private refuses(order: VenueOrder, open: boolean): boolean {
    const { timeInForce, type, size, bracket } = order
    const quick = timeInForce === "IOC" || timeInForce === "FOK"
    const waits = timeInForce === "DAY" || timeInForce === "GTC"
    const gain = (bracket?.takeProfit?.limitPrice ?? Infinity) - (bracket?.stopLoss?.stopPrice ?? 0)
    const loss = (bracket?.stopLoss?.stopPrice ?? Infinity) - (bracket?.takeProfit?.limitPrice ?? 0)
    return (
      (quick && !open) ||
      (!waits && type._tag.includes("Stop")) ||
      this.offGrid(order.instrumentId, type, size) ||
      (order.side === "BUY" ? gain : loss) <= 0 ||
      (order.ocoGroup !== undefined && this.doneGroups.has(order.ocoGroup))
    )
  }

  private refusesChange(row: Row, type: OrderType, size: OrderSize): boolean {
    if (type._tag !== row.type._tag || (row.touched && type._tag !== "StopLimit")) return true
    if (row.entry !== undefined) return false
    if (size._tag !== row.size._tag || this.offGrid(row.instrumentId, type, size)) return true
    return size._tag === "Quantity" ? size.quantity <= row.filled : size.notional <= row.spent
  }

  private offGrid(id: string, type: OrderType, size: OrderSize): boolean {
    const grid = this.instrument(id)
    if (grid === undefined) return true
    const amounts = Object.values(type).filter((value) => typeof value === "number")
    if (amounts.some((value) => value <= 0 || value % grid.priceIncrement !== 0)) return true
    return size._tag === "Quantity"
      ? size.quantity <= 0 || size.quantity % grid.sizeIncrement !== 0
      : size.notional <= 0
  }

  private look(row: Row, screen: Screen): void {
    if (row.asleep || row.touched || !row.type._tag.includes("Stop")) return
    const { last } = screen.tick
    const sign = row.side === "BUY" ? 1 : -1
    if (row.best === undefined || sign * last < sign * row.best) row.best = last
    const level =
      row.type._tag === "TrailingStopMarket"
        ? row.best + sign * row.type.trailingOffset
        : "stopPrice" in row.type
          ? row.type.stopPrice
          : Infinity
    if (sign * last < sign * level) return
    row.touched = true
    row.stands = screen.number
    this.out.push({ what: "triggered", id: row.id })
  }

  /** The price at which an order can trade on a tick; undefined when it cannot. */
  private priceOn(
    row: Row,
    screen: Screen,
    from: MarketTick | undefined,
    queued: boolean
  ): number | undefined {
    const { tick } = screen
    if (row.asleep || row.filledOn === screen.number) return undefined
    if (row.type._tag.includes("Stop") && !row.touched) return undefined
    if (row.tif === "AT_THE_OPEN" && !(queued && tick.phase === "OPEN")) return undefined
    if (row.tif === "AT_THE_CLOSE" && !(queued && tick.phase === "CLOSE")) return undefined
    const sign = row.side === "BUY" ? 1 : -1
    const there = this.there(row, tick, queued)
    const worst = "limitPrice" in row.type ? row.type.limitPrice : sign * Infinity
    if (sign * there > sign * worst) return undefined
    const came = from && row.stands < screen.number && sign * (sign > 0 ? from.ask : from.bid) > sign * worst
    if (came) return worst
    const slippage = this.models.slippage
    const slip =
      slippage._tag === "None"
        ? 0
        : share(slippage._tag === "BasisPoints" ? there : tick.ask - tick.bid, slippage.basisPoints, 10_000)
    return sign * Math.min(sign * (there + sign * slip), sign * worst)
  }

  private there(row: Row, tick: MarketTick, queued: boolean): number {
    if (queued && (tick.phase === "OPEN" || row.tif === "AT_THE_CLOSE")) return tick.last
    return row.side === "BUY" ? tick.ask : tick.bid
  }

  private rank(row: Row, screen: Screen): number {
    if (!("limitPrice" in row.type)) return Infinity
    return Math.abs(row.type.limitPrice - this.there(row, screen.tick, true))
  }

  private room(screen: Screen, instrument: Instrument): number {
    const { fill } = this.models
    const { volume } = screen.tick
    if (fill._tag === "Immediate" || (volume === 0 && fill.unlimitedWhenNoVolume)) return Infinity
    const exact = (BigInt(volume) * BigInt(fill.shareBasisPoints)) / 10_000n
    const lot = BigInt(instrument.sizeIncrement)
    return Number((exact / lot) * lot) - screen.used
  }

  private wants(row: Row, price: number, instrument: Instrument): number {
    if (row.size._tag === "Quantity") return row.size.quantity - row.filled
    const lotCost = share(price, instrument.sizeIncrement * instrument.multiplier, 1_000_000)
    return Math.floor((row.size.notional - row.spent) / lotCost) * instrument.sizeIncrement
  }

  private fee(row: Row): number {
    const { fee } = this.models
    if (fee._tag === "Zero") return 0
    if (fee._tag === "Ratio") return share(row.spent, fee.basisPoints, 10_000)
    const most = share(row.spent, fee.maximumBasisPoints, 10_000)
    return Math.min(most, Math.max(fee.minimum, share(fee.perShare, row.filled, 1_000_000)))
  }

  private trade(row: Row, price: number, screen: Screen): void {
    const instrument = this.instrument(row.instrumentId)
    if (instrument === undefined) return
    const wants = this.wants(row, price, instrument)
    if (wants <= 0) return this.end(row.id, "canceled")
    const quantity = Math.min(wants, this.room(screen, instrument))
    if (quantity <= 0) return
    screen.used += quantity
    row.filledOn = screen.number
    row.filled += quantity
    row.spent += share(price, quantity * instrument.multiplier, 1_000_000)
    const fee = this.fee(row) - row.paid
    row.paid += fee
    const final = quantity === wants
    this.out.push({ what: "filled", id: row.id, quantity, price, fee, final })
    if (final) this.rows = this.rows.filter((other) => other !== row)
    this.consequences(row, quantity, screen)
  }

  private consequences(row: Row, quantity: number, screen: Screen): void {
    if (row.group !== undefined) {
      this.doneGroups.add(row.group)
      const others = this.rows.filter((other) => other.group === row.group && other !== row)
      for (const other of others) this.end(other.id, "canceled")
    }
    for (const child of this.rows.filter((other) => other.entry === row.id)) {
      const had = child.asleep || child.size._tag === "Notional" ? 0 : child.size.quantity
      if (child.asleep) child.stands = screen.number
      child.asleep = false
      this.resize(child, had + quantity)
    }
    if (row.entry === undefined) return
    if (this.find(row.entry)) this.end(row.entry, "canceled")
    for (const other of this.rows.filter((r) => r.entry === row.entry && r !== row)) {
      const left = other.size._tag === "Quantity" ? other.size.quantity - quantity : 0
      if (left > other.filled) this.resize(other, left)
      else this.end(other.id, "canceled")
    }
  }

  private resize(row: Row, to: number): void {
    if (row.size._tag === "Quantity") row.size = { ...row.size, quantity: quantityOf(to) }
    else row.size = { _tag: "Quantity", quantity: quantityOf(to) }
    this.out.push({ what: "updated", id: row.id })
  }

  private end(id: string, what: "canceled" | "expired"): void {
    this.rows = this.rows.filter((row) => row.id !== id)
    this.out.push({ what, id })
    for (const row of this.rows.filter((other) => other.entry === id && other.asleep))
      this.end(row.id, "canceled")
  }

  private tryAtOnce(id: string, open: boolean): void {
    const row = this.find(id)
    if (!row) return
    const screen = this.screens.get(row.instrumentId)
    const instrument = this.instrument(row.instrumentId)
    if (open && screen && instrument && !screen.over) {
      this.look(row, screen)
      const price = this.priceOn(row, screen, undefined, false)
      const enough =
        price !== undefined &&
        (row.tif !== "FOK" || this.wants(row, price, instrument) <= this.room(screen, instrument))
      if (enough) this.trade(row, price, screen)
    }
    if ((row.tif === "IOC" || row.tif === "FOK") && this.find(id)) this.end(id, "canceled")
  }
}
