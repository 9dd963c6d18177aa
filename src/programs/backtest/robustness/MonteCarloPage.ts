/** What the page of a Monte Carlo simulation is given. */
import type { MonteCarloPage } from "../../../backtest/report/robustness/MonteCarloHtml.ts"
import { labelOf } from "../../../backtest/robustness/Contaminated.ts"
import type { MonteCarlo } from "../../../backtest/robustness/montecarlo/MonteCarlo.ts"
import { version } from "../../Version.ts"
import type { MonteCarloReturns } from "./MonteCarloReturns.ts"
import { blockWords, methodWords, monteCarloCaveats } from "./MonteCarloWords.ts"

export const monteCarloPage = (
  found: MonteCarloReturns,
  carlo: MonteCarlo,
  command: string
): MonteCarloPage => {
  const { of, result } = found
  const { plan } = carlo
  const block = blockWords(carlo)
  const data = result?.inputs.data
  return {
    carlo,
    title: `${result === undefined ? plan.series.name : result.inputs.algorithm.name}: Monte Carlo`,
    facts: [
      ...(data === undefined ? [] : [`${data.symbols.slice(0, 8).join(", ")}, ${data.from} to ${data.to}`]),
      `${plan.series.returns.length} ${of}, ${methodWords[plan.method]}`,
      ...(block === undefined ? [] : [block])
    ],
    step: of,
    caveats: monteCarloCaveats(found, carlo),
    command,
    generatedBy: `plimsoll ${version}`,
    limits: result === undefined ? undefined : labelOf(result.inputs)
  }
}
