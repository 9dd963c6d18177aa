/**
 * The files inside a zip, as LEAN packs its data: one for an equity, one a
 * contract for options.
 *
 * fflate inflates. The directory is read here, for two reasons: many of LEAN's
 * zips state sizes in 64-bit extra fields but have no 64-bit end record, and
 * fflate then takes them for 4 GB; and fflate does not compare checksums, so that a
 * byte changed on disk would be another price instead of a failure.
 */
import { crc32 } from "node:zlib"
import { Result } from "effect"
import { inflateSync } from "fflate"

/** Forty years of one ticker's hours are an eighth of it; a zip that claims more is no data of LEAN's. */
export const MAX_ENTRY_BYTES = 32 * 1024 * 1024

export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
/** The end record's own length, and the longest comment that may follow it. */
const END_LENGTH = 22
const MAX_COMMENT = 0xffff
const ENTRY_LENGTH = 46
const LOCAL_LENGTH = 30
/** In a 32-bit field (and its like in 16 bits): the value is in a 64-bit field elsewhere. */
const ELSEWHERE = 0xffffffff
const COUNT_ELSEWHERE = 0xffff
const LOCATOR_64 = 0x07064b50
const LOCATOR_64_LENGTH = 20
const END_64 = 0x06064b50
const END_64_LENGTH = 56

const STORED = 0
const DEFLATED = 8

interface DirectoryEntry {
  readonly name: string
  readonly method: number
  readonly checksum: number
  readonly packedSize: number
  readonly size: number
  /** Where its local header lies. */
  readonly offset: number
}

const CORRUPT = "its directory does not lie where its end record says: the file is corrupt"

/** Exact below 2^53, which every size and place inside a file is; above, it is only known to be too large. */
const uint64 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32

/** How many entries the directory has and where it begins: from the end record, or its 64-bit form (APPNOTE 4.3.14, 4.3.15). */
const directoryPlace = (
  view: DataView,
  end: number
): { readonly count: number; readonly at: number } | undefined => {
  const count = view.getUint16(end + 10, true)
  const at = view.getUint32(end + 16, true)
  if (count !== COUNT_ELSEWHERE && at !== ELSEWHERE) return { count, at }
  const locator = end - LOCATOR_64_LENGTH
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR_64) return undefined
  const end64 = uint64(view, locator + 8)
  if (end64 + END_64_LENGTH > locator || view.getUint32(end64, true) !== END_64) return undefined
  return { count: uint64(view, end64 + 32), at: uint64(view, end64 + 48) }
}

/** Sizes from the 64-bit extra field (APPNOTE 4.5.3), for those of `values` that are elsewhere, in this order. */
const resolved = (
  view: DataView,
  from: number,
  until: number,
  values: ReadonlyArray<number>
): ReadonlyArray<number> => {
  let at = from
  while (at + 4 <= until && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true)
  let next = at + 4
  return values.map((value) => {
    if (value !== ELSEWHERE || next + 8 > until) return value
    next += 8
    return uint64(view, next - 8)
  })
}

const entryAt = (view: DataView, at: number): { readonly entry: DirectoryEntry; readonly next: number } => {
  const nameLength = view.getUint16(at + 28, true)
  const extraFrom = at + ENTRY_LENGTH + nameLength
  const extraUntil = extraFrom + view.getUint16(at + 30, true)
  const [size = 0, packedSize = 0, offset = 0] = resolved(view, extraFrom, extraUntil, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true)
  ])
  const name = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + at + ENTRY_LENGTH, nameLength)
  )
  return {
    entry: {
      name,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packedSize,
      size,
      offset
    },
    next: extraUntil + view.getUint16(at + 32, true)
  }
}

/** The central directory (PKWARE APPNOTE 6.3.10, 4.3.12 and 4.3.16), or what is wrong with it. */
const directoryOf = (view: DataView): Result.Result<ReadonlyArray<DirectoryEntry>, string> => {
  let end = view.byteLength - END_LENGTH
  const earliest = Math.max(0, end - MAX_COMMENT)
  while (end >= earliest && view.getUint32(end, true) !== END_OF_DIRECTORY) end -= 1
  if (end < earliest) return Result.fail("it has no end record: the file is cut off, or is not a zip")
  const place = directoryPlace(view, end)
  if (place === undefined) return Result.fail(CORRUPT)
  const entries: Array<DirectoryEntry> = []
  let { at } = place
  for (let i = 0; i < place.count; i++) {
    if (at + ENTRY_LENGTH > end || view.getUint32(at, true) !== DIRECTORY_ENTRY) return Result.fail(CORRUPT)
    const variable =
      view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (at + ENTRY_LENGTH + variable > end) return Result.fail(CORRUPT)
    const { entry, next } = entryAt(view, at)
    entries.push(entry)
    at = next
  }
  return Result.succeed(entries)
}

const unpack = (
  bytes: Uint8Array,
  view: DataView,
  entry: DirectoryEntry
): Result.Result<Uint8Array, string> => {
  const { offset, packedSize } = entry
  if (offset + LOCAL_LENGTH > bytes.length || view.getUint32(offset, true) !== LOCAL_HEADER)
    return Result.fail(CORRUPT)
  const from = offset + LOCAL_LENGTH + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (from + packedSize > bytes.length) return Result.fail(`its ${entry.name} is cut off`)
  const packed = bytes.subarray(from, from + packedSize)
  if (entry.method === STORED) return Result.succeed(packed)
  if (entry.method !== DEFLATED)
    return Result.fail(`its ${entry.name} is packed by method ${entry.method}, expected deflate (8)`)
  return Result.try({
    try: () => inflateSync(packed, { out: new Uint8Array(entry.size) }),
    catch: (cause) =>
      `it does not inflate (${cause instanceof Error ? cause.message : String(cause)}): the file is corrupt`
  })
}

/** A CSV of a zip, not unpacked yet. */
export interface ZipMember {
  readonly name: string
  /** Its bytes, checksum compared; or, in words, why they cannot be had. */
  readonly read: () => Result.Result<Uint8Array, string>
}

const memberOf = (bytes: Uint8Array, view: DataView, entry: DirectoryEntry): ZipMember => ({
  name: entry.name,
  read: () => {
    if (entry.size > MAX_ENTRY_BYTES) {
      return Result.fail(`its ${entry.name} claims ${entry.size} bytes, which no LEAN file has`)
    }
    return Result.flatMap(unpack(bytes, view, entry), (unpacked) =>
      unpacked.length === entry.size && crc32(unpacked) === entry.checksum
        ? Result.succeed(unpacked)
        : Result.fail(`the checksum of its ${entry.name} does not match: the file is corrupt`)
    )
  }
})

/**
 * The CSVs of a zip in the order of its directory, none of them unpacked; or,
 * in words, why they cannot be had. Total: never throws, and `read` neither.
 */
export const csvsOf = (bytes: Uint8Array): Result.Result<ReadonlyArray<ZipMember>, string> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Result.map(directoryOf(view), (directory) =>
    directory
      .filter((entry) => entry.name.toLowerCase().endsWith(".csv"))
      .map((entry) => memberOf(bytes, view, entry))
  )
}

/** The only CSV of a zip. Total: never throws. */
export const onlyCsvOf = (bytes: Uint8Array): Result.Result<ZipEntry, string> =>
  Result.flatMap(csvsOf(bytes), (csvs) => {
    const [csv] = csvs
    if (csv === undefined || csvs.length > 1) {
      return Result.fail(`it holds ${csvs.length} CSV files where LEAN packs one`)
    }
    return Result.map(csv.read(), (unpacked) => ({ name: csv.name, bytes: unpacked }))
  })
