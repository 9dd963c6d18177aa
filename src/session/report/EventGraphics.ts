/**
 * The breaker's events as marks on the equity chart: a numbered badge for a
 * drawdown trip or a halt, a ring where trading was resumed, both on the book's
 * curve, and a tick at the foot for a daily-loss trip, a row for each book. A
 * diamond on the curve is an option that was exercised, assigned or adjusted.
 */
import type { ChartOption } from "echarts/core"
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { OptionEvent, OptionSummary } from "../OptionTrail.ts"
import { type EventedBook, type MarkedEvent, markedEvents } from "./BreakerMarks.ts"
import { placeLabels, type Point } from "./EventLabels.ts"
import { bookColor } from "./Palette.ts"
import { type DailyLine, pixelOf, type Plot } from "./Plot.ts"

const badgeRadius = { wide: 8, narrow: 7 } as const
const ringRadius = { wide: 3.6, narrow: 2.8 } as const
const diamondRadius = { wide: 4.6, narrow: 3.8 } as const

const ROW_HEIGHT = 9
const TICK_HEIGHT = 7

/** Days on which an option of a book was exercised, assigned or adjusted, each once. */
export const optionTurns = (events: ReadonlyArray<OptionEvent>): ReadonlyArray<SessionDate> => [
  ...new Set(events.flatMap(({ date, kind }) => (turning.has(kind) ? [date] : [])))
]

const turning: ReadonlySet<OptionEvent["kind"]> = new Set(["exercised", "assigned", "adjusted"])

/** Books whose events are marked; a run's report has them. */
export interface EventedPicture {
  readonly books: ReadonlyArray<EventedBook & { readonly options: Pick<OptionSummary, "events"> }>
}

/** Places in the picture of the books that had a daily-loss trip. */
const rugRows = ({ books }: EventedPicture): ReadonlyArray<number> =>
  books.flatMap(({ breakerEvents }, i) =>
    breakerEvents.some(({ kind }) => kind === "daily-loss") ? [i] : []
  )

/** Pixels to keep free of curves above the axis. */
export const rugHeight = (picture: EventedPicture): number => {
  const rows = rugRows(picture).length
  return rows === 0 ? 0 : rows * ROW_HEIGHT + 4
}

interface AnchoredEvent extends MarkedEvent {
  readonly at: Point
}

/** `lines` are the books' curves in the chart's own units. */
export const eventGraphics = (
  plot: Plot,
  picture: EventedPicture,
  lines: ReadonlyArray<DailyLine>
): ReadonlyArray<ChartOption> => {
  const events = markedEvents(picture.books).flatMap((marked): ReadonlyArray<AnchoredEvent> => {
    const value = valueOn(lines[marked.book], marked.event.date)
    const day = Math.min(Math.max(dayOfDate(marked.event.date), plot.days.first), plot.days.last)
    return value === undefined ? [] : [{ ...marked, at: pixelOf(plot, day, value) }]
  })
  const turns = picture.books.flatMap(({ options }, book) =>
    optionTurns(options.events).flatMap((date): ReadonlyArray<ChartOption> => {
      const value = valueOn(lines[book], date)
      const day = Math.min(Math.max(dayOfDate(date), plot.days.first), plot.days.last)
      return value === undefined ? [] : [diamond(pixelOf(plot, day, value), book, diamondRadius[plot.screen])]
    })
  )
  const rows = rugRows(picture)
  const numbered = events.filter(({ number }) => number !== undefined)
  const radius = badgeRadius[plot.screen]
  const places = placeLabels(
    numbered.map(({ at }) => at),
    { left: plot.left, top: 0, right: plot.right + radius, bottom: plot.bottom - rugHeight(picture), radius }
  )
  return [
    ...turns,
    ...events
      .filter(({ event }) => event.kind === "daily-loss")
      .map(({ at, book }) => tick(at.x, plot.bottom - 2 - rows.indexOf(book) * ROW_HEIGHT, book)),
    ...events
      .filter(({ event }) => event.kind === "resumed")
      .map(({ at, book }) => ring(at, book, ringRadius[plot.screen])),
    ...numbered.flatMap(({ at, book, number }, i) => {
      const label = places[i]
      return label === undefined || number === undefined
        ? [dot(at, book)]
        : [leader(at, label, book), dot(at, book), ...badge(label, book, { number, radius })]
    })
  ]
}

/** The value of the last day not after `date`, or of the first. */
const valueOn = (line: DailyLine | undefined, date: SessionDate): number | undefined =>
  line?.values[
    Math.max(
      line.dates.findLastIndex((day) => day <= date),
      0
    )
  ]

const color = (book: number): string => `var(--${bookColor(book)})`

/** Above the lines of the chart. */
const onTop = { silent: true, z: 10 } as const

const tenths = (pixels: number): number => Math.round(pixels * 10) / 10

const circle = ({ x, y }: Point, r: number, style: ChartOption): ChartOption => ({
  ...onTop,
  type: "circle",
  shape: { cx: tenths(x), cy: tenths(y), r },
  style
})

const line = (from: Point, to: Point, style: ChartOption): ChartOption => ({
  ...onTop,
  type: "line",
  shape: { x1: tenths(from.x), y1: tenths(from.y), x2: tenths(to.x), y2: tenths(to.y) },
  style
})

const tick = (x: number, foot: number, book: number): ChartOption =>
  line({ x, y: foot }, { x, y: foot - TICK_HEIGHT }, { stroke: color(book), lineWidth: 1 })

const dot = (at: Point, book: number): ChartOption =>
  circle(at, 3, { fill: color(book), stroke: "var(--paper)", lineWidth: 0.8 })

const ring = (at: Point, book: number, radius: number): ChartOption =>
  circle(at, radius, { fill: "var(--paper)", stroke: color(book), lineWidth: 1.6 })

const diamond = ({ x, y }: Point, book: number, r: number): ChartOption => ({
  ...onTop,
  type: "polygon",
  shape: {
    points: [
      [tenths(x), tenths(y - r)],
      [tenths(x + r), tenths(y)],
      [tenths(x), tenths(y + r)],
      [tenths(x - r), tenths(y)]
    ]
  },
  style: { fill: "var(--paper)", stroke: color(book), lineWidth: 1.4 }
})

const leader = (from: Point, to: Point, book: number): ChartOption =>
  line(from, to, { stroke: color(book), lineWidth: 1 })

const badge = (
  at: Point,
  book: number,
  { number, radius }: { readonly number: number; readonly radius: number }
): ReadonlyArray<ChartOption> => [
  circle(at, radius, { fill: color(book), stroke: "var(--paper)", lineWidth: 1.2 }),
  {
    ...onTop,
    type: "text",
    x: tenths(at.x),
    y: tenths(at.y),
    style: {
      text: String(number),
      fill: "var(--paper)",
      align: "center",
      verticalAlign: "middle",
      fontSize: number < 10 ? 11 : number < 100 ? 10 : 8,
      fontWeight: 700,
      fontFamily: "inherit"
    }
  }
]
