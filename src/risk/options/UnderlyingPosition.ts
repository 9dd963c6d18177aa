/** A position in one underlying, and the orders in it, as the worst case is asked of. */
import type { OptionContract } from "../../domain/OptionContract.ts"

/** So many contracts of one kind. */
export interface OptionHolding {
  readonly contract: OptionContract
  readonly multiplier: number
  /** Signed micros of contracts: positive long, negative short. */
  readonly quantity: number
}

/** Shares and options that are there together, or fill together. */
export interface Holding {
  /** Signed micros of shares. */
  readonly shares: number
  readonly options: ReadonlyArray<OptionHolding>
  /** What it is counted as costing, in micros of a dollar: its value at the marks, or an order's price; negative when it brings money. */
  readonly cost: number
}

/** An order that may fill. */
export interface PossibleHolding extends Holding {
  /** Of orders of one group one fills at most. */
  readonly group?: string
}

/** Everything in one underlying. */
export interface UnderlyingPosition {
  /** Last price of the underlying in micros: needed only where a loss has no end. */
  readonly spot: number
  readonly held: Holding
  /** Counted as filled. */
  readonly order?: Holding | undefined
  readonly working: ReadonlyArray<PossibleHolding>
}
