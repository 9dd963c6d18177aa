/**
 * The options of a LEAN folder as the options market shows them: the newest
 * chain that was known at market time, while it is of the latest session or of
 * the one before and no split has come since. An older one says nothing of now.
 */
import { hash } from "node:crypto"
import { Effect, Option } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { BarSourceError } from "./BarSource.ts"
import type { EntryContract } from "./lean/LeanOptionNames.ts"
import type { LeanChain, LeanOptions } from "./lean/LeanOptions.ts"
import type { PublishedChain, PublishedOptions, PublishedSession } from "./PublishedChains.ts"
import { expiryClose } from "./OptionTime.ts"
import {
  exchangeDate,
  latestSession,
  nextSession,
  previousSession,
  type Session,
  session
} from "./TradingCalendar.ts"

/** What has come of a chain's underlying by a date: splits that were still ahead are nobody's business. */
const knownBy = (chain: LeanChain, today: SessionDate) => {
  const ahead = (chain.raw.splits ?? []).filter(({ date }) => date > today)
  return {
    splits: (chain.raw.splits ?? []).filter(({ date }) => date <= today),
    notes: chain.notes.filter((note) => !ahead.some(({ date }) => note.includes(date)))
  }
}

const published = (chain: LeanChain, now: Timestamp): PublishedChain => {
  const { notes, splits } = knownBy(chain, exchangeDate(chain.asOf))
  const expiries = chain.raw.expiries.filter(({ expiry }) =>
    Option.exists(expiryClose(expiry), (close) => close > now)
  )
  const raw = { ...chain.raw, splits, expiries }
  const sold = chain.raw.expiries.length - expiries.length
  return {
    snapshotId: `c-${hash("sha256", `${chain.source}|${JSON.stringify(raw)}`).slice(0, 16)}`,
    source: chain.source,
    shownAt: chain.asOf,
    raw,
    spotFrom: chain.spot.from,
    rateFrom: chain.rate.from,
    notes: [...notes, ...(sold > 0 ? [`expiries that have passed are left out: ${sold}`] : [])]
  }
}

const nextOpen = (date: SessionDate): Timestamp =>
  Option.getOrElse(session(date), () => nextSession(date)).open

/** A split in force by now that the chain's prices do not know of; it is from its session's open on. */
const splitSince = (chain: LeanChain, now: Timestamp): SessionDate | undefined =>
  (chain.raw.splits ?? []).find(({ date }) => date > exchangeDate(chain.asOf) && nextOpen(date) <= now)?.date

const none = (why: string | undefined) => ({ chain: Option.none(), why })

const NONE = none(undefined)

const NOTHING_WITHIN: PublishedSession = { from: undefined, quotes: [] }

const isRecentAt = (now: Timestamp) => {
  const { date: today } = latestSession(now)
  const { date: before } = previousSession(today)
  return (date: SessionDate): boolean => date === today || date === before
}

/** `open` is asked once, when options are first wanted: a folder without any has none. */
export const publishedLeanOptions = (
  open: Effect.Effect<Option.Option<LeanOptions>, BarSourceError>
): PublishedOptions => {
  /** The folder's options, if it has any of a symbol that are recent at an instant. */
  const recentAt = Effect.fnUntraced(function* (symbol: string, now: Timestamp) {
    const opened = yield* open
    if (Option.isNone(opened) || !opened.value.underlyings.includes(symbol)) return undefined
    // A folder has options of few days, and most times are of none of them.
    return (yield* opened.value.dates(symbol)).some(isRecentAt(now)) ? opened.value : undefined
  })

  const chainAt = Effect.fn("PublishedLeanOptions.chainAt")(function* (
    { symbol }: Pick<Instrument, "symbol">,
    now: Timestamp
  ) {
    const options = yield* recentAt(symbol, now)
    if (options === undefined) return NONE
    const found = yield* options.newest(symbol, now)
    if (Option.isNone(found) || !isRecentAt(now)(exchangeDate(found.value.asOf))) return NONE
    const date = exchangeDate(found.value.asOf)
    const split = splitSince(found.value, now)
    if (split !== undefined) {
      return none(
        `${options.name} has the chain of ${date}, and the share was split on ${split}: its contracts are others now`
      )
    }
    const chain = published(found.value, now)
    return chain.raw.expiries.length === 0
      ? none(`${options.name} has the chain of ${date}, all of which has expired since`)
      : { chain: Option.some(chain), why: undefined }
  })

  const within = Effect.fn("PublishedLeanOptions.within")(function* (
    instrument: Pick<Instrument, "symbol">,
    day: Session,
    contract: EntryContract
  ) {
    const options = yield* recentAt(instrument.symbol, day.open)
    if (options === undefined) return NOTHING_WITHIN
    const { from, quotes } = yield* options.sessionQuotes(instrument.symbol, day, contract)
    const atOpen = yield* chainAt(instrument, day.open)
    const shown: PublishedSession = { from: Option.isSome(atOpen.chain) ? day.open : from, quotes }
    return shown
  })

  return { chainAt, within }
}
