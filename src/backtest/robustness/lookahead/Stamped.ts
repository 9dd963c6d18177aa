/**
 * What a strategy did, with the time at which it was known: the form in which
 * the look-ahead detector compares one play with another.
 */

export interface Stamped {
  readonly kind: "order" | "fill" | "denial" | "cancel" | "state" | "signal" | "intent"
  /** From 1 at the first bar that is played; 0 before its end. */
  readonly bar: number
  /** UTC microseconds: nothing of later may have gone into it. */
  readonly at: number
  readonly date: string
  /** Id of the order; empty where there is none. */
  readonly order: string
  /** All there is to it: two plays did the same where these are the same. */
  readonly text: string
  /** What was wanted, without sizes: these do not change with the equity. */
  readonly gist: string
  /** Of a fill. */
  readonly fill?: FillStamp
}

export interface FillStamp {
  /** When the order was sent: the end of the data it was decided on. */
  readonly decidedAt: number
  readonly price: number
  /** Filled at whatever the market's price is; others may fill at a price of their own. */
  readonly isMarket: boolean
  /** Sent while the market was open to a venue that trades at once, at the quote of that instant. */
  readonly isLive?: boolean
}

/** What a strategy asked for at one point, in its own words: weights and quantities it wants, orders, cancels; at a fill also nothing. */
export interface Asked {
  readonly by: "schedule" | "fill"
  readonly bar: number
  readonly at: number
  readonly date: string
  /** All of it but the reasons. */
  readonly text: string
  /** Of what, without prices and sizes. */
  readonly gist: string
}

/** A play as far as it came. */
export interface Outcome {
  /** Oldest first. */
  readonly done: ReadonlyArray<Stamped>
  /** What was asked for inside bars, by a schedule or at a fill, oldest first; before anything became of it. */
  readonly asked?: ReadonlyArray<Asked>
  readonly failure?: {
    /** Undefined where nothing was told before it. */
    readonly at: number | undefined
    readonly message: string
  }
}

/**
 * How the future is changed. `rise`, `fall`: prices by a factor of each bar's
 * own. `reversed`: moves mirrored at the last price known. `shuffled`: bars in
 * another order. `volume`: volumes alone. `ended`: there is no future.
 */
export const perturbations = ["rise", "fall", "reversed", "shuffled", "volume", "ended"] as const
export type Perturbation = (typeof perturbations)[number]

export interface Change {
  readonly kind: Perturbation
  /** UTC microseconds: what is known at it stays as it is. */
  readonly cut: number
  readonly seed: number
}

/** What can be played on data whose future is changed. */
export interface Subject<D> {
  readonly name: string
  readonly data: D
  /** Those that its data can be changed by. */
  readonly kinds: ReadonlyArray<Perturbation>
  /** Where it can be cut, ascending: ends of bars, and opens, at which nothing else of the bar is known. */
  readonly times: ReadonlyArray<number>
  readonly perturb: (data: D, change: Change) => D
  /** Everything up to `until`; more does no harm. */
  readonly play: (data: D, until: number) => Outcome
  /**
   * Of a time that it can be cut at: the end of the bar that begins there, where prices inside that bar are modelled from
   * the whole of it. Undefined where there are finer ones, or nothing is decided inside bars.
   */
  readonly modelledUntil?: (cut: number) => number | undefined
}
