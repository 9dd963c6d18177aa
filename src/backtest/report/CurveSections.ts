/** The charts over the sessions, with their legends and captions. */
import { Option } from "effect"
import { drawdownSeries, dailyReturns, type EquityCurve, ruinedOn } from "../../portfolio/EquityCurve.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { contaminationOf } from "../robustness/Contaminated.ts"
import { drawdownChart, drawnLimit } from "../../session/report/DrawdownChart.ts"
import { equityChart, hasLogAxis } from "../../session/report/EquityChart.ts"
import { exposureRatios } from "../../session/report/ExposureChart.ts"
import { figure } from "../../session/report/Figure.ts"
import { count, decimal, percent, plainPercent, wholeDollars } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import type { ColorName } from "../../session/report/Palette.ts"
import { dayRange } from "../../session/report/Plot.ts"
import { numberHeads, table, wordHeads } from "../../session/report/Table.ts"
import {
  BENCHMARK_NAME,
  type BacktestView,
  type Column,
  eventsOf,
  pictureOf,
  sessionsOf
} from "./BacktestView.ts"
import { deepestFalls } from "./Falls.ts"
import { FEWEST_RETURNS, type Rolling, rolling, windowOf } from "./Rolling.ts"
import { stripChart, type StripLine } from "./StripChart.ts"
import { turnoverChart, most } from "./TurnoverChart.ts"
import { turnoverOf, type TurnoverPeriod } from "./Turnover.ts"

/** Falls listed, of those that two decimals of a percent show. */
const FALLS = 5
const LEAST_FALL = 0.00005

export const legendItem = (color: ColorName, name: string, note = ""): Html =>
  html`<li><span class="line bg-${color}"></span>${name} <span class="lede">${note}</span></li>`

const tooShort = html`<p>Too few sessions to draw: a curve needs two points.</p>`

/** Both lines with what `note` says of each. */
const legend = (
  view: BacktestView,
  curve: EquityCurve,
  note: (curve: EquityCurve) => string,
  more: Html
): Html =>
  html`<ul class="legend">
    ${legendItem("s0", view.name, note(curve))}${Option.match(view.benchmark, {
      onNone: () => html``,
      onSome: (held) => legendItem("bench", BENCHMARK_NAME, note(held))
    })}${more}
  </ul>`

const eventMarks = (view: BacktestView): Html => {
  const kinds = new Set(eventsOf(view).map(({ kind }) => kind))
  const turned = view.content.options.some(({ kind }) => optionKinds.has(kind))
  return html`${kinds.has("drawdown") || kinds.has("halt") ? html`<li><span class="mark"></span>drawdown trip or halt, numbered</li>` : ""}${
    kinds.has("resumed") ? html`<li><span class="mark ring"></span>resumed</li>` : ""
  }${kinds.has("daily-loss") ? html`<li><span class="mark tick"></span>daily-loss trip</li>` : ""}${
    turned ? html`<li><span class="mark diamond"></span>option exercised, assigned or adjusted</li>` : ""
  }`
}

const optionKinds: ReadonlySet<string> = new Set(["exercised", "assigned", "adjusted"])

export const equitySection = (view: BacktestView): Html =>
  Option.match(view.curve, { onNone: () => tooShort, onSome: (curve) => equityFigures(view, curve) })

/** Where the clean part of a contaminated backtest begins; its end where there is none. */
const cleanFromOf = ({ content, result }: BacktestView): SessionDate | undefined => {
  const found = contaminationOf(result.inputs, content.dates)
  if (found._tag === "None") return undefined
  return found._tag === "Partly" ? found.firstClean : result.inputs.data.to
}

const cleanMark = ({ content, result }: BacktestView): Html => {
  const found = contaminationOf(result.inputs, content.dates)
  if (found._tag === "None") return html``
  return html`<li>
    <span class="line dash"></span>${
      found._tag === "Partly"
        ? `clean from ${found.firstClean}: of what is shaded its model had read`
        : "its model had read of all of it"
    }
  </li>`
}

const equityFigures = (view: BacktestView, curve: EquityCurve): Html => {
  const cleanFrom = cleanFromOf(view)
  const picture = { ...pictureOf(view, curve), ...(cleanFrom === undefined ? {} : { cleanFrom }) }
  const hasLog = hasLogAxis(picture, { scale: "log" })
  const head = legend(
    view,
    curve,
    ({ equities }) => wholeDollars(equities.at(-1) ?? 0),
    html`${eventMarks(view)}${cleanMark(view)}`
  )
  const caption = "Equity at each close, in dollars; the legend gives the last value."
  const linear = (id: string): Html =>
    figure(id, (place) => equityChart(picture, place, { scale: "linear" }), head, caption)
  if (!hasLog) return linear("equity")
  const logFirst = hasLogAxis(picture)
  const option = (scale: string, chosen: boolean): Html =>
    html`<input type="radio" name="scale" id="scale-${scale}" ${chosen ? html`checked` : ""} />`
  return html`<div class="choice">
    ${option("linear", !logFirst)}<label for="scale-linear">linear</label>${option("log", logFirst)}<label
      for="scale-log"
      id="equity-log"
      ><span class="unseen">Equity, </span>logarithmic</label
    >
    <div class="on-linear">${linear("equity")}</div>
    <div class="on-log">
      ${figure(
        "equity-log",
        (place) => equityChart(picture, place, { scale: "log" }),
        head,
        `${caption} On a logarithmic axis equal heights are equal ratios.`
      )}
    </div>
  </div>`
}

export const drawdownSection = (view: BacktestView): Html =>
  Option.match(view.curve, {
    onNone: () => tooShort,
    onSome: (curve) => {
      const picture = { ...pictureOf(view, curve), books: [{ curve }], profile: view.result.inputs.profile }
      return html`${figure(
        "drawdown",
        (place) => drawdownChart(picture, place),
        legend(
          view,
          curve,
          (one) => `${percent(drawdownSeries(one).reduce((a, b) => Math.min(a, b)))} at worst`,
          html`${Option.toArray(drawnLimit(picture)).map((limit) => html`<li><span class="line limit"></span>drawdown limit ${plainPercent(limit)}</li>`)}`
        ),
        "Equity at each close against its highest value since the start."
      )}${fallTable(curve)}`
    }
  })

const fallTable = (curve: EquityCurve): Html => {
  const falls = deepestFalls(curve, FALLS).filter(({ depth }) => depth <= -LEAST_FALL)
  if (falls.length === 0) return html`<p>Equity was never noticeably below an earlier peak.</p>`
  return table({
    id: "falls",
    caption: "Deepest falls",
    heads: [wordHeads("Peak", "Lowest", "Back at the peak"), numberHeads("Depth", "Sessions")],
    rows: falls.map(
      ({ depth, peak, recovered, sessions, trough }) =>
        html`<tr>
          <th scope="row"><time>${peak}</time></th>
          <td class="text"><time>${trough}</time></td>
          <td class="text">
            ${recovered === undefined ? "not by the end" : html`<time>${recovered}</time>`}
          </td>
          <td>${percent(depth, 2)}</td>
          <td>${count(sessions)}</td>
        </tr>`
    )
  })
}

const mostOf = (values: Float64Array): number =>
  values.reduce((top, value) => (value > top ? value : top), Number.NEGATIVE_INFINITY)

const last = (values: Float64Array): number => values.at(-1) ?? Number.NaN

const figureOr = (value: number, text: (value: number) => string): string =>
  Number.isFinite(value) ? text(value) : "–"

export const rollingSection = (view: BacktestView): Html => {
  if (Option.isNone(view.curve) || Option.isNone(view.returns)) {
    return html`<p>
      There are no returns to look
      at${Option.isNone(view.curve) ? "" : ": the account was worth nothing or less"}.
    </p>`
  }
  const returns = view.returns.value
  const window = windowOf(returns.length)
  if (window === undefined) {
    return html`<p>
      Left out: a window of a quarter needs ${FEWEST_RETURNS} sessions at least, and there are
      ${count(returns.length)}.
    </p>`
  }
  const dates = sessionsOf(view.curve.value)
  const days = dayRange([view.curve.value])
  const own = rolling(returns, window)
  const held = Option.map(
    Option.filter(view.benchmark, (curve) => Option.isNone(ruinedOn(curve))),
    (curve) => ({ dates: sessionsOf(curve), ...rolling(dailyReturns(curve), window) })
  )
  const lines = (of: (values: Rolling) => Float64Array): ReadonlyArray<StripLine> => [
    ...Option.toArray(held).map((other) => ({
      dates: other.dates,
      values: of(other),
      color: "bench",
      width: 1.1
    })),
    { dates, values: of(own), color: "s0", width: 1.5 }
  ]
  const strip = (
    id: string,
    name: string,
    of: (values: Rolling) => Float64Array,
    text: (value: number) => string,
    label: (value: number) => string
  ): Html =>
    html`<h3 id="${id}">${name}</h3>
      ${figure(
        id,
        (place) => stripChart({ days, lines: lines(of), label, reach: [] }, place),
        html`<ul class="legend">
          ${legendItem("s0", view.name, `${figureOr(last(of(own)), text)} at the end`)}${Option.toArray(
            held
          ).map((other) =>
            legendItem("bench", BENCHMARK_NAME, `${figureOr(last(of(other)), text)} at the end`)
          )}
        </ul>`,
        `Of the ${window} sessions up to each, a year having 252.`
      )}`
  return html`${strip(
    "rolling-sharpe",
    "Sharpe ratio",
    ({ sharpe }) => sharpe,
    (value) => decimal(value, 2),
    (value) => decimal(value, Number.isInteger(value) ? 0 : 1)
  )}${strip(
    "rolling-volatility",
    "Volatility",
    ({ volatility }) => volatility,
    (value) => percent(value),
    plainPercent
  )}`
}

const periodWords: Readonly<Record<TurnoverPeriod, string>> = {
  session: "session",
  month: "month",
  quarter: "quarter",
  year: "year"
}

const ratioLine = (
  curve: EquityCurve,
  column: Column,
  look: Omit<StripLine, "dates" | "values">
): StripLine => ({
  ...look,
  dates: curve.dates,
  values: exposureRatios({ curve, grossExposures: column })
})

export const exposureSection = (view: BacktestView): Html =>
  Option.match(view.curve, {
    onNone: () => tooShort,
    onSome: (curve) => html`${exposureFigure(view, curve)}${turnoverFigure(view, curve)}`
  })

const meanOf = (values: Float64Array): number => {
  const finite = values.subarray(1).filter(Number.isFinite)
  return finite.reduce((sum, value) => sum + value, 0) / finite.length
}

const exposureFigure = (view: BacktestView, curve: EquityCurve): Html => {
  const gross = Option.map(view.gross, (column) =>
    ratioLine(curve, column, { color: "s0", width: 0.9, filled: true })
  )
  const net = Option.map(view.net, (column) => ratioLine(curve, column, { color: "s1", width: 0.8 }))
  // Net is gross while nothing is short: one line then.
  const same =
    Option.isSome(gross) &&
    Option.isSome(net) &&
    net.value.values.every((value, i) => Object.is(value, gross.value.values[i]))
  const drawn = [
    ...Option.toArray(gross).map((line) => ({
      line,
      name: same ? "gross and net" : "gross",
      color: "s0" as const
    })),
    ...(same ? [] : Option.toArray(net).map((line) => ({ line, name: "net", color: "s1" as const })))
  ]
  if (drawn.length === 0) return html`<p>What was exposed is not in this result.</p>`
  return html`<h3 id="gross-net">Gross and net</h3>
    ${figure(
      "gross-net",
      (place) =>
        stripChart(
          { days: dayRange([curve]), lines: drawn.map(({ line }) => line), label: plainPercent, reach: [1] },
          place
        ),
      html`<ul class="legend">
        ${drawn.map(({ color, line, name }) => legendItem(color, name, `${figureOr(meanOf(line.values), percent)} on average, ${figureOr(mostOf(line.values), percent)} at most`))}
      </ul>`,
      `Positions at each close as a part of equity: long and short together (gross), long less short (net).${same ? " Nothing was short." : ""}`
    )}`
}

const turnoverFigure = (view: BacktestView, curve: EquityCurve): Html => {
  if (Option.isNone(view.traded)) return html`<p>What was traded each session is not in this result.</p>`
  const sessions = sessionsOf(curve)
  const bars = (screen: "wide" | "narrow") =>
    turnoverOf(sessions, Option.getOrThrow(view.traded).subarray(1), curve.equities.subarray(1), most[screen])
  const wide = bars("wide")
  const narrow = bars("narrow")
  const words =
    wide.period === narrow.period
      ? `by ${periodWords[wide.period]}`
      : `by ${periodWords[wide.period]}, on a narrow screen by ${periodWords[narrow.period]}`
  return html`<h3 id="turnover">Turnover</h3>
    ${figure(
      "turnover",
      (place) => turnoverChart(place.screen === "wide" ? wide : narrow, dayRange([curve]), place),
      html``,
      `Bought and sold over the mean equity, ${words}; all sold and bought back is 200%.`
    )}`
}
