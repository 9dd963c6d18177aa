/**
 * Names of LEAN's option files.
 *
 * Minute: `option/usa/minute/{ticker}/{YYYYMMDD}_{what}_{style}.zip`, entries
 * `{YYYYMMDD}_{ticker}_minute_{what}_{style}_{right}_{strike}_{expiry}.csv`.
 * Hour and daily: `option/usa/{hour|daily}/{ticker}_{year}_{what}_{style}.zip`,
 * entries `{ticker}_{what}_{style}_{right}_{strike}_{expiry}.csv`. Strikes are in
 * ten-thousandths of a dollar. Universes: `option/usa/universes/{ticker}/{YYYYMMDD}.csv`.
 */
import { Option } from "effect"
import type { OptionRight, OptionStyle } from "../../domain/OptionContract.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { sessionDateOf } from "./LeanDate.ts"

export type OptionWhat = "quote" | "trade" | "openinterest"

const styles = { american: "AMERICAN", european: "EUROPEAN" } as const

const styleOf = (text: string): OptionStyle => (text === "european" ? styles.european : styles.american)

/** A zip of one day's minutes. */
export interface MinuteZip {
  readonly date: SessionDate
  readonly what: OptionWhat
  readonly style: OptionStyle
}

const whatOf = (text: string | undefined): OptionWhat =>
  text === "trade" ? "trade" : text === "openinterest" ? "openinterest" : "quote"

const minuteZip = /^(\d{8})_(quote|trade|openinterest)_(american|european)\.zip$/u

export const parseMinuteZip = (name: string): Option.Option<MinuteZip> => {
  const match = minuteZip.exec(name)
  if (match === null) return Option.none()
  return Option.map(sessionDateOf(match[1] ?? ""), (date) => ({
    date,
    what: whatOf(match[2]),
    style: styleOf(match[3] ?? "")
  }))
}

/** A zip of a year's hours or days. */
export interface YearZip {
  readonly ticker: string
  readonly year: string
  readonly what: OptionWhat
  readonly style: OptionStyle
}

const yearZip = /^([a-z0-9][a-z0-9._-]{0,31})_(\d{4})_(quote|trade|openinterest)_(american|european)\.zip$/u

export const parseYearZip = (name: string): Option.Option<YearZip> => {
  const match = yearZip.exec(name)
  return match === null
    ? Option.none()
    : Option.some({
        ticker: match[1] ?? "",
        year: match[2] ?? "",
        what: whatOf(match[3]),
        style: styleOf(match[4] ?? "")
      })
}

/** What an entry's name says of its contract. */
export interface EntryContract {
  readonly right: OptionRight
  /** Dollars. */
  readonly strike: number
  readonly expiry: SessionDate
}

const entry = /_(call|put)_(\d{1,12})_(\d{8})\.csv$/u

const UNITS_PER_DOLLAR = 10_000

export const parseEntry = (name: string): Option.Option<EntryContract> => {
  const match = entry.exec(name)
  const strike = Number(match?.[2] ?? 0) / UNITS_PER_DOLLAR
  if (match === null || strike === 0) return Option.none()
  return Option.map(sessionDateOf(match[3] ?? ""), (expiry) => ({
    right: match[1] === "put" ? "PUT" : "CALL",
    strike,
    expiry
  }))
}
