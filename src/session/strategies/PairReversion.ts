/**
 * Buys the one of two instruments that has become cheap against the other.
 *
 * Watches the ratio of two closes. When it is far from its mean of the last
 * year, the cheap one is bought; it is sold when the ratio is back at its mean.
 *
 * Every number is a published convention and none was fitted to the data that
 * comes with the program: E. Gatev, W. Goetzmann, K. G. Rouwenhorst, "Pairs
 * Trading: Performance of a Relative-Value Arbitrage Rule", Review of Financial
 * Studies, 2006: a formation period of twelve months, a position at two
 * deviations, closed when prices meet. They sell the dear one short besides and
 * measure the difference of normalised prices; here nothing is sold short,
 * which the desk's limits do not allow, and the ratio is measured, which needs
 * no day of normalising.
 */
import { Result } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { History } from "../History.ts"
import { decimal, whole, type ValuesOf } from "../Parameters.ts"
import type { Strategy, StrategyContext, Target } from "../Strategy.ts"
import { defineStrategy, type TargetLogic } from "../StrategyDefinition.ts"

const parameters = {
  sessions: whole({
    default: 252,
    minimum: 2,
    maximum: 2000,
    meaning: "sessions that the ratio's mean and deviation are taken over"
  }),
  entry: decimal({
    default: 2,
    minimum: 0.1,
    maximum: 10,
    meaning: "deviations from the mean at which the cheap one is bought"
  }),
  exit: decimal({
    default: 0,
    minimum: -10,
    maximum: 10,
    meaning: "deviations left at which it is sold again"
  }),
  weight: decimal({ default: 0.2, minimum: 0, maximum: 1, meaning: "of equity in what was bought" })
}
export type PairReversionParameters = ValuesOf<typeof parameters>

/** First over second at the last `count` sessions that both have, newest first; fewer where there are no more. */
export const ratiosOf = (first: History, second: History, count: number): ReadonlyArray<number> => {
  const ratios: Array<number> = []
  let [i, j] = [first.length - 1, second.length - 1]
  while (i >= 0 && j >= 0 && ratios.length < count) {
    const gap = (first.tsEvent[i] ?? 0) - (second.tsEvent[j] ?? 0)
    if (gap === 0) ratios.push((first.close[i] ?? Number.NaN) / (second.close[j] ?? Number.NaN))
    if (gap >= 0) i -= 1
    if (gap <= 0) j -= 1
  }
  return ratios
}

/** How many deviations (n − 1) the newest is above the mean of all; 0 where they do not differ. */
export const scoreOf = (ratios: ReadonlyArray<number>): number => {
  let sum = 0
  for (const ratio of ratios) sum += ratio
  const mean = sum / ratios.length
  let squares = 0
  for (const ratio of ratios) squares += (ratio - mean) * (ratio - mean)
  const spread = Math.sqrt(squares / (ratios.length - 1))
  return spread > 0 ? ((ratios[0] ?? Number.NaN) - mean) / spread : 0
}

/** What should be held of the one that is cheap when its score is low; undefined to leave it. */
const legOf = (
  context: StrategyContext,
  id: InstrumentId,
  score: number,
  { entry, exit, weight }: PairReversionParameters
): Target | undefined => {
  const told = `${score.toFixed(2)} deviations from the mean ratio`
  if (context.holdings.has(id)) {
    return score >= 0 - exit ? { instrumentId: id, weight: 0, reason: `Back: ${told}.` } : undefined
  }
  return score <= 0 - entry ? { instrumentId: id, weight, reason: `Cheap: ${told}.` } : undefined
}

const logic = (values: PairReversionParameters): TargetLogic => ({
  summary: `Buys the one of two that is ${values.entry} deviations cheap against the other, over ${values.sessions} sessions.`,
  description:
    `Takes the ratio of two closes over the last ${values.sessions} sessions. When it is ${values.entry} deviations from its mean, ` +
    `the cheap one is bought with ${(values.weight * 100).toFixed(1)}% of equity, and sold again when ${values.exit} deviations are left ` +
    "(after Gatev, Goetzmann and Rouwenhorst 2006, without their short side). Decided on the close, sent for the next open. " +
    "Published conventions; none was fitted to these prices.",
  warmUp: values.sessions,
  onBar: (context) => {
    const [first, second] = context.instruments.map(({ id }) => context.histories.get(id))
    if (first === undefined || second === undefined) return []
    const ratios = ratiosOf(first, second, values.sessions)
    if (ratios.length < values.sessions) return []
    const score = scoreOf(ratios)
    return [
      legOf(context, first.instrumentId, score, values) ?? [],
      legOf(context, second.instrumentId, 0 - score, values) ?? []
    ].flat()
  }
})

export const pairReversion = defineStrategy({
  name: "pair-reversion",
  title: "Mean-reverting pair",
  summary: "Buys the one of two instruments that has become cheap against the other.",
  instruments: { least: 2, most: 2 },
  parameters,
  check: ({ entry, exit }) =>
    exit < entry ? undefined : `exit is ${exit} and entry is ${entry}: exit has to be the smaller`,
  make: logic
})

/** The pair with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makePairReversion = (values: Partial<PairReversionParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(pairReversion.bind(values))
