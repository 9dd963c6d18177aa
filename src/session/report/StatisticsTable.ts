/** Statistics side by side, with their definitions. */
import { Option } from "effect"
import {
  type Performance,
  type Statistic,
  statisticDefinitions,
  type StatisticName
} from "../../portfolio/Performance.ts"
import { decimal, percent } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import type { StatisticsPeriod } from "./Statistics.ts"

/** A statistic as every table shows it; a dash when there is none. */
export const statisticText = (statistic: Statistic, shownAs: "percent" | "number"): string =>
  statistic._tag === "None"
    ? "–"
    : shownAs === "percent"
      ? percent(statistic.value, 2)
      : decimal(statistic.value, 2)

/** The days a statistic is about, a line each. */
const when = (key: StatisticName, { statistics, days, drawdown }: Performance): ReadonlyArray<string> => {
  if (statistics[key]._tag === "None") return []
  switch (key) {
    case "bestDay":
      return Option.match(days, { onNone: () => [], onSome: ({ best }) => [best.date] })
    case "worstDay":
      return Option.match(days, { onNone: () => [], onSome: ({ worst }) => [worst.date] })
    case "maxDrawdown":
      return Option.match(drawdown, {
        onNone: () => [],
        onSome: ({ peak, trough, recovery }) => [
          `from ${peak}`,
          `to ${trough}`,
          Option.match(recovery, { onNone: () => "not recovered", onSome: (date) => `back ${date}` })
        ]
      })
    default:
      return []
  }
}

export const statisticsTable = (period: StatisticsPeriod, id: string, caption: string): Html => {
  const { columns } = period
  const missing = statisticDefinitions.flatMap(({ key, name }) =>
    columns.flatMap(({ name: column, performance }) => {
      const statistic = performance.statistics[key]
      return statistic._tag === "None" ? [html`<li>${name}, ${column}: ${statistic.reason}.</li>`] : []
    })
  )
  return html`<div class="block">
    <div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-caption">
      <table id="${id}" class="statistics">
        <caption id="${id}-caption">
          ${caption}
          <small>${period.from} to ${period.to}</small>
        </caption>
        <thead>
          <tr>
            <th scope="col">Statistic</th>
            ${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${statisticDefinitions.map(
            ({ key, name, shownAs }) =>
              html` <tr>
                <th scope="row">${name}</th>
                ${columns.map(({ performance }) => {
                  const days = when(key, performance)
                  return html`<td>
                    ${statisticText(performance.statistics[key], shownAs)}${days.map((day) => html`<small>${day}</small>`)}
                  </td>`
                })}
              </tr>`
          )}
        </tbody>
      </table>
    </div>
    ${
      missing.length === 0
        ? ""
        : html`<ul class="fine">
            ${missing}
          </ul>`
    }
  </div>`
}

export const statisticsDefinitions = (): Html =>
  html`<dl class="definitions">
    ${statisticDefinitions.map(
      ({ name, definition }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${definition}</dd>
        </div>`
    )}
  </dl>`
