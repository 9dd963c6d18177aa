/**
 * The breaker's events as marks on the equity chart: a numbered badge for a
 * drawdown trip or a halt, a ring where trading was resumed, both on the book's
 * curve, and a tick at the foot for a daily-loss trip, a row for each book. A
 * diamond on the curve is an option that was exercised, assigned or adjusted.
 */
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { OptionEvent, OptionSummary } from "../OptionTrail.ts"
import { type EventedBook, type MarkedEvent, markedEvents } from "./BreakerMarks.ts"
import type { Graphic } from "./Drawing.ts"
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
): ReadonlyArray<Graphic> => {
  const events = markedEvents(picture.books).flatMap((marked): ReadonlyArray<AnchoredEvent> => {
    const value = valueOn(lines[marked.book], marked.event.date)
    const day = Math.min(Math.max(dayOfDate(marked.event.date), plot.days.first), plot.days.last)
    return value === undefined ? [] : [{ ...marked, at: pixelOf(plot, day, value) }]
  })
  const turns = picture.books.flatMap(({ options }, book) =>
    optionTurns(options.events).flatMap((date): ReadonlyArray<Graphic> => {
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

/** How a shape looks. */
type Look = Pick<Graphic, "fill" | "stroke" | "width">

const circle = ({ x, y }: Point, r: number, look: Look): Graphic => ({ _tag: "Circle", x, y, r, ...look })

const line = (from: Point, to: Point, look: Look): Graphic => ({
  _tag: "Path",
  points: [
    [from.x, from.y],
    [to.x, to.y]
  ],
  ...look
})

const tick = (x: number, foot: number, book: number): Graphic =>
  line({ x, y: foot }, { x, y: foot - TICK_HEIGHT }, { stroke: color(book), width: 1 })

const dot = (at: Point, book: number): Graphic =>
  circle(at, 3, { fill: color(book), stroke: "var(--paper)", width: 0.8 })

const ring = (at: Point, book: number, radius: number): Graphic =>
  circle(at, radius, { fill: "var(--paper)", stroke: color(book), width: 1.6 })

const diamond = ({ x, y }: Point, book: number, r: number): Graphic => ({
  _tag: "Path",
  isClosed: true,
  points: [
    [x, y - r],
    [x + r, y],
    [x, y + r],
    [x - r, y]
  ],
  fill: "var(--paper)",
  stroke: color(book),
  width: 1.4
})

const leader = (from: Point, to: Point, book: number): Graphic =>
  line(from, to, { stroke: color(book), width: 1 })

const badge = (
  at: Point,
  book: number,
  { number, radius }: { readonly number: number; readonly radius: number }
): ReadonlyArray<Graphic> => [
  circle(at, radius, { fill: color(book), stroke: "var(--paper)", width: 1.2 }),
  {
    _tag: "Text",
    x: at.x,
    y: at.y,
    text: String(number),
    fill: "var(--paper)",
    fontSize: number < 10 ? 11 : number < 100 ? 10 : 8
  }
]
