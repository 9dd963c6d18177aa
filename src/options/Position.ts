/** A position in one underlying: option legs of any expiry, and shares. */
import { Result } from "effect"
import type { OptionStyle } from "../domain/OptionContract.ts"
import type { Greeks } from "./Greeks.ts"
import { type InvalidInputs, invalid, type OptionInputs, wrongTerm } from "./OptionInputs.ts"

/** A contract held; its rate, yield and volatility are those of its own expiry and strike. */
export interface OptionLeg extends Omit<OptionInputs, "spot"> {
  readonly _tag: "Option"
  readonly style: OptionStyle
  /** Contracts; below zero when sold. */
  readonly quantity: number
  /** Shares a contract. */
  readonly multiplier: number
  /** Dollars a share at which it was bought or sold. */
  readonly entryPrice: number
}

export interface ShareLeg {
  readonly _tag: "Shares"
  /** Shares; below zero when sold. */
  readonly quantity: number
  /** Dollars a share. */
  readonly entryPrice: number
}

export type Leg = OptionLeg | ShareLeg

/** What an option leg is valued by. Given inputs that `checkInputs` lets pass. */
export interface LegModel {
  readonly price: (inputs: OptionInputs, style: OptionStyle) => number
  readonly greeks: (inputs: OptionInputs, style: OptionStyle) => Greeks
}

/** Bounds that keep every sum of products a number: no market comes near them. */
export const MAX_SHARES = 1e15
export const MAX_PRICE = 1e100

/** Times closer than this are one: a tenth of a second, in years. */
export const SAME_TIME_YEARS = 3e-9

const wrongAmount = (legs: ReadonlyArray<Leg>): InvalidInputs | undefined => {
  for (const [i, leg] of legs.entries()) {
    const name = (field: string): string => `legs[${i}].${field}`
    if (!(Math.abs(sharesOf(leg)) <= MAX_SHARES)) {
      return invalid(name("quantity"), leg.quantity, `at most ${MAX_SHARES} shares either way`)
    }
    if (!(leg.entryPrice >= 0 && leg.entryPrice <= MAX_PRICE)) {
      return invalid(name("entryPrice"), leg.entryPrice, "a price, zero or more")
    }
    if (leg._tag === "Shares") continue
    if (!(leg.strike <= MAX_PRICE)) return invalid(name("strike"), leg.strike, "a price above zero")
    if (!(leg.multiplier > 0 && leg.multiplier < Infinity)) {
      return invalid(name("multiplier"), leg.multiplier, "a finite number of shares above zero")
    }
    if (!(leg.volatility >= 0 && leg.volatility < Infinity)) {
      return invalid(name("volatility"), leg.volatility, "a finite volatility, zero or more")
    }
  }
  return undefined
}

/** Legs that can be valued at prices around `spot`, or the first thing wrong with one of them. */
export const checkLegs = (
  legs: ReadonlyArray<Leg>,
  spot: number
): Result.Result<ReadonlyArray<Leg>, InvalidInputs> => {
  const wrong = spot <= MAX_PRICE ? wrongAmount(legs) : invalid("spot", spot, "a price above zero")
  if (wrong !== undefined) return Result.fail(wrong)
  for (const leg of legs) {
    const term = leg._tag === "Option" ? wrongTerm({ ...leg, spot }) : undefined
    if (term !== undefined) return Result.fail(term)
  }
  return Result.succeed(legs)
}

/** Years to the first expiry; undefined without options. */
export const firstExpiry = (legs: ReadonlyArray<Leg>): number | undefined => {
  let first: number | undefined
  for (const leg of legs) {
    if (leg._tag === "Option" && (first === undefined || leg.years < first)) first = leg.years
  }
  return first
}

/** The inputs of a leg after some years, its volatility moved; never below zero. */
export const inputsAt = (
  leg: OptionLeg,
  spot: number,
  elapsedYears: number,
  volatilityShift: number
): OptionInputs => {
  const left = leg.years - elapsedYears
  return {
    right: leg.right,
    spot,
    strike: leg.strike,
    years: left < SAME_TIME_YEARS ? 0 : left,
    rate: leg.rate,
    dividendYield: leg.dividendYield,
    volatility: Math.max(0, leg.volatility + volatilityShift)
  }
}

/** Shares that a leg is about, signed. */
export const sharesOf = (leg: Leg): number =>
  leg._tag === "Option" ? leg.quantity * leg.multiplier : leg.quantity

/** Dollars paid for the position; below zero when more was received. */
export const costOf = (legs: ReadonlyArray<Leg>): number =>
  legs.reduce((sum, leg) => sum + sharesOf(leg) * leg.entryPrice, 0)
