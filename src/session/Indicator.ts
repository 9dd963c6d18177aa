/**
 * Indicators as values: a strategy declares them, whoever plays it keeps their
 * state, one for each instrument, and brings it up to date with every bar.
 */

/** The bar an indicator looks at: micros of a dollar, whole shares. */
export interface IndicatorBar {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** One instrument's running state. */
export interface IndicatorState {
  /** Takes the next bar; its value after it, undefined until it has seen its warm-up. */
  readonly update: (bar: IndicatorBar) => number | undefined
}

export interface Indicator {
  /** How reports call it: "SMA(50)". */
  readonly name: string
  /** Bars it needs before it has a value. */
  readonly warmUp: number
  /** A state that has seen nothing. */
  readonly make: () => IndicatorState
}
