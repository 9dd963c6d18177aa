/** Everything the run was made from, so that it can be made again. */
import { count, counted, dollars } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import type { RunReport } from "./RunReport.ts"

/** Bad rows listed at most. */
const ROWS_SHOWN = 20

export const strategies = ({ books }: RunReport): Html =>
  html`${books.map(
    (book, i) =>
      html`<h3 id="strategy-${i + 1}">${book.name}</h3>
        <p>${book.description}</p>
        ${
          book.parameters.length === 0
            ? ""
            : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="strategy-${i + 1}">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Parameter</th>
                      <th scope="col">Value</th>
                      <th scope="col">Meaning</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${book.parameters.map(
                      ({ name, value, meaning }) =>
                        html` <tr>
                          <th scope="row">${name}</th>
                          <td class="text">${value}</td>
                          <td class="text wide-text">${meaning}</td>
                        </tr>`
                    )}
                  </tbody>
                </table>
              </div>`
        }`
  )}`

/** A line of a list of class `inputs`. */
export const input = (name: string, value: Html | string | ReadonlyArray<Html>): Html =>
  html`<dt>${name}</dt>
    <dd>${value}</dd>`

export const reproduction = (report: RunReport): Html => {
  const { models, books } = report
  return html`<p>The same command on the same data gives the same journal, byte for byte, on any machine.</p>
    <dl class="inputs">
      ${input("Command", html`<code>${report.command}</code>`)}
      ${input("Run", html`<code>${report.runId}</code>`)} ${input("Seed", html`<code>${report.seed}</code>`)}
      ${books.map((book) => input(`Journal of ${book.name}`, html`<code>${book.journalHash}</code>`))}
      ${books.map((book) => input(`Cash of ${book.name}`, dollars(book.startingCash)))}
      ${input("Market", report.market.source)}
      ${input("Limits", `${report.profile.name}: ${report.profile.label}`)}
      ${input("After a drawdown trip", report.resumePolicy)}
      ${input("Fill model", `${models.fill.name}: ${models.fill.description}`)}
      ${input("Fee model", `${models.fee.name}: ${models.fee.description}`)}
      ${input("Slippage model", `${models.slippage.name}: ${models.slippage.description}`)}
      ${input("Made by", report.generatedBy)}
    </dl>
    ${skippedRows(report)}`
}

const skippedRows = ({ market: { skippedRows: rows } }: RunReport): Html => {
  if (rows.length === 0) return html``
  const rest = rows.length - ROWS_SHOWN
  return html`<h3 id="skipped">${counted(rows.length, "row")} left out</h3>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="skipped">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" class="number">Row</th>
            <th scope="col">Problem</th>
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, ROWS_SHOWN).map(
            ({ file, row, problem }) =>
              html` <tr>
                <th scope="row">${file}</th>
                <td>${count(row)}</td>
                <td class="text wide-text">${problem}</td>
              </tr>`
          )}
        </tbody>
      </table>
    </div>
    ${rest > 0 ? html`<p class="fine">And ${counted(rest, "more row")}.</p>` : ""}`
}

export const nextSteps = ({ next }: RunReport): Html =>
  html`<ul class="commands">
    ${next.map(({ command, purpose }) => html`<li><code>${command}</code>${purpose}</li>`)}
  </ul>`
