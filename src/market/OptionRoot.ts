/**
 * What the options of an instrument are called by.
 *
 * An index with options settled at the open has two series: the standard one,
 * whose contracts of third Fridays are AM settled, and the weekly one, whose
 * contracts of all other Fridays are PM settled and have a root of their own.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { Instrument } from "../domain/Instrument.ts"
import { dayOfDate, type SessionDate } from "../domain/Timestamp.ts"
import { weekday, whyClosedOn } from "./TradingDays.ts"

/** Letters and digits of a root at most. */
export const ROOT_LENGTH = 6

/** "SPX" of "SPX-REPLAY", "BRKB" of "BRK_B": a root is up to six letters and digits. */
export const rootOf = ({ symbol }: Pick<Instrument, "symbol">): string => {
  const [first = ""] = symbol.split("-")
  const plain = first.replaceAll(/[^A-Z0-9]/gu, "")
  return (/^[A-Z]/u.test(plain) ? plain : `X${plain}`).slice(0, ROOT_LENGTH)
}

/** The weekly series of the indices whose standard one is AM settled. */
const weeklyRoots: ReadonlyMap<string, string> = new Map([
  ["SPX", "SPXW"],
  ["NDX", "NDXP"],
  ["RUT", "RUTW"]
])

const FRIDAY = 5

/** A Friday of a month is the third when it is one of these days. */
export const isThirdWeek = (ofMonth: number): boolean => ofMonth >= 15 && ofMonth <= 21

/**
 * True of a monthly expiry: the third Friday, the Thursday before one without a
 * session, and the Saturday after (as symbols had it until 2015).
 */
export const isMonthly = (expiry: SessionDate): boolean => {
  const day = dayOfDate(expiry)
  const ofMonth = Number(expiry.slice(8, 10))
  const afterFriday = weekday(day) - FRIDAY
  if (afterFriday === -1) return isThirdWeek(ofMonth + 1) && whyClosedOn(day + 1) !== undefined
  return (afterFriday === 0 || afterFriday === 1) && isThirdWeek(ofMonth - afterFriday)
}

/** True of an index's contract that is settled on its opening price. */
export const isOpenSettled = (
  underlying: Pick<Instrument, "_tag" | "symbol">,
  expiry: SessionDate
): boolean => underlying._tag === "Index" && weeklyRoots.has(rootOf(underlying)) && isMonthly(expiry)

/** The root of the contracts of an expiry. */
export const rootFor = (underlying: Pick<Instrument, "_tag" | "symbol">, expiry: SessionDate): string => {
  const root = rootOf(underlying)
  if (underlying._tag !== "Index" || isMonthly(expiry)) return root
  return weeklyRoots.get(root) ?? root
}

/** Every root of an instrument's contracts, the standard one first. */
export const rootsOf = (underlying: Pick<Instrument, "_tag" | "symbol">): ReadonlyArray<string> => {
  const root = rootOf(underlying)
  const weekly = underlying._tag === "Index" ? weeklyRoots.get(root) : undefined
  return weekly === undefined ? [root] : [root, weekly]
}

/** The roots that series of this one have had after adjustments, where the first has no digit at its end. */
const adjustedRoots = (root: string): ReadonlyArray<string> =>
  Array.from({ length: 9 }, (_, at) => `${root.slice(0, ROOT_LENGTH - 1)}${at + 1}`)

/** Every root of an instrument's contracts, adjusted series included. */
export const seriesOf = (underlying: Pick<Instrument, "_tag" | "symbol">): ReadonlyArray<string> =>
  rootsOf(underlying).flatMap((root) => [root, ...adjustedRoots(root)])

/** The instrument whose contracts have a root; where two have the same, that with the first id. */
export const byRoot = (listed: Iterable<Instrument>): ReadonlyMap<string, Instrument> => {
  const found = new Map<string, Instrument>()
  for (const one of listed) {
    for (const root of rootsOf(one)) {
      const other = found.get(root)
      if (other === undefined || one.id < other.id) found.set(root, one)
    }
  }
  return found
}
