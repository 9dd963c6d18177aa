/** What would happen to an order, and why, for a person to look over before it is sent. */
import type { OrderContent } from "../../domain/Order.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import type { Verdict } from "../../domain/Verdict.ts"
import type { Preview } from "../../execution/Broker.ts"
import { toExchangeTime } from "../../market/TradingCalendar.ts"
import { counted, percent, priceWords, type Style, table } from "./Format.ts"
import { legWords } from "./LegWords.ts"
import { contentWords, netWords } from "./OrderWords.ts"

const measure = (value: number, unit: Verdict["unit"]): string => {
  switch (unit) {
    case "ratio":
      return percent(value)
    case "usd": {
      // A price below a dollar has more to tell than cents.
      const most = Math.abs(value) < 1 ? 4 : 2
      const digits = { minimumFractionDigits: 2, maximumFractionDigits: most }
      return `${value < 0 ? "-" : ""}$${Math.abs(value).toLocaleString("en-US", digits)}`
    }
    case "seconds":
      return `${Number(value.toFixed(2))} s`
    default:
      return String(Number(value.toFixed(6)))
  }
}

/** "9.46% of 25.00%"; empty for a rule without a number. */
export const measured = ({ limit, unit, value }: Verdict): string => {
  if (value === undefined) return limit === undefined ? "" : `limit ${measure(limit, unit)}`
  return limit === undefined ? measure(value, unit) : `${measure(value, unit)} of ${measure(limit, unit)}`
}

export const quoteWords = (quote: QuoteTick): string => {
  const modelled = quote.modelled.length === 0 ? "" : `; modelled: ${quote.modelled.join(", ")}`
  return `${priceWords(quote.last)}, bid ${priceWords(quote.bid)}, ask ${priceWords(quote.ask)}, at ${toExchangeTime(quote.tsEvent)} (${quote.source}${modelled})`
}

/** Refusals first, then what was let off, then the rest in a few lines. */
export const verdictLines = (verdicts: ReadonlyArray<Verdict>, style: Style): ReadonlyArray<string> => {
  const of = (outcome: Verdict["outcome"]) => verdicts.filter((verdict) => verdict.outcome === outcome)
  const told = (verdict: Verdict, colour: (text: string) => string, word: string) => {
    const numbers = measured(verdict)
    return `  ${colour(word)} ${verdict.rule}${numbers === "" ? "" : ` (${numbers})`}: ${verdict.message}`
  }
  const passed = of("pass")
  const withNumbers = passed.filter((verdict) => measured(verdict) !== "")
  const others = passed.filter((verdict) => measured(verdict) === "")
  const names = others.map(({ rule }) => rule).join(", ")
  return [
    ...of("deny").map((verdict) => told(verdict, style.red, "DENIED by")),
    ...of("exempt").map((verdict) => told(verdict, style.yellow, "exempt from")),
    `  ${style.green("passes")} ${counted(passed.length, "rule")}${withNumbers.length === 0 ? `: ${names}` : ":"}`,
    ...table(
      withNumbers.map((verdict) => [verdict.rule, measured(verdict)]),
      { indent: "    " }
    ).map(style.dim),
    ...(others.length === 0 || withNumbers.length === 0 ? [] : [style.dim(`    and ${names}`)])
  ]
}

/** The market of each leg, then of all of them together; nothing for an order without legs. */
const legLines = ({ legs, netQuote, terms }: Preview): ReadonlyArray<string> => {
  if (legs.length === 0) return []
  const rows = (terms ?? []).map((leg, at) => {
    const quote = legs[at]
    return [legWords(leg), quote === undefined ? "no price now" : quoteWords(quote)]
  })
  return [
    ...table(rows, { indent: "  " }),
    netQuote === undefined
      ? "  together no price now"
      : `  together ${netWords(netQuote.ask)} now, ${netWords(-netQuote.bid)} to undo it`
  ]
}

const marketLines = (preview: Preview): ReadonlyArray<string> => {
  const { legs, quote } = preview
  if (legs.length > 0) return legLines(preview)
  return [quote === undefined ? "  no price now" : `  market ${quoteWords(quote)}`]
}

/** `outlook`: what it makes of the position, in lines. */
export const previewText = (
  content: OrderContent,
  preview: Preview,
  style: Style,
  outlook: ReadonlyArray<string> = []
): string => {
  const { denied, reducing, verdicts } = preview
  return [
    `${style.bold(contentWords(content))}${reducing ? "  (makes its position smaller)" : ""}`,
    ...marketLines(preview),
    ...outlook,
    ...verdictLines(verdicts, style),
    ...(denied === undefined ? [] : [style.red(`  It would be denied by the rule ${denied.rule}.`)])
  ].join("\n")
}

export const verdictJson = ({ limit, message, outcome, rule, unit, value }: Verdict) => ({
  rule,
  outcome,
  ...(value === undefined ? {} : { value }),
  ...(limit === undefined ? {} : { limit }),
  unit,
  message
})
