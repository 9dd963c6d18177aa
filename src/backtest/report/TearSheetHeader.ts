/** The top of a tear sheet: what was tried, on what, and what came of it. */
import { Option } from "effect"
import { performance } from "../../portfolio/Performance.ts"
import { count, counted, decimal, dollars, percent, signedPercent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { facts, overline, sectionLinks } from "../../session/report/Page.ts"
import { tile, tileRow } from "../../session/report/Tiles.ts"
import type { BacktestInputs } from "../BacktestInputs.ts"
import { cleanPart, contaminationOf, contaminationWords, type Label } from "../robustness/Contaminated.ts"
import { type BacktestView, firstSession, lastSession } from "./BacktestView.ts"
import { resolutionWords } from "./Words.ts"

/** Symbols named at the top; all are under "Reproduce". */
const NAMED_SYMBOLS = 8

export const symbolsText = ({ symbols }: BacktestInputs["data"]): string =>
  symbols.length <= NAMED_SYMBOLS
    ? symbols.join(", ")
    : `${symbols.slice(0, NAMED_SYMBOLS).join(", ")} and ${symbols.length - NAMED_SYMBOLS} more`

/** Parameters by name, as they were. */
export const parameterChips = ({ parameters }: BacktestInputs["algorithm"]): Html => {
  const entries = Object.entries(parameters)
  return entries.length === 0
    ? html``
    : html`<ul class="chips" aria-label="Parameters">
        ${entries.map(([name, value]) => html`<li><span>${name}</span>${String(value)}</li>`)}
      </ul>`
}

/** Nothing of what may be carried over to a desk. */
export const stamp = ({ contaminated, label, promotable }: Label): Html =>
  html`${
    contaminated === undefined
      ? ""
      : html`<p class="stamp"><strong>Contaminated</strong> <span>${contaminated}.</span></p>`
  }${
    promotable
      ? ""
      : html`<p class="stamp">
          <strong>Not promotable</strong> <span>${label}. Nothing here may be carried over to a desk.</span>
        </p>`
  }`

/** What its model had read about, and what is left of it when only the rest counts. */
const contaminationStamp = ({ content, result: { inputs } }: BacktestView): Html => {
  const words = contaminationWords(contaminationOf(inputs, content.dates))
  if (words === undefined) return html``
  const clean = Option.match(cleanPart(content, inputs.algorithm.knowledgeCutoff), {
    onNone: () => "",
    onSome: ({ maxDrawdown, sessions, sharpe, totalReturn }) =>
      `The clean part alone, ${counted(sessions, "session")}: total return ${headText("totalReturn", totalReturn)}, Sharpe ratio ${headText("sharpe", sharpe)}, maximum drawdown ${headText("maxDrawdown", maxDrawdown)}.`
  })
  return html`<p class="stamp"><strong>Contaminated</strong> <span>${words}. ${clean}</span></p>`
}

export const tearSheetHeader = (
  view: BacktestView,
  sections: ReadonlyArray<readonly [id: string, name: string]>
): Html => {
  const { algorithm, cash, data, engine, profile } = view.result.inputs
  return html`<header>
    ${overline(
      engine.name === "lean"
        ? "A backtest by QuantConnect LEAN, shown by Plimsoll."
        : "Plimsoll, a backtest. No order left this computer."
    )}
    <h1>${view.name}</h1>
    ${facts([
      `${symbolsText(data)}, ${resolutionWords[data.resolution]}`,
      `${firstSession(view)} to ${lastSession(view)}`,
      counted(view.content.dates.length, "session"),
      data.source,
      `${dollars(cash).replace(/\.00$/u, "")} to begin with`,
      `engine ${engine.name}${engine.version === "unknown" ? ", version unknown" : ` ${engine.version}`}`,
      ...(profile.promotable ? [profile.label] : [])
    ])}
    ${parameterChips(algorithm)}${contaminationStamp(view)}${stamp(profile)}${sectionLinks(sections)}
  </header>`
}

type HeadFigure = "totalReturn" | "cagr" | "sharpe" | "maxDrawdown" | "volatility"

const signed: ReadonlySet<HeadFigure> = new Set(["totalReturn", "cagr"])

const headText = (key: HeadFigure, value: number | null | undefined): string => {
  if (value === null || value === undefined) return "–"
  return key === "sharpe" ? decimal(value, 2) : signed.has(key) ? signedPercent(value) : percent(value)
}

/** The figures that are looked at first, with those of the benchmark. */
export const keyFigures = (view: BacktestView): Html => {
  const { content } = view
  const { own } = content.statistics
  const held = Option.map(
    view.benchmark,
    (curve) => performance(curve, { grossExposures: curve.equities, tradedNotional: 0 }).statistics
  )
  const beside = (key: HeadFigure): Html =>
    Option.match(held, {
      onNone: () => html``,
      onSome: ({ [key]: statistic }) =>
        html` <small>held: ${headText(key, statistic._tag === "Value" ? statistic.value : null)}</small>`
    })
  const head = (name: string, key: HeadFigure): Html =>
    tile(name, html`${headText(key, own[key])}${beside(key)}`)
  const { exposedDays, sharpeStandardError: error } = own
  return html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      head("Total return", "totalReturn"),
      head("Per year", "cagr"),
      head("Maximum drawdown", "maxDrawdown"),
      head("Volatility", "volatility"),
      head(
        typeof error === "number" ? `Sharpe ratio (standard error ${decimal(error, 2)})` : "Sharpe ratio",
        "sharpe"
      ),
      tile("Trades", html`${count(content.trades.length)} <small>${wonText(view)}</small>`),
      tile("Fees", html`${dollars(content.fees)} <small>${feeText(view)}</small>`),
      ...(typeof exposedDays === "number"
        ? [
            tile(
              "Sessions exposed",
              html`${percent(exposedDays)} <small>${turnoverText(own["turnover"])}</small>`
            )
          ]
        : [])
    ])}
    ${
      Option.isSome(view.benchmark)
        ? html`<p class="fine">
            Held: the starting cash spread over the symbols at their first closes and held, without fees.
          </p>`
        : ""
    }
  </section>`
}

const turnoverText = (turnover: number | null | undefined): string =>
  typeof turnover === "number" ? `turnover ${decimal(turnover, 1)} a year` : ""

const wonText = ({ content }: BacktestView): string => {
  const closed = content.trades.filter(({ exitTime }) => exitTime !== undefined)
  return closed.length === 0
    ? "none closed"
    : `${percent(closed.filter(({ profit }) => profit > 0).length / closed.length, 0)} won`
}

const feeText = ({ content }: BacktestView): string => {
  const denied = content.denials.reduce((sum, denial) => sum + denial.count, 0)
  return `${counted(content.fills.length, "fill")}, ${counted(denied, "order")} denied`
}
