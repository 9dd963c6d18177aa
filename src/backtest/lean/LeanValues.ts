/** Times, amounts and names as LEAN's results have them, in ours. */
import { instrumentId, type InstrumentId, OPTION_VENUE, symbolOf } from "../../domain/Identifiers.ts"
import {
  MAX_PRICE_MICROS,
  MAX_QUANTITY_MICROS,
  MICROS,
  type Price,
  price,
  type Quantity,
  quantity
} from "../../domain/Money.ts"
import { occOf, printOcc } from "../../domain/OccSymbol.ts"
import { dayOfDate, sessionDate, type Timestamp, timestamp } from "../../domain/Timestamp.ts"

const timePattern =
  /^(?<date>\d{4}-\d{2}-\d{2})[T ](?<hours>\d{2}):(?<minutes>\d{2}):(?<seconds>\d{2})(?:\.(?<fraction>\d{1,7}))?Z?$/u

/** "2013-10-07T13:31:00Z"; undefined of anything else. */
export const leanTime = (text: string): Timestamp | undefined => {
  const groups = timePattern.exec(text)?.groups
  if (groups === undefined) return undefined
  const { date = "", fraction = "", hours, minutes, seconds } = groups
  const second = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"))
  return timestamp((dayOfDate(sessionDate(date)) * 86_400 + second) * MICROS + micros)
}

/** Of seconds since 1970. */
export const leanInstant = (seconds: number): Timestamp => timestamp(Math.round(seconds * MICROS))

/** Undefined of a price that the books do not hold: a negative one, or above a million dollars. */
export const leanPrice = (dollars: number): Price | undefined => {
  const micros = Math.round(dollars * MICROS)
  return micros >= 0 && micros <= MAX_PRICE_MICROS ? price(micros) : undefined
}

/** Without its sign; undefined above a hundred million. */
export const leanQuantity = (count: number): Quantity | undefined => {
  const micros = Math.round(Math.abs(count) * MICROS)
  return micros <= MAX_QUANTITY_MICROS ? quantity(micros) : undefined
}

/** A venue's code for what has none: a result does not say where an instrument trades (ISO 10383). */
export const NO_VENUE = "XXXX"

/** Shares of a contract, in LEAN's results and here. */
const OPTION_MULTIPLIER = 100

/** "SPY" or "SPY   210716P00385000" as an instrument. */
export const leanInstrument = (value: string): InstrumentId => {
  const occ = occOf(value)
  if (occ !== undefined) return instrumentId(`${printOcc(occ)}.${OPTION_VENUE}`)
  const plain = value
    .toUpperCase()
    .replaceAll(/[^A-Z0-9 _^/-]/gu, "-")
    .replace(/^[^A-Z0-9]+/u, "")
    .slice(0, 32)
  return instrumentId(`${plain === "" ? "UNNAMED" : plain}.${NO_VENUE}`)
}

/** What a price is multiplied by; results do not say that of futures. */
export const leanMultiplier = (id: InstrumentId): number =>
  occOf(symbolOf(id)) === undefined ? 1 : OPTION_MULTIPLIER
