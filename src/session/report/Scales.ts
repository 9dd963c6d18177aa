/** Axes: round numbers to write beside them, and dates. */
import { dateOfDay, dayOfDate, sessionDate } from "../../domain/Timestamp.ts"

/** A place on an axis and what is written there. */
export interface Tick {
  readonly value: number
  readonly label: string
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** Month names in three letters, January first. */
export const monthNames: ReadonlyArray<string> = months

const firstOfMonth = (monthsSinceYearZero: number): number => {
  const year = String(Math.floor(monthsSinceYearZero / 12)).padStart(4, "0")
  return dayOfDate(sessionDate(`${year}-${String((monthsSinceYearZero % 12) + 1).padStart(2, "0")}-01`))
}

const everyMonths = (first: number, last: number, step: number): ReadonlyArray<Tick> => {
  const ticks: Array<Tick> = []
  const date = dateOfDay(first)
  const start = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1
  for (let month = Math.floor(start / step) * step; firstOfMonth(month) <= last; month += step) {
    const value = firstOfMonth(month)
    const year = String(Math.floor(month / 12))
    if (value >= first) ticks.push({ value, label: step % 12 === 0 ? year : `${months[month % 12]} ${year}` })
  }
  return ticks
}

const everyDays = (first: number, last: number, step: number): ReadonlyArray<Tick> =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => {
    const value = first + i * step
    const date = dateOfDay(value)
    return { value, label: `${months[Number(date.slice(5, 7)) - 1]} ${Number(date.slice(8))}` }
  })

/** At most `most` dates between two days (since 1970-01-01), the finest round step that allows it. */
export const dateTicks = (first: number, last: number, most: number): ReadonlyArray<Tick> => {
  const days = [1, 2, 7, 14].map((step) => () => everyDays(first, last, step))
  const longer = [1, 3, 6, 12, 24, 60, 120].map((step) => () => everyMonths(first, last, step))
  for (const ticks of [...(last - first > 28 * most ? [] : days), ...longer]) {
    const made = ticks()
    if (made.length <= most) return made
  }
  return []
}

/** Multiples of a round step (1, 2 or 5 times a power of ten) from at or below `min` to at or above `max`, in about `most` steps. */
export const linearTicks = (min: number, max: number, most: number): ReadonlyArray<number> => {
  const rough = Math.max(max - min, Number.MIN_VALUE) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough
  const from = Math.floor(min / step + 1e-9)
  const to = Math.ceil(max / step - 1e-9)
  return Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)))
}

const mantissas = [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]

/** Round numbers between two positive ones for a logarithmic axis, at most `most` unless powers of ten are more. */
export const logTicks = (min: number, max: number, most: number): ReadonlyArray<number> => {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(max)) - Math.floor(Math.log10(min)) + 1 },
    (_, i) => Math.floor(Math.log10(min)) + i
  )
  const sets = mantissas.map((set) =>
    powers
      .flatMap((power) => set.map((m) => Number(`${m}e${power}`)))
      .filter((value) => value >= min && value <= max)
  )
  return sets.find((ticks) => ticks.length <= most) ?? sets.at(-1) ?? []
}
