/** The contracts of a zip of LEAN's option files, each with what is known of it at an instant: pure. */
import { Option, Result } from "effect"
import type { SessionDate, Timestamp } from "../../domain/Timestamp.ts"
import { BadRow } from "../MarketData.ts"
import { type EntryContract, parseEntry } from "./LeanOptionNames.ts"
import {
  datesIn,
  type KnownAt,
  type KnownQuote,
  newestQuote,
  openInterestAt,
  type OptionText,
  sessionRows,
  type SessionRows,
  type Traded,
  tradedUntil
} from "./LeanOptionRows.ts"
import { csvsOf, type ZipMember } from "./ZipFile.ts"

/** A zip that was read, and how messages call it. */
export interface OptionBytes {
  readonly file: string
  readonly bytes: Uint8Array
}

/** What was read of each contract, by the contract's key, and the rows and files that cannot be used. */
export interface Contracts<A> {
  readonly known: ReadonlyMap<string, { readonly contract: EntryContract; readonly value: A }>
  readonly bad: ReadonlyArray<BadRow>
}

export const keyOf = ({ expiry, right, strike }: EntryContract): string => `${expiry} ${right} ${strike}`

const textOf = (file: string, member: ZipMember): Result.Result<OptionText, BadRow> =>
  member.read().pipe(
    Result.map((bytes) => ({
      file: `${file}/${member.name}`,
      text: new TextDecoder("latin1").decode(bytes)
    })),
    Result.mapError((problem) => new BadRow({ file, row: 0, problem }))
  )

/** The rows a session has in a zip, by contract, and the entries that cannot be used. */
export interface SessionZip {
  readonly entries: ReadonlyArray<{ readonly contract: EntryContract; readonly rows: SessionRows }>
  readonly bad: ReadonlyArray<BadRow>
}

/** Unpacks the contracts of a zip that had not expired before the session, and checks the stamps of all their rows. */
export const sessionZip = ({ bytes, file }: OptionBytes, date: SessionDate, knownAt: KnownAt): SessionZip => {
  const members = csvsOf(bytes)
  if (Result.isFailure(members)) {
    return { entries: [], bad: [new BadRow({ file, row: 0, problem: members.failure })] }
  }
  const entries: Array<SessionZip["entries"][number]> = []
  const bad: Array<BadRow> = []
  for (const member of members.success) {
    const contract = parseEntry(member.name)
    if (Option.isNone(contract)) {
      const problem = `expected a name that ends as _call_4300000_20230901.csv, got "${member.name.slice(0, 120)}"`
      bad.push(new BadRow({ file, row: 0, problem }))
      continue
    }
    if (contract.value.expiry < date) continue
    const rows = Result.flatMap(textOf(file, member), (text) => sessionRows(text, knownAt))
    if (Result.isFailure(rows)) bad.push(rows.failure)
    else if (rows.success.starts.length > 0) entries.push({ contract: contract.value, rows: rows.success })
  }
  return { entries, bad }
}

type Read<A> = (rows: SessionRows, asOf: Timestamp) => Result.Result<Option.Option<A>, BadRow>

/** What is known of each contract at an instant. */
const knownIn =
  <A>(read: Read<A>) =>
  (zip: SessionZip, asOf: Timestamp): Contracts<A> => {
    const known = new Map<string, { contract: EntryContract; value: A }>()
    const bad = [...zip.bad]
    for (const { contract, rows } of zip.entries) {
      const value = read(rows, asOf)
      if (Result.isFailure(value)) bad.push(value.failure)
      else if (Option.isSome(value.success)) {
        known.set(keyOf(contract), { contract, value: value.success.value })
      }
    }
    return { known, bad }
  }

export const quotesIn: (zip: SessionZip, asOf: Timestamp) => Contracts<KnownQuote> = knownIn(newestQuote)
export const tradesIn: (zip: SessionZip, asOf: Timestamp) => Contracts<Traded> = knownIn(tradedUntil)
export const openInterestIn: (zip: SessionZip, asOf: Timestamp) => Contracts<number> = knownIn(openInterestAt)

/** The dates of all rows of a zip of hours or days; entries that cannot be read have none. */
export const datesOfZip = ({ bytes, file }: OptionBytes): ReadonlySet<SessionDate> => {
  const dates = new Set<SessionDate>()
  const members = csvsOf(bytes)
  if (Result.isFailure(members)) return dates
  for (const member of members.success) {
    const text = textOf(file, member)
    if (Result.isSuccess(text)) for (const date of datesIn(text.success.text)) dates.add(date)
  }
  return dates
}
