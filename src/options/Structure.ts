/**
 * What a set of legs is called: vertical, iron condor, covered call.
 *
 * A structure is its legs, in so many units; what is bought and sold says whether it is a bull or a bear one, long or
 * short. Legs of different underlyings or of different deliverables, and shapes without a name, are CUSTOM.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import { sha256 } from "../domain/Sha256.ts"

export const structureNames = [
  "VERTICAL",
  "CALENDAR",
  "DIAGONAL",
  "STRADDLE",
  "STRANGLE",
  "IRON_CONDOR",
  "IRON_BUTTERFLY",
  "BUTTERFLY",
  "COVERED_CALL",
  "CASH_SECURED_PUT",
  "COLLAR",
  "SINGLE",
  "SHARES",
  "CUSTOM"
] as const
export type StructureName = (typeof structureNames)[number]

export interface StructureLeg {
  readonly instrumentId: InstrumentId
  /** Contracts, or shares; below zero when sold. */
  readonly quantity: number
  /** Of an option; absent for shares. */
  readonly contract?: OptionContract
}

export interface Structure {
  readonly name: StructureName
  /** "AAPL bull put vertical 2014-06-13 90/85". */
  readonly title: string
  /** By expiry, strike and right, shares first; no two of one instrument. */
  readonly legs: ReadonlyArray<StructureLeg>
  /** How often it is held: the legs' quantities are that many times those of one unit. */
  readonly units: number
}

/** A leg that is an option. */
export interface OptionPart extends StructureLeg {
  readonly contract: OptionContract
}

const MICROS = 1_000_000

export const isOptionPart = (leg: StructureLeg): leg is OptionPart => leg.contract !== undefined

/** "AAPL1" of an adjusted series' contract, "AAPL" of the share. */
export const seriesOf = ({ contract, instrumentId }: StructureLeg): string =>
  (contract === undefined ? instrumentId.split(".")[0] : instrumentId.split(" ")[0]) ?? instrumentId

/** Whole shares that one contract delivers. */
export const sharesPerContract = ({ deliverable }: OptionContract): number => deliverable / MICROS

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Shares first; then by expiry, strike and right, puts before calls. */
export const byTerms = (a: StructureLeg, b: StructureLeg): number => {
  if (a.contract === undefined || b.contract === undefined)
    return (
      Number(a.contract !== undefined) - Number(b.contract !== undefined) ||
      byText(a.instrumentId, b.instrumentId)
    )
  return (
    byText(a.contract.expiry, b.contract.expiry) ||
    a.contract.strike - b.contract.strike ||
    byText(b.contract.right, a.contract.right) ||
    byText(a.instrumentId, b.instrumentId)
  )
}

/** Legs of one instrument as one, those that come to nothing left out, in the order of their terms. */
const merged = (legs: ReadonlyArray<StructureLeg>): ReadonlyArray<StructureLeg> => {
  const byId = new Map<InstrumentId, StructureLeg>()
  for (const leg of legs) {
    const held = byId.get(leg.instrumentId)
    byId.set(leg.instrumentId, { ...leg, quantity: leg.quantity + (held?.quantity ?? 0) })
  }
  return [...byId.values()].filter(({ quantity }) => quantity !== 0).toSorted(byTerms)
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

const unitsOf = (legs: ReadonlyArray<StructureLeg>): number => {
  const options = legs.filter(isOptionPart)
  const counted = options.length > 0 ? options : legs
  if (!counted.every(({ quantity }) => Number.isSafeInteger(quantity))) return 1
  const common = counted.reduce((all, { quantity }) => gcd(all, Math.abs(quantity)), 0)
  return common === 0 ? 1 : common
}

/** One option of a unit, as the shapes see it. */
interface Shape {
  readonly put: boolean
  /** Dollars, as it is written. */
  readonly strike: number
  readonly expiry: string
  /** Contracts in a unit, below zero when sold. */
  readonly ratio: number
}

const shapeOf =
  (units: number) =>
  ({ contract, quantity }: OptionPart): Shape => ({
    put: contract.right === "PUT",
    strike: contract.strike / MICROS,
    expiry: contract.expiry,
    ratio: quantity / units
  })

interface Named {
  readonly name: StructureName
  /** What the title says after the symbol. */
  readonly words: string
}

const ratiosAre = (shapes: ReadonlyArray<Shape>, ...ratios: ReadonlyArray<number>): boolean =>
  shapes.length === ratios.length && shapes.every(({ ratio }, i) => ratio === ratios[i])

const rightWord = ({ put }: Shape): string => (put ? "put" : "call")

const strikesOf = (shapes: ReadonlyArray<Shape>): string => shapes.map(({ strike }) => strike).join("/")

const longOrShort = (isLong: boolean): string => (isLong ? "long" : "short")

const single = (one: Shape, settlesInShares: boolean): Named | undefined => {
  if (Math.abs(one.ratio) !== 1) return undefined
  const terms = `${one.expiry} ${one.strike}`
  return one.put && one.ratio < 0 && settlesInShares
    ? { name: "CASH_SECURED_PUT", words: `cash-secured put ${terms}` }
    : { name: "SINGLE", words: `${longOrShort(one.ratio > 0)} ${rightWord(one)} ${terms}` }
}

const opposite = (a: Shape, b: Shape): boolean => a.ratio === -b.ratio && Math.abs(a.ratio) === 1

const pair = (near: Shape, far: Shape): Named | undefined => {
  if (near.put !== far.put) {
    if (near.expiry !== far.expiry || near.ratio !== far.ratio || Math.abs(near.ratio) !== 1) return undefined
    const side = longOrShort(near.ratio > 0)
    if (near.strike === far.strike)
      return { name: "STRADDLE", words: `${side} straddle ${near.expiry} ${near.strike}` }
    // The put below the call.
    return near.put
      ? { name: "STRANGLE", words: `${side} strangle ${near.expiry} ${strikesOf([near, far])}` }
      : undefined
  }
  if (!opposite(near, far)) return undefined
  const right = rightWord(near)
  if (near.expiry === far.expiry) {
    // Whoever is long the lower strike gains as the price rises, with calls as with puts.
    const strikes = near.put ? strikesOf([far, near]) : strikesOf([near, far])
    return {
      name: "VERTICAL",
      words: `${near.ratio > 0 ? "bull" : "bear"} ${right} vertical ${near.expiry} ${strikes}`
    }
  }
  const side = longOrShort(far.ratio > 0)
  return near.strike === far.strike
    ? { name: "CALENDAR", words: `${side} ${right} calendar ${near.expiry}/${far.expiry} ${near.strike}` }
    : {
        name: "DIAGONAL",
        words: `${side} ${right} diagonal ${near.expiry} ${near.strike}/${far.expiry} ${far.strike}`
      }
}

const butterfly = (shapes: ReadonlyArray<Shape>): Named | undefined => {
  const [first] = shapes
  if (first === undefined || shapes.some(({ put }) => put !== first.put)) return undefined
  if (!ratiosAre(shapes, 1, -2, 1) && !ratiosAre(shapes, -1, 2, -1)) return undefined
  const side = longOrShort(first.ratio > 0)
  return {
    name: "BUTTERFLY",
    words: `${side} ${rightWord(first)} butterfly ${first.expiry} ${strikesOf(shapes)}`
  }
}

/** A put vertical below a call vertical; sold, it sells the two in the middle. */
const iron = (shapes: ReadonlyArray<Shape>): Named | undefined => {
  const [a, b, c, d] = shapes
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined
  if (!(a.put && b.put && !c.put && !d.put)) return undefined
  if (!ratiosAre(shapes, 1, -1, -1, 1) && !ratiosAre(shapes, -1, 1, 1, -1)) return undefined
  const side = longOrShort(a.ratio < 0)
  return b.strike === c.strike
    ? {
        name: "IRON_BUTTERFLY",
        words: `${side} iron butterfly ${a.expiry} ${[a.strike, b.strike, d.strike].join("/")}`
      }
    : { name: "IRON_CONDOR", words: `${side} iron condor ${a.expiry} ${strikesOf(shapes)}` }
}

const withShares = (
  shapes: ReadonlyArray<Shape>,
  perUnit: number,
  deliverable: number
): Named | undefined => {
  const [a, b] = shapes
  if (a === undefined || perUnit !== deliverable) return undefined
  if (b === undefined)
    return !a.put && a.ratio === -1
      ? { name: "COVERED_CALL", words: `covered call ${a.expiry} ${a.strike}` }
      : undefined
  const isCollar = shapes.length === 2 && a.put && a.ratio === 1 && !b.put && b.ratio === -1
  return isCollar && a.expiry === b.expiry
    ? { name: "COLLAR", words: `collar ${a.expiry} ${strikesOf(shapes)}` }
    : undefined
}

const alike = (a: OptionContract, b: OptionContract): boolean =>
  a.underlying === b.underlying &&
  a.deliverable === b.deliverable &&
  a.deliverableCash === b.deliverableCash &&
  a.style === b.style &&
  a.settlement === b.settlement

const named = (legs: ReadonlyArray<StructureLeg>, units: number): Named | undefined => {
  const options = legs.filter(isOptionPart)
  const shares = legs.filter((leg) => !isOptionPart(leg))
  const [first] = options
  const [held] = shares
  if (first === undefined)
    return held !== undefined && shares.length === 1
      ? { name: "SHARES", words: held.quantity < 0 ? "short shares" : "shares" }
      : undefined
  if (shares.length > 1 || !options.every(({ contract }) => alike(first.contract, contract))) return undefined
  const shapes = options.map(shapeOf(units))
  if (held !== undefined) {
    return held.instrumentId === first.contract.underlying && first.contract.settlement === "PHYSICAL"
      ? withShares(shapes, held.quantity / units, sharesPerContract(first.contract))
      : undefined
  }
  const [a, b] = shapes
  if (a === undefined) return undefined
  if (b === undefined) return single(a, first.contract.settlement === "PHYSICAL")
  if (shapes.length === 2) return pair(a, b)
  if (shapes.some(({ expiry }) => expiry !== a.expiry)) return undefined
  return shapes.length === 3 ? butterfly(shapes) : iron(shapes)
}

/** The symbol a structure goes by: that of its contracts, else of its shares. */
const symbolOf = (legs: ReadonlyArray<StructureLeg>): string => {
  const options = legs.filter(isOptionPart)
  const series = new Set((options.length > 0 ? options : legs).map(seriesOf))
  return [...series].toSorted(byText).join("+")
}

/** What these legs are together, in whatever order they are given. */
export const recognise = (given: ReadonlyArray<StructureLeg>): Structure => {
  const legs = merged(given)
  const units = unitsOf(legs)
  const { name, words } = named(legs, units) ?? { name: "CUSTOM", words: `custom, ${legs.length} legs` }
  return { name, title: `${symbolOf(legs)} ${words}`.trim(), legs, units }
}

/** "140613" */
const dayText = (expiry: string): string => expiry.slice(2).replaceAll("-", "")

const oneRight = (options: ReadonlyArray<OptionPart>): ReadonlyArray<string> => {
  const rights = new Set(options.map(({ contract }) => contract.right))
  return rights.size === 1 ? [rights.has("PUT") ? "P" : "C"] : []
}

/** A custom structure has too many terms to be typed: a hash of them stands for them. */
const customId = ({ legs }: Structure): string =>
  sha256(legs.map(({ instrumentId, quantity }) => `${quantity} ${instrumentId}`).join("|"))
    .slice(0, 8)
    .toUpperCase()

/**
 * A name to type: "AAPL-VERTICAL-140613-P-85-90". It has the contracts in it and not how many are held, so it stays
 * the same when a part is closed. The kind of a put that is sold is SINGLE, whatever cash stands behind it.
 */
export const structureId = (structure: Structure): string => {
  const { legs, name } = structure
  const options = legs.filter(isOptionPart)
  const kind = name === "CASH_SECURED_PUT" ? "SINGLE" : name.replaceAll("_", "-")
  const strikes = options.map(({ contract }) => String(contract.strike / MICROS))
  const parts =
    name === "CUSTOM"
      ? [customId(structure)]
      : [
          ...new Set(options.map(({ contract }) => dayText(contract.expiry))),
          ...oneRight(options),
          // Of a diagonal the first strike is the first expiry's.
          ...(name === "DIAGONAL" ? strikes : new Set(strikes))
        ]
  return [symbolOf(legs), kind, ...parts].join("-")
}
