/** An option's value and its sensitivities, in the library's units: per year, per 1.00. */

/** Of one option on one share. */
export interface Greeks {
  /** Dollars a share. */
  readonly price: number
  /** dV/dS. */
  readonly delta: number
  /** d²V/dS². */
  readonly gamma: number
  /** dV/dσ, per 1.00 of volatility. */
  readonly vega: number
  /** −dV/dT, per year. */
  readonly theta: number
  /** dV/dr at fixed q, per 1.00 of rate. */
  readonly rho: number
  /** d²V/dS dσ. */
  readonly vanna: number
  /** d²V/dσ². */
  readonly volga: number
  /** −d²V/dS dT, per year: what delta gains as a year passes. */
  readonly charm: number
  /** d³V/dS³. */
  readonly speed: number
}
