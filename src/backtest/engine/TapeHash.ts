/** Names what a tape holds: every value of the data that is played, and nothing that a model or a seed adds. */
import { createHash, type Hash } from "node:crypto"
import canonicalize from "canonicalize"
import type { Tape, TapeColumns, TapeTrack } from "./Tape.ts"

const bytesOf = ({ buffer, byteLength, byteOffset }: Float64Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

const addColumns = (hash: Hash, columns: TapeColumns): void => {
  for (const column of [
    columns.tsOpen,
    columns.tsEvent,
    columns.open,
    columns.high,
    columns.low,
    columns.close,
    columns.volume
  ]) {
    hash.update(bytesOf(column))
  }
}

const addTrack = (hash: Hash, track: TapeTrack): void => {
  const { actions, bars, instrument, paths, quotes, source } = track
  hash.update(canonicalize({ id: instrument.id, source, actions, bars: bars.length }) ?? "")
  addColumns(hash, bars)
  for (const path of paths) {
    hash.update(`|${path.resolution}|${path.length}`)
    addColumns(hash, path)
  }
  if (quotes === undefined) return
  hash.update(`|quotes|${quotes.length}`)
  addColumns(hash, quotes)
  for (const column of [
    quotes.askOpen,
    quotes.askHigh,
    quotes.askLow,
    quotes.askClose,
    quotes.bidSize,
    quotes.askSize
  ]) {
    hash.update(bytesOf(column))
  }
}

/** SHA-256, hex. */
export const hashTape = ({
  resolution,
  sessions,
  tracks
}: Pick<Tape, "resolution" | "sessions" | "tracks">): string => {
  const hash = createHash("sha256")
  hash.update(`${resolution}|${sessions[0]?.date}|${sessions.at(-1)?.date}|${sessions.length}`)
  for (const track of tracks) addTrack(hash, track)
  return hash.digest("hex")
}
