/** Profit by the underlying's price: now, at the expiries, and before a proposed order. */
import type { ChartPlace } from "../../../../../session/report/ChartSvg.ts"
import { decimal, shortDollars } from "../../../../../session/report/Format.ts"
import { type Html, html, trustedMarkup } from "../../../../../session/report/Html.ts"
import type { PayoffCurve } from "../../../../../portfolio/options/PositionPayoff.ts"
import { type Axis, axisOver, type Mark, plot } from "../../../../../session/report/Frame.ts"

const sizes = { wide: { width: 1000, height: 420 }, narrow: { width: 400, height: 320 } } as const

/** Of now, and of the expiries in their order. */
const colors = ["s0", "s1", "s2", "s3", "bench"] as const

export interface PayoffPicture {
  /** Ascending. */
  readonly prices: ReadonlyArray<number>
  /** Now first. */
  readonly curves: ReadonlyArray<PayoffCurve>
  readonly spot: number
  readonly breakEvens: ReadonlyArray<number>
  /** Profit without the proposed order at the end of that, at the same prices. */
  readonly before: ReadonlyArray<number> | undefined
}

const pointsOf = (
  prices: ReadonlyArray<number>,
  profits: ReadonlyArray<number>,
  { max, min }: Axis
): ReadonlyArray<readonly [number, number]> =>
  prices.flatMap((price, i) =>
    price >= min && price <= max ? [[price, profits[i] ?? Number.NaN] as const] : []
  )

const colorOf = (at: number): string => `var(--${colors[Math.min(at, colors.length - 1)] ?? "s0"})`

/** The first expiry is what decides: its line is the heaviest. */
const widthOf = (at: number): number => (at === 1 ? 2.2 : 1.6)

const priceAxis = ({ prices }: PayoffPicture, screen: ChartPlace["screen"]): Axis => {
  const axis = axisOver(prices, screen === "wide" ? 12 : 5, "price of the underlying", (value) =>
    decimal(value, value < 10 ? 2 : 0)
  )
  const [min = axis.min, max = axis.max] = [prices[0], prices.at(-1)]
  return { ...axis, min, max, ticks: axis.ticks.filter(({ value }) => value >= min && value <= max) }
}

export const payoffChart = (picture: PayoffPicture, place: ChartPlace): Html => {
  const { before, breakEvens, curves, prices, spot } = picture
  const x = priceAxis(picture, place.screen)
  const old = before === undefined ? [] : pointsOf(prices, before, x)
  const y = axisOver(
    [0, ...curves.flatMap(({ profits }) => profits), ...old.map(([, profit]) => profit)],
    place.screen === "wide" ? 8 : 6,
    "profit",
    shortDollars
  )
  const level = (value: number): Mark => ({
    _tag: "Line",
    points: [
      [x.min, value],
      [x.max, value]
    ],
    color: "var(--axis)",
    width: 1.2
  })
  const marks: ReadonlyArray<Mark> = [
    level(0),
    {
      _tag: "Line",
      points: [
        [spot, y.min],
        [spot, y.max]
      ],
      color: "var(--muted)",
      width: 1,
      dash: [3, 3]
    },
    ...(old.length === 0
      ? []
      : [{ _tag: "Line", points: old, color: "var(--bench)", width: 1.6, dash: [6, 4] } as const]),
    ...curves
      .map(({ profits }, at): Mark => ({
        _tag: "Line",
        points: pointsOf(prices, profits, x),
        color: colorOf(at),
        width: widthOf(at),
        ...(at > 1 ? { dash: [5, 3] } : {})
      }))
      .toReversed(),
    {
      _tag: "Dots",
      points: breakEvens
        .filter((price) => price >= x.min && price <= x.max)
        .map((price) => [price, 0] as const),
      color: colorOf(Math.min(1, curves.length - 1)),
      radius: 4,
      hollow: true
    }
  ]
  return plot({ size: sizes[place.screen], x, y, marks }, place)
}

const swatch = (at: number): Html =>
  html`<span class="line bg-${trustedMarkup(colors[at] ?? "bench")}"></span>`

export const payoffLegend = ({ before, breakEvens, curves, spot }: PayoffPicture): Html =>
  html`<ul class="legend">
    ${curves.map(({ expiry }, at) => html`<li>${swatch(at)}${expiry === undefined ? "now" : `at the expiry ${expiry}`}</li>`)}
    ${before === undefined ? html`` : html`<li>${swatch(4)}without the order, at its end</li>`}
    ${breakEvens.length === 0 ? html`` : html`<li><span class="mark ring"></span>break-even</li>`}
    <li><span class="mark tick"></span>price now <span class="lede">${decimal(spot, 2)}</span></li>
  </ul>`
