/** What the overfitting guard found, as a terminal shows it. */
import { DAYS_PER_YEAR, type Statistic } from "../../../../portfolio/Performance.ts"
import type { Criterion } from "../../../../backtest/robustness/overfitting/Criteria.ts"
import { contaminationLines } from "../../../../backtest/robustness/Contaminated.ts"
import type { CutSharpe } from "../../../../backtest/robustness/overfitting/Haircut.ts"
import type { Overfit } from "../../../backtest/robustness/OverfitRun.ts"
import { counted, percent, plainNumber, type Style, table } from "../../Format.ts"

const yearly = (sharpe: number): string => plainNumber(sharpe * Math.sqrt(DAYS_PER_YEAR), 2)
const perReturn = (sharpe: number): string => plainNumber(sharpe, 4)

const bothText = (sharpe: number): string => `${perReturn(sharpe)} a return, ${yearly(sharpe)} a year`

const chance = (statistic: Statistic): string =>
  statistic._tag === "Value" ? plainNumber(statistic.value, 4) : `none: ${statistic.reason}`

const passedText = ({ passed, stops }: Criterion, style: Style): string => {
  if (passed === true) return style.green("yes")
  if (passed === null) return style.yellow("cannot be told")
  return stops === "reject" ? style.red("no: rejected") : style.yellow("no")
}

const flagText = (value: number): string => (value === 1 ? "yes" : "no")

const valueText = ({ isFlag, value }: Criterion): string => {
  if (value === null) return "–"
  return isFlag ? flagText(value) : plainNumber(value, Math.abs(value) < 10 ? 3 : 0)
}

const criteriaLines = (criteria: ReadonlyArray<Criterion>, style: Style): ReadonlyArray<string> => {
  const rows = criteria.map((criterion) => [
    criterion.what,
    valueText(criterion),
    criterion.isFlag ? flagText(criterion.threshold) : `at ${criterion.bound} ${criterion.threshold}`,
    criterion.stops === "reject" ? "not to be rejected" : "to be promoted",
    passedText(criterion, style)
  ])
  return table([["criterion", "value", "wanted", "for", "met"].map(style.dim), ...rows], {
    right: [1],
    indent: "  "
  })
}

const trackRecordText = (statistic: Statistic): string =>
  statistic._tag === "Value"
    ? `${counted(Math.ceil(statistic.value), "return")} for a confidence of 95%`
    : `none: ${statistic.reason}`

const colourOf = { reject: "red", "paper-trade": "yellow", promote: "green" } as const

const cutText = ({ haircut, p }: CutSharpe): string => `${percent(haircut)} at p ${plainNumber(p, 3)}`

const figureRows = ({ guarded }: Overfit): ReadonlyArray<readonly [string, string]> => {
  const { effective, folds, haircut, neighbours, probability } = guarded
  const { degradation } = probability
  return [
    ["Sharpe ratio", `${bothText(guarded.sharpe)}, over ${counted(guarded.returns, "return")}`],
    [
      "trials",
      `${guarded.trials} different, ${effective.total} in effect; by luck the best shows ${bothText(guarded.luck)}`
    ],
    [
      "overfitting",
      `probability ${plainNumber(probability.pbo, 3)} over ${counted(probability.logits.length, "split")} of ${counted(probability.blocks, "block")}, ${counted(guarded.contest.length, "trial")}; loss outside in ${percent(probability.probabilityOfLoss)} of them`
    ],
    ...(degradation === undefined
      ? []
      : [
          [
            "degradation",
            `slope ${plainNumber(degradation.slope, 2)}, R² ${plainNumber(degradation.rSquared, 2)}`
          ] as const
        ]),
    ["probabilistic Sharpe", chance(guarded.probabilisticSharpe)],
    ["deflated Sharpe", chance(guarded.deflatedSharpe)],
    ["minimum track record", trackRecordText(guarded.minimumTrackRecord)],
    [
      "haircut",
      haircut === undefined
        ? "none: the Sharpe ratio is not above zero"
        : `${cutText(haircut.bhy)} by BHY (${yearly(haircut.bhy.sharpe)} a year is left), ${cutText(haircut.holm)} by Holm, ${cutText(haircut.bonferroni)} by Bonferroni, for ${counted(haircut.tests, "test")}; alone p ${plainNumber(haircut.p, 3)}`
    ],
    [
      "folds",
      `${percent(folds.gained)} of ${folds.folds.length} gained${folds.deviation === undefined ? "" : `; Sharpe ratios a year deviate by ${yearly(folds.deviation)}`}`
    ],
    [
      "neighbours",
      neighbours === undefined
        ? "none among the trials"
        : `${neighbours.trials.length} with a mean Sharpe ratio of ${yearly(neighbours.mean)} a year, the least ${yearly(neighbours.least)}`
    ]
  ]
}

export const overfitLines = (overfit: Overfit, style: Style): ReadonlyArray<string> => {
  const { guarded, inputs, notes, tested, title } = overfit
  const { recommendation, reasons } = guarded.verdict
  return [
    ...contaminationLines(inputs).map(style.yellow),
    `${style.bold(title)}${tested === undefined ? "" : ` on ${tested}`}`,
    "",
    ...table(
      figureRows(overfit).map((row) => [...row]),
      { right: [], indent: "  " }
    ),
    "",
    ...criteriaLines(guarded.criteria, style),
    "",
    `recommendation: ${style.bold(style[colourOf[recommendation]](recommendation))}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...notes.map((note) => style.yellow(note))
  ]
}
