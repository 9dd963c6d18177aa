/**
 * Numbers that are not below zero, ascending: their bits are in the numbers' own order, so that three passes over the
 * upper word's digits do most of the work (radix sort, least significant digit first), in a third of the time that a
 * sort by comparisons takes of ten thousand.
 */

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS
const PASSES = 3

/** Shorter columns are sorted by comparisons. */
const SHORT_COLUMN = 512

/** Steps a number that the lower words put in order, on average, before comparisons take over. */
const MOVES_EACH = 8

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** Where each digit of a pass begins; undefined where there is only one. */
const starts = (counts: Uint32Array, length: number): boolean => {
  let from = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit] ?? 0
    if (count === length) return false
    counts[digit] = from
    from += count
  }
  return true
}

/** Puts in order what the upper words left: false where that takes too long. */
const finished = (values: Float64Array): boolean => {
  let moves = MOVES_EACH * values.length
  for (let i = 1; i < values.length; i++) {
    const value = values[i] ?? 0
    let at = i - 1
    while (at >= 0 && (values[at] ?? 0) > value) {
      values[at + 1] = values[at] ?? 0
      at--
      if (--moves < 0) {
        values[at + 1] = value
        return false
      }
    }
    values[at + 1] = value
  }
  return true
}

/** A copy of them in order. */
export const sortedColumn = (values: Float64Array): Float64Array => {
  const { length } = values
  let from = values.slice()
  if (length < SHORT_COLUMN || !isLittleEndian) return from.toSorted()
  let to = new Float64Array(length)
  let words = new Uint32Array(from.buffer)
  const counts = Array.from({ length: PASSES }, () => new Uint32Array(DIGITS))
  const [low, middle, high] = counts
  if (low === undefined || middle === undefined || high === undefined) return from.toSorted()
  for (let i = 1; i < words.length; i += 2) {
    const word = words[i] ?? 0
    const [a, b, c] = [word & (DIGITS - 1), (word >>> DIGIT_BITS) & (DIGITS - 1), word >>> (2 * DIGIT_BITS)]
    low[a] = (low[a] ?? 0) + 1
    middle[b] = (middle[b] ?? 0) + 1
    high[c] = (high[c] ?? 0) + 1
  }
  for (let pass = 0; pass < PASSES; pass++) {
    const places = counts[pass]
    if (places === undefined || !starts(places, length)) continue
    const shift = pass * DIGIT_BITS
    for (let i = 0; i < length; i++) {
      const digit = ((words[2 * i + 1] ?? 0) >>> shift) & (DIGITS - 1)
      const place = places[digit] ?? 0
      to[place] = from[i] ?? 0
      places[digit] = place + 1
    }
    const spare = from
    from = to
    to = spare
    words = new Uint32Array(from.buffer)
  }
  return finished(from) ? from : from.toSorted()
}
