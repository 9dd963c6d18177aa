/** An option contract's name by the OCC's Option Symbology Initiative: root, expiry, right, strike. */
import { Option } from "effect"
import type { OptionRight } from "./OptionContract.ts"
import { dateOfDay, dayOfDate, type SessionDate, sessionDate } from "./Timestamp.ts"

export interface OccContract {
  /** The underlying's symbol, or that of an adjusted series: up to six characters. */
  readonly root: string
  readonly expiry: SessionDate
  readonly right: OptionRight
  /** Dollars a share, to a thousandth. */
  readonly strike: number
}

const pattern = /^([A-Z][A-Z0-9]{0,5}) *(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/u

/** As `parseOcc`; undefined where that gives nothing. For programs without Effect. */
export const occOf = (text: string): OccContract | undefined => {
  const match = pattern.exec(text.trim().toUpperCase())
  if (match === null) return undefined
  const [, root = "", year = "", month = "", day = "", right = "", strike = ""] = match
  const expiry = sessionDate(`20${year}-${month}-${day}`)
  // 31 February is no date.
  if (dateOfDay(dayOfDate(expiry)) !== expiry || Number(strike) === 0) return undefined
  return { root, expiry, right: right === "C" ? "CALL" : "PUT", strike: Number(strike) / 1000 }
}

/** "AAPL 140613C00090000", in any case of letters and with any number of blanks after the root. */
export const parseOcc = (text: string): Option.Option<OccContract> => Option.fromUndefinedOr(occOf(text))

/** One blank after the root, as the desk's symbols have it: "AAPL 140613C00090000". */
export const printOcc = ({ expiry, right, root, strike }: OccContract): string => {
  const thousandths = String(Math.round(strike * 1000)).padStart(8, "0")
  const [year = "", month = "", day = ""] = expiry.split("-")
  return `${root} ${year.slice(2)}${month}${day}${right === "CALL" ? "C" : "P"}${thousandths}`
}
