/**
 * The checksum of a row over its cells: a CRC-32, whoever computes it. See `Rows.ts`.
 *
 * Loaded by programs that have to start at once: imports nothing.
 */

/** CRC-32 of a text's UTF-8 bytes, going on from what came before: as `crc32` of `node:zlib`. */
export type Crc32 = (text: string, before: number) => number

/** A cell's text, told apart from every other cell's: kind, length, value. */
const cellText = (cell: unknown): string => {
  if (cell === null || cell === undefined) return "-"
  const text = String(cell)
  return `${typeof cell === "string" ? "s" : "n"}${text.length}:${text}`
}

/** Of the cells in order, as a signed 32-bit integer: an INTEGER column of any database holds it. */
export const checksumBy = (crc32: Crc32, cells: Iterable<unknown>): number => {
  let sum = 0
  for (const cell of cells) sum = crc32(cellText(cell), sum)
  return sum | 0
}

let table: Int32Array | undefined

/** What each byte does to the sum (polynomial 0xedb88320, reflected; ISO 3309). */
const byteTable = (): Int32Array => {
  const made = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
    made[byte] = sum
  }
  return made
}

/** In plain JavaScript: quick where there is little to sum, for `node:zlib` takes longer to load than this takes for 50,000 bytes. */
export const plainCrc32: Crc32 = (text, before) => {
  const bytes = (table ??= byteTable())
  let sum = ~before
  for (const byte of new TextEncoder().encode(text)) sum = (bytes[(sum ^ byte) & 255] ?? 0) ^ (sum >>> 8)
  return ~sum >>> 0
}
