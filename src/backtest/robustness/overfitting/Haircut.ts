/**
 * What is left of a Sharpe ratio when it is one of many tests: Campbell Harvey and
 * Yan Liu, "Backtesting" (2015).
 *
 * A Sharpe ratio over n returns is a t-ratio, S √n, with a two-sided p-value of
 * Student's distribution. The p-value is adjusted for M tests, and turned back:
 * the haircut is the part of the Sharpe ratio that is gone. Bonferroni: M p. Holm:
 * the largest (M − j + 1) p₍ⱼ₎ up to its place among the p-values in order.
 * BHY (Benjamini, Hochberg and Yekutieli): the largest stays, below it the least of
 * M c(M) p₍ⱼ₎ ÷ j from its place on, c(M) = Σ 1/j. Bonferroni and Holm hold down the
 * chance of a single false discovery, BHY the share of false ones, whatever the
 * dependence of the tests.
 *
 * What is looked for is a gain: another test whose Sharpe ratio is not above zero
 * found none, and has the p-value one. With its two-sided one, trials that lose for
 * certain (to costs, say) would pass for discoveries, and make room for the luckiest.
 */
import { twoSidedQuantile, twoSidedTail } from "./StudentT.ts"

export interface CutSharpe {
  /** Of the t-ratio, adjusted. */
  readonly p: number
  /** Per return. */
  readonly sharpe: number
  /** 1 − what is left ÷ what there was. */
  readonly haircut: number
}

export interface Haircut {
  /** M. */
  readonly tests: number
  /** As if it were the only one. */
  readonly p: number
  readonly bonferroni: CutSharpe
  readonly holm: CutSharpe
  readonly bhy: CutSharpe
}

/** p-values ascending, adjusted; the same order. */
export const bonferroni = (ps: ReadonlyArray<number>): ReadonlyArray<number> =>
  ps.map((p) => Math.min(1, ps.length * p))

export const holm = (ps: ReadonlyArray<number>): ReadonlyArray<number> => {
  let most = 0
  return ps.map((p, j) => (most = Math.max(most, Math.min(1, (ps.length - j) * p))))
}

export const bhy = (ps: ReadonlyArray<number>): ReadonlyArray<number> => {
  const tests = ps.length
  const harmonic = ps.reduce((sum, _, j) => sum + 1 / (j + 1), 0)
  let least = 1
  return ps
    .map((p, j) => [p, j] as const)
    .toReversed()
    .map(([p, j]) => (least = Math.min(least, j === tests - 1 ? p : (tests * harmonic * p) / (j + 1))))
    .toReversed()
}

/** A Sharpe ratio, per return, over so many returns. */
export interface TestedSharpe {
  readonly sharpe: number
  readonly returns: number
}

export interface Tests {
  readonly judged: TestedSharpe
  readonly others: ReadonlyArray<TestedSharpe>
  /** Tests that were made beside them, of which no p-value is known: each counts as having found nothing. */
  readonly unknown: number
}

const pOf = ({ returns, sharpe }: TestedSharpe): number =>
  sharpe > 0 ? twoSidedTail(sharpe * Math.sqrt(returns), returns - 1) : 1

/** Undefined of a Sharpe ratio that is not above zero: there is nothing to cut. */
export const haircutOf = ({ judged, others, unknown }: Tests): Haircut | undefined => {
  const { returns, sharpe } = judged
  if (!(sharpe > 0) || returns < 3) return undefined
  const p = pOf(judged)
  const ps = [p, ...others.map(pOf), ...Array.from({ length: unknown }, () => 1)].toSorted((a, b) => a - b)
  const place = ps.indexOf(p)
  const cut = (adjusted: ReadonlyArray<number>): CutSharpe => {
    const after = adjusted[place] ?? 1
    // Of a chance that is no double beside zero nothing is left to turn back: nor is there anything to cut.
    const left =
      after === 0 ? sharpe : Math.min(sharpe, twoSidedQuantile(after, returns - 1) / Math.sqrt(returns))
    return { p: after, sharpe: left, haircut: 1 - left / sharpe }
  }
  return { tests: ps.length, p, bonferroni: cut(bonferroni(ps)), holm: cut(holm(ps)), bhy: cut(bhy(ps)) }
}
