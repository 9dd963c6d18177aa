/** What of a sweep hangs on which parameter, and what its best point stands on. */
import { count, counted, decimal, percent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { numberHeads, table, wordHeads } from "../../session/report/Table.ts"
import type { GridValues } from "../Grid.ts"
import type { Plateau } from "../robustness/sensitivity/Plateau.ts"
import type { Decomposition } from "../robustness/sensitivity/VarianceDecomposition.ts"
import type { SweepReport } from "./SweepReport.ts"

/** Length of a bar that stands for all of the variance, in em. */
const WHOLE_BAR = 18

const partRow = (name: string, share: number): Html =>
  html`<tr>
    <th scope="row">${name}</th>
    <td>${percent(share, 1)}</td>
    <td class="text">
      <span class="bar" style="background:var(--s0);width:${decimal(share * WHOLE_BAR, 2)}em"></span>
    </td>
  </tr>`

const decompositionTable = ({ groups, isFull, main, pairs, points, rest }: Decomposition): Html =>
  html`${table({
      id: "variance",
      caption: "Parts of the variance of the Sharpe ratio",
      note: `over ${counted(points, "point")}`,
      heads: [wordHeads("Parameter"), numberHeads("Part"), wordHeads("")],
      rows: [
        ...main.map(({ parameter, share }) => partRow(parameter, share)),
        ...(pairs ?? []).map(({ parameters, share }) => partRow(parameters.join(" with "), share)),
        partRow(isFull ? "the rest" : "not told apart", rest)
      ]
    })}
    <p class="fine">
      ${
        isFull
          ? "Analysis of variance: what each parameter explains by itself, and what pairs explain beyond that. The parts add up to one."
          : "Points of the grid are missing: each part is what a parameter or a pair explains beyond all others, and what several explain together is in none of them."
      }${groups === undefined ? "" : ` There are few points for so many values: those of each number were taken together in ${groups} groups.`}${pairs === undefined ? " Pairs cannot be told from so few points." : ""}
    </p>`

const valuesText = (values: GridValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ")

const fact = (name: string, value: Html | string): Html =>
  html`<tr>
    <th scope="row">${name}</th>
    <td class="text">${value}</td>
  </tr>`

const plateauTable = ({ best, box, near, score, smoothness, steadiest, step }: Plateau): Html =>
  html`${table({
      id: "plateau",
      caption: "Plateau or peak",
      heads: [wordHeads("", "Sharpe ratio a year")],
      rows: [
        fact("Best point", `${decimal(best.figure, 2)} at ${valuesText(best.values)}`),
        fact(
          "One step along one parameter",
          step === undefined
            ? "none was played"
            : `${decimal(step.mean, 2)} on average of ${count(step.points)}, ${decimal(step.lowest, 2)} at the lowest`
        ),
        fact(
          "One step along any of them",
          box === undefined
            ? "none was played"
            : `${decimal(box.mean, 2)} on average of ${count(box.points)}, ${decimal(box.lowest, 2)} at the lowest`
        ),
        fact("Plateau score", score === undefined ? "–" : `${decimal(score, 2)} of 1`),
        fact(
          "Steadiest point",
          steadiest === undefined
            ? "no two points are neighbours"
            : `${decimal(steadiest.figure, 2)} at ${valuesText(steadiest.values)}; ${decimal(steadiest.mean, 2)} with its ${counted(steadiest.neighbours, "neighbour")}`
        ),
        fact("Points within a tenth of the best", near === undefined ? "–" : percent(near, 1)),
        fact("Smoothness of the grid", smoothness === undefined ? "–" : `${decimal(smoothness, 2)} of 1`)
      ]
    })}
    <p class="fine">
      The plateau score is the mean of the best point’s neighbours over its own ratio: near 1 on a plateau,
      near 0 on a peak that its neighbours know nothing of. The steadiest point has the highest mean with its
      neighbours. Smoothness is near 1 where each point is as its neighbours are.
    </p>`

export const parameterSection = ({ sensitivity }: SweepReport): Html => {
  const { decomposition, plateau, problem } = sensitivity
  return html`${
    decomposition === undefined
      ? html`<p>The variance is not decomposed: ${problem ?? ""}.</p>`
      : decompositionTable(decomposition)
  }
  ${plateau === undefined ? "" : plateauTable(plateau)}`
}
