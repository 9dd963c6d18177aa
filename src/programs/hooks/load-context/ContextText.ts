/** What is told of the desk when a session begins: a text of bounded length for the model, a few lines for the person. */
import { Option, Result } from "effect"
import type { Order } from "../../../domain/Order.ts"
import type { DeskStatus } from "../../../execution/DeskView.ts"
import { optionDesk } from "../../../execution/options/OptionDesk.ts"
import type { FillRecord } from "../../../execution/OrderJournal.ts"
import { phaseAt, toExchangeTime } from "../../../market/TradingCalendar.ts"
import { fillRows } from "../../../portfolio/FillRows.ts"
import type { CanaryRun } from "../../claude/Canary.ts"
import {
  counted,
  percent,
  plainStyle,
  priceWords,
  shareCount,
  signedPercent,
  signedUsd,
  usd
} from "../../cli/Format.ts"
import { fillWords } from "../../cli/FillWords.ts"
import { contentWords, symbolOf } from "../../cli/OrderWords.ts"
import {
  causeWords,
  dayRatio,
  drawdownRatio,
  limitUses,
  type Picture,
  statusLine,
  wayOut
} from "../../cli/StatusReport.ts"
import { printable } from "../../cli/Terminal.ts"

/** The model is told no more characters than this. */
export const MAX_CONTEXT = 2_000

/** Positions that are named; more are counted. */
const SHOWN_POSITIONS = 5

export interface SessionFacts {
  readonly picture: Picture
  readonly canary: CanaryRun
  readonly lastOrder: Order | undefined
  readonly lastFill: FillRecord | undefined
  /** What the client's settings leave open. */
  readonly holes: ReadonlyArray<string>
}

export interface Told {
  /** For the model. */
  readonly context: string
  /** For the person. */
  readonly banner: string
}

/** One line with nothing in it that a terminal acts on, cut to `most` characters. */
export const line = (text: string, most: number): string => {
  const clean = printable(text.trim().replaceAll(/\s+/gu, " "))
  return clean.length <= most ? clean : `${clean.slice(0, most - 1).replace(/\p{Cs}$/u, "")}…`
}

const orUnknown = (value: Option.Option<number>, words: (micros: number) => string): string =>
  Option.match(value, { onNone: () => "unknown", onSome: words })

const stateLine = ({ damage, limits, state, status }: Picture): string => {
  const why = causeWords(status)
  const reason =
    state === undefined ? "" : `: "${line(state.reason, 150)}" (${line(state.by, 30)}, ${state.at})`
  const way = why.length === 0 ? "" : `. ${wayOut(status)}`
  const notes = [
    ...(damage === undefined ? [] : [`DAMAGED, takes no orders: ${line(damage, 120)}`]),
    ...(Result.isFailure(limits) ? [`NO LIMITS in force, no order passes: ${line(limits.failure, 160)}`] : [])
  ]
  return [
    `Trading ${status.tradingState.toUpperCase()}${why.length === 0 ? "" : ` (${why.join(", ")})`}${reason}${way}`,
    ...notes
  ].join(". ")
}

/** How the canary went, in one sentence. */
export const canaryWords = ({ consequence, result }: CanaryRun): string => {
  switch (result._tag) {
    case "Denied":
      return `canary: an order that must be denied was denied by the hook risk-validator and by the broker (${result.rule})`
    case "NotRun":
      return `canary: not run, for ${line(result.why, 200)}`
    case "Failed":
      return `CANARY FAILED, ${consequenceWords(consequence)}: ${line(result.problem, 230)}. plimsoll doctor shows more`
  }
}

const consequenceWords = (consequence: CanaryRun["consequence"]): string => {
  switch (consequence?._tag) {
    case "Halted":
      return "trading is halted"
    case "HaltedBefore":
      return "trading was halted already and stays so"
    case "NotHalted":
      return `and trading could NOT be halted (${line(consequence.why, 120)}): do not order`
    case undefined:
      return "do not order"
  }
}

const moneyLine = ({ status }: Picture): string => {
  const day = dayRatio(status)
  const fall = drawdownRatio(status)
  return `Value ${orUnknown(status.equity, usd)}, cash ${usd(status.cash)}, day ${orUnknown(status.dayResult, signedUsd)}${day === undefined ? "" : ` (${signedPercent(day)})`}, drawdown ${fall === undefined ? "unknown" : percent(fall)}`
}

const positionsLine = ({ positions }: DeskStatus): string => {
  if (positions.length === 0) return "No positions"
  const named = positions
    .slice(0, SHOWN_POSITIONS)
    .map(
      ({ mark, position, unrealised }) =>
        `${line(symbolOf(position.instrumentId), 24)} ${shareCount(position.quantity)} at ${orUnknown(mark, priceWords)} (${orUnknown(unrealised, signedUsd)})`
    )
  const more = positions.length - named.length
  return `${counted(positions.length, "position")}: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`
}

/** The first of what a holder of options has to beware of, and how many there are. */
const optionsLine = (status: DeskStatus): ReadonlyArray<string> => {
  const { warnings } = optionDesk(status)
  const [first] = warnings
  if (first === undefined) return []
  const more = warnings.length === 1 ? "" : `; ${warnings.length - 1} more in get_positions`
  return [`${first.kind}: ${line(first.message, 190)}${more}`]
}

/** How long a quote is good, in the time of whoever reads this. */
const quoteAge = ({ clock, limits, status }: Picture): string => {
  if (status.now >= clock.until) return "the replay has ended: prices do not move any more"
  if (!clock.running) return "clock paused: prices stand still and quotes do not age until a person moves it"
  if (Result.isFailure(limits)) return `clock running at ${clock.speed}×`
  const seconds = limits.success.limits.quoteStalenessSeconds.equity
  return `clock running at ${clock.speed}×: a quote is too old after ${seconds} s of market time, ${Number((seconds / clock.speed).toFixed(2))} s of yours`
}

const marketLine = (picture: Picture): string => {
  const { now } = picture.status
  const { nextClose, nextOpen, phase } = phaseAt(now)
  const next =
    phase === "open"
      ? `open until ${toExchangeTime(nextClose).slice(11)}`
      : `closed until ${toExchangeTime(nextOpen)}`
  return `Market time ${toExchangeTime(now)}, ${next}; ${quoteAge(picture)}`
}

/** A trade without its symbol: the order beside it has that. */
const lastFillWords = ({ fill }: FillRecord): string => {
  const words =
    fill._tag === "OrderFilled"
      ? `${shareCount(fill.quantity)} at ${priceWords(fill.price)}`
      : fillRows(fill).map(fillWords).join(" and ")
  return `${words}, ${toExchangeTime(fill.tsEvent)}`
}

const lastLine = ({ lastFill, lastOrder, picture }: SessionFacts): string => {
  const { working } = picture.status
  const order =
    lastOrder === undefined
      ? "no orders yet"
      : `last order ${line(contentWords(lastOrder.content), 90)}: ${lastOrder.status}, ${toExchangeTime(lastOrder.tsInit)}`
  const fill = lastFill === undefined ? "" : `; last fill ${lastFillWords(lastFill)}`
  return `${counted(working.length, "working order")}; ${order}${fill}`
}

const limitsLine = ({ limits, status }: Picture): string => {
  if (Result.isFailure(limits)) return "Limits: none in force"
  const uses = limitUses(status, limits.success).map(({ limit, unit, used, value }) => {
    const words = (n: number) => (unit === "ratio" ? percent(n) : String(n))
    return `${limit} ${used === undefined ? "unknown" : words(used)} of ${words(value)}`
  })
  const { orderNotionalRatio } = limits.success.limits
  return `Limits used: ${uses.join(", ")}; one order at most ${percent(orderNotionalRatio)} of value`
}

const howToWork = [
  "To order: get_quote, then preview_order, then place_order citing that quote_id, with your reason as rationale.",
  "A denial names its rule, value and limit: do as it says or leave it, never work around it. Anyone may halt_trading; only a person resumes."
]

const holesLine = (holes: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first] = holes
  if (first === undefined) return []
  return [
    `GUARDS OPEN: ${line(first, 220)}${holes.length === 1 ? "" : `; and ${holes.length - 1} more`} (plimsoll doctor)`
  ]
}

/** No text of the outside makes it longer: each line has its bound, and the whole too. */
const within = (lines: ReadonlyArray<string>): string => {
  const text = lines.join("\n")
  return text.length <= MAX_CONTEXT ? text : `${text.slice(0, MAX_CONTEXT - 1).replace(/\p{Cs}$/u, "")}…`
}

export const sessionText = (facts: SessionFacts): Told => {
  const { canary, holes, picture } = facts
  const canarySaid = canaryWords(canary)
  return {
    context: within([
      `Plimsoll trading desk "${line(picture.status.accountId, 40)}", mode PAPER.`,
      line(stateLine(picture), 460),
      line(canarySaid, 360),
      ...holesLine(holes),
      ...howToWork,
      moneyLine(picture),
      line(marketLine(picture), 240),
      line(positionsLine(picture.status), 340),
      ...optionsLine(picture.status),
      line(lastLine(facts), 260),
      line(limitsLine(picture), 260)
    ]),
    banner: [
      `Plimsoll  ${statusLine(picture, plainStyle)}`,
      line(marketLine(picture), 240),
      line(canarySaid, 400),
      ...holesLine(holes)
    ].join("\n")
  }
}

/** A desk that cannot be looked at. */
export const brokenText = (home: string, problem: string, holes: ReadonlyArray<string>): Told => {
  const what = `The desk in ${line(home, 160)} cannot be used, and no order passes while that is so: ${line(problem, 700)}`
  return {
    context: within([
      "Plimsoll trading desk, mode PAPER.",
      what,
      "canary: not run, for there is no desk to run it on.",
      ...holesLine(holes),
      "Do not try to order. Tell the person: plimsoll doctor shows what is wrong and what to do."
    ]),
    banner: [
      "Plimsoll  PAPER  NO DESK, NO ORDERS",
      what,
      ...holesLine(holes),
      "plimsoll doctor says what to do"
    ].join("\n")
  }
}
