/** Puts a text into every place of a report that takes one. */
import type { BookReport, RunReport } from "../../../src/session/report/RunReport.ts"

/** The same report with each free text replaced: by `text`, or by what it makes of the place's name. */
export const withTexts = (report: RunReport, text: string | ((field: string) => string)): RunReport => {
  const as = (field: string): string => (typeof text === "string" ? text : text(field))
  const book = (own: BookReport, i: number): BookReport => ({
    ...own,
    name: as(`book-${i}-name`),
    summary: as(`book-${i}-summary`),
    description: as(`book-${i}-description`),
    parameters: [
      { name: as(`book-${i}-parameter`), value: as(`book-${i}-value`), meaning: as(`book-${i}-meaning`) }
    ],
    denials: own.denials.map((denial) => ({ ...denial, example: as(`book-${i}-example-${denial.rule}`) })),
    breakerEvents: own.breakerEvents.map((event) => ({
      ...event,
      note: event.kind === "lapsed" ? event.note : as(`book-${i}-note`)
    })),
    positions: own.positions.map((position) => ({ ...position, symbol: as(`book-${i}-symbol`) })),
    journalHash: as(`book-${i}-hash`)
  })
  const model = (name: string) => ({ name: as(`${name}-name`), description: as(`${name}-description`) })
  const [first, ...rest] = report.books
  return {
    ...report,
    runId: as("run"),
    title: as("title"),
    books: [book(first, 1), ...rest.map((other, i) => book(other, i + 2))],
    benchmark: {
      ...report.benchmark,
      name: as("benchmark-name"),
      description: as("benchmark-description")
    },
    market: {
      ...report.market,
      source: as("source"),
      caveats: [as("caveat-1"), as("caveat-2")],
      ...(report.market.separateFrom === undefined
        ? {}
        : { separateFrom: { ...report.market.separateFrom, reason: as("reason") } }),
      skippedRows: [{ file: as("file"), row: 7, problem: as("problem") }]
    },
    profile: { ...report.profile, name: as("profile-name"), label: as("profile-label") },
    resumePolicy: as("resume-policy"),
    models: { fill: model("fill"), fee: model("fee"), slippage: model("slippage") },
    command: as("command"),
    generatedBy: as("generated-by"),
    next: [{ command: as("next-command"), purpose: as("next-purpose") }]
  }
}
