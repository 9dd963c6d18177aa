/**
 * The options of a LEAN folder as the options market shows them: the newest
 * chain that was known at market time, while it is of the latest session or of
 * the one before and no split has come since. An older one says nothing of now.
 */
import { hash } from "node:crypto"
import { Effect, Option } from "effect"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { BarSourceError } from "./BarSource.ts"
import { boundedCache } from "./BoundedCache.ts"
import type { LeanChain, LeanOptions } from "./lean/LeanOptions.ts"
import type { PublishedChain, PublishedOptions } from "./OptionMarket.ts"
import { expiryClose } from "./OptionTime.ts"
import { exchangeDate, fromExchangeTime, latestSession, previousSession } from "./TradingCalendar.ts"

/** Chains kept with the minute they were read for: to read one anew takes a good part of a second. */
const KEPT_MINUTES = 16

const MICROS_PER_MINUTE = 60_000_000

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

/** A split in force by now that the chain's prices do not know of. */
const splitSince = (chain: LeanChain, now: Timestamp): SessionDate | undefined =>
  (chain.raw.splits ?? []).find(
    ({ date }) => date > exchangeDate(chain.asOf) && fromExchangeTime(date, 0) <= now
  )?.date

const NONE = { chain: Option.none(), why: undefined }

/** `open` is asked once, when options are first wanted: a folder without any has none. */
export const publishedLeanOptions = (
  open: Effect.Effect<Option.Option<LeanOptions>, BarSourceError>
): PublishedOptions => {
  const read = boundedCache<string, { readonly chain: Option.Option<LeanChain> }>(KEPT_MINUTES)

  const newest = Effect.fnUntraced(function* (options: LeanOptions, symbol: string, now: Timestamp) {
    const of = latestSession(now)
    const minute = Math.floor(Math.min(now, of.close) / MICROS_PER_MINUTE)
    const key = `${symbol} ${minute}`
    const known = read.get(key)
    if (known !== undefined) return known.chain
    const found = yield* options.newest(symbol, now)
    read.set(key, { chain: found })
    return found
  })

  return {
    chainAt: Effect.fn("PublishedLeanOptions.chainAt")(function* ({ symbol }, now) {
      const opened = yield* open
      if (Option.isNone(opened) || !opened.value.underlyings.includes(symbol)) return NONE
      const options = opened.value
      const { date: today } = latestSession(now)
      const { date: before } = previousSession(today)
      const isRecent = (date: SessionDate) => date === today || date === before
      // Only names are read for this: a folder has options of few days.
      if (!(yield* options.dates(symbol)).some(isRecent)) return NONE
      const found = yield* newest(options, symbol, now)
      if (Option.isNone(found) || !isRecent(exchangeDate(found.value.asOf))) {
        return NONE
      }
      const split = splitSince(found.value, now)
      return split === undefined
        ? { chain: Option.some(published(found.value, now)), why: undefined }
        : {
            chain: Option.none(),
            why: `${options.name} has the chain of ${exchangeDate(found.value.asOf)}, and the share was split on ${split}: its contracts are others now`
          }
    })
  }
}
