/** How the desk stands, for people and for machines. */
import { Effect, Option, Result } from "effect"
import { formatMicros } from "../../domain/Money.ts"
import { type Timestamp, toIso } from "../../domain/Timestamp.ts"
import { type DeskStatus, DeskView } from "../../execution/DeskView.ts"
import { OrderJournal } from "../../execution/OrderJournal.ts"
import { MarketClockControl, type ReplayStatus } from "../../market/MarketClockControl.ts"
import { phaseAt, toExchangeTime } from "../../market/TradingCalendar.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { turnCrank } from "../DeskProgram.ts"
import { risksOf } from "../../execution/options/OptionDesk.ts"
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import type { LimitsInForce } from "../../risk/SealedLimits.ts"
import {
  counted,
  percent,
  priceWords,
  shareCount,
  signedPercent,
  signedUsd,
  type Style,
  table,
  usd
} from "./Format.ts"
import { contentWords, orderJson, symbolOf } from "./OrderWords.ts"
import { optionLines, optionsJson, warnedOf } from "./StatusOptions.ts"
import { printable } from "./Terminal.ts"

/** Why trading is not active: the change in the journal that last moved it. */
export interface StateReason {
  readonly reason: string
  /** Market time, as New York's clock shows it. */
  readonly at: string
  readonly ts: Timestamp
  readonly by: string
}

/** A limit, and how much of it is used; both ratios of equity, or counts. */
export interface LimitUse {
  readonly limit: string
  readonly unit: "ratio" | "count"
  readonly value: number
  /** Absent where it cannot be told. */
  readonly used: number | undefined
}

export interface Picture {
  readonly status: DeskStatus
  readonly clock: ReplayStatus
  /** The message says why there are none. */
  readonly limits: Result.Result<LimitsInForce, string>
  readonly state: StateReason | undefined
  /** Why this desk takes no orders although it can be looked at: its journal and its audit log differ. */
  readonly damage?: string
}

/** The desk at this moment; turns nothing. */
export const takePicture = Effect.gen(function* () {
  const view = yield* DeskView
  const status = yield* view.status
  const clock = yield* (yield* MarketClockControl).status
  const limits = yield* view.limits.pipe(
    Effect.map((inForce) => Result.succeed(inForce)),
    Effect.catchTag("LimitsUnreadable", (error) => Effect.succeed(Result.fail(error.message)))
  )
  const change =
    status.tradingState === "Active"
      ? Option.none()
      : yield* (yield* OrderJournal).latest("TradingStateChanged")
  const state = Option.match(change, {
    onNone: () => undefined,
    onSome: ({ actor, event }) =>
      event._tag === "TradingStateChanged"
        ? { reason: event.reason, at: toExchangeTime(event.tsEvent), ts: event.tsEvent, by: actor.name }
        : undefined
  })
  const picture: Picture = { status, clock, limits, state }
  return picture
})

/**
 * Turns the crank, and gives what a picture is to say beside the desk's own: a
 * damaged desk is not turned, but can be looked at.
 */
export const turnToLook = turnCrank.pipe(
  Effect.map(({ turned }): { readonly turned: boolean; readonly findings: Pick<Picture, "damage"> } => ({
    turned,
    findings: {}
  })),
  Effect.catchTag("JournalDisagrees", ({ message }) =>
    Effect.succeed({ turned: false, findings: { damage: message } })
  )
)

/** Of the prior close; undefined where it cannot be told. */
export const dayRatio = ({ dayResult, priorCloseEquity }: DeskStatus): number | undefined =>
  Option.isSome(dayResult) && priorCloseEquity > 0 ? dayResult.value / priorCloseEquity : undefined

/** From the peak, zero or below; undefined where it cannot be told. */
export const drawdownRatio = ({ equity, peakEquity }: DeskStatus): number | undefined =>
  Option.isSome(equity) && peakEquity > 0 ? Math.min(0, equity.value / peakEquity - 1) : undefined

/** Of equity, the largest position and all of them; shares count with the options on them, as the rules count these. */
const exposures = (
  status: DeskStatus,
  limits: RiskLimits
): { readonly largest: number; readonly gross: number } | undefined => {
  const { equity, positions } = status
  if (Option.isNone(equity) || equity.value <= 0) return undefined
  const risks = risksOf(status, limits)
  const withOptions = new Set(risks.map(({ underlying }) => underlying))
  const amounts = risks.map(({ reach }) => reach)
  for (const { marketValue, position } of positions) {
    if (position.contract !== undefined || withOptions.has(position.instrumentId)) continue
    if (Option.isNone(marketValue)) return undefined
    amounts.push(Math.abs(marketValue.value))
  }
  if (amounts.some(Number.isNaN)) return undefined
  return {
    largest: amounts.reduce((most, amount) => Math.max(most, amount), 0) / equity.value,
    gross: amounts.reduce((sum, amount) => sum + amount, 0) / equity.value
  }
}

/** Losses are zero or below, and so are their limits. */
const lossOf = (ratio: number | undefined): number | undefined =>
  ratio === undefined ? undefined : Math.min(0, ratio)

/** The limits that are used up as the desk trades; the others bind order by order. */
export const limitUses = (status: DeskStatus, { limits }: LimitsInForce): ReadonlyArray<LimitUse> => {
  const used = exposures(status, limits)
  return [
    { limit: "position", unit: "ratio", value: limits.positionRatio, used: used?.largest },
    { limit: "gross exposure", unit: "ratio", value: limits.grossExposureRatio, used: used?.gross },
    { limit: "day's loss", unit: "ratio", value: 0 - limits.dailyLossRatio, used: lossOf(dayRatio(status)) },
    {
      limit: "drawdown",
      unit: "ratio",
      value: 0 - limits.drawdownRatio,
      used: lossOf(drawdownRatio(status))
    },
    { limit: "open orders", unit: "count", value: limits.openOrders, used: status.working.length }
  ]
}

export const causeWords = ({ causes }: DeskStatus): ReadonlyArray<string> => [
  ...(causes.killSwitch ? ["kill switch"] : []),
  ...(causes.drawdown ? ["drawdown at its limit"] : []),
  ...(causes.dailyLoss ? ["day's loss at its limit"] : [])
]

/** What to do about a state that is not active. */
export const wayOut = ({ causes, halt }: DeskStatus): string =>
  Option.contains(halt, "unsettled")
    ? 'orders may still be working and are canceled again and again; a person who knows of them says so: plimsoll halt --acknowledge "reason"'
    : causes.killSwitch || causes.drawdown
      ? 'a person resumes: plimsoll resume "reason"'
      : "it lapses at the next session's open"

const optional = (micros: Option.Option<number>): string | null =>
  Option.isSome(micros) ? formatMicros(micros.value) : null

/** The picture for machines: decimals as strings, ratios as numbers, times in UTC. */
export const statusJson = ({ clock, damage, limits, state, status }: Picture) => {
  const { nextClose, nextOpen, phase } = phaseAt(status.now)
  return {
    mode: "paper",
    damage: damage ?? null,
    account_id: status.accountId,
    market_time: toIso(status.now),
    exchange_time: toExchangeTime(status.now),
    market: { phase, next_open: toIso(nextOpen), next_close: toIso(nextClose) },
    clock: { running: clock.running, speed: clock.speed, until: toIso(clock.until) },
    equity: optional(status.equity),
    cash: formatMicros(status.cash),
    day_result: optional(status.dayResult),
    day_return: dayRatio(status) ?? null,
    drawdown: drawdownRatio(status) ?? null,
    peak_equity: formatMicros(status.peakEquity),
    realised: formatMicros(status.realised),
    dividends: formatMicros(status.dividends),
    fees: formatMicros(status.fees),
    trading_state: status.tradingState,
    causes: causeWords(status),
    halt: Option.getOrNull(status.halt),
    corrections: Option.match(status.corrections, {
      onNone: () => null,
      onSome: ({ count, last, tsLast }) => ({ count, last, last_time: toIso(tsLast) })
    }),
    reason: state?.reason ?? null,
    positions: status.positions.map(({ mark, marketValue, position, unrealised }) => ({
      instrument_id: position.instrumentId,
      symbol: symbolOf(position.instrumentId),
      quantity: formatMicros(position.quantity),
      average_price: formatMicros(Ledger.averagePrice(position)),
      mark: optional(mark),
      market_value: optional(marketValue),
      unrealised: optional(unrealised)
    })),
    options: optionsJson(status),
    working_orders: status.working.map(orderJson),
    limits: Result.match(limits, {
      onFailure: (problem) => ({ problem }),
      onSuccess: (inForce) => ({
        profile: inForce.profile,
        hash: inForce.hash,
        uses: limitUses(status, inForce).map(({ limit, unit, used, value }) => ({
          limit,
          unit,
          value,
          used: used ?? null
        })),
        pending: inForce.differences
          .filter(({ direction }) => direction === "looser")
          .map(({ candidate, field, sealed }) => ({ field, sealed, candidate }))
      })
    }),
    sequence: status.sequence
  }
}

const stateWords = (style: Style, status: DeskStatus): string => {
  switch (status.tradingState) {
    case "Active":
      return style.green("ACTIVE")
    case "Reducing":
      return style.yellow("REDUCING")
    case "Halted":
      return style.red("HALTED")
  }
}

const orUnknown = (value: Option.Option<number>, words: (micros: number) => string): string =>
  Option.match(value, { onNone: () => "unknown", onSome: words })

const marketLine = ({ clock, status }: Picture): string => {
  const { nextClose, nextOpen, phase } = phaseAt(status.now)
  const next =
    phase === "open"
      ? `open, closes ${toExchangeTime(nextClose).slice(11)}`
      : `closed, opens ${toExchangeTime(nextOpen)}`
  const pace =
    status.now >= clock.until
      ? "the replay has ended"
      : clock.running
        ? `clock running at ${clock.speed}×`
        : "clock paused"
  return `${toExchangeTime(status.now)}   market ${next}; ${pace}`
}

const positionLines = (style: Style, { positions }: DeskStatus): ReadonlyArray<string> =>
  positions.length === 0
    ? [style.dim("No positions")]
    : [
        style.bold(counted(positions.length, "position")),
        ...table(
          positions.map(({ mark, marketValue, position, unrealised }) => [
            symbolOf(position.instrumentId),
            shareCount(position.quantity),
            `at ${priceWords(Ledger.averagePrice(position))}`,
            `now ${orUnknown(mark, priceWords)}`,
            orUnknown(marketValue, usd),
            orUnknown(unrealised, signedUsd)
          ]),
          { indent: "  ", right: [1, 2, 3, 4, 5] }
        )
      ]

const orderLines = (style: Style, { working }: DeskStatus): ReadonlyArray<string> =>
  working.length === 0
    ? [style.dim("No working orders")]
    : [
        style.bold(counted(working.length, "working order")),
        ...table(
          working.map((order) => [order.clientOrderId, contentWords(order.content), order.status]),
          { indent: "  " }
        )
      ]

const useWords = ({ unit, used, value }: LimitUse): ReadonlyArray<string> => {
  const words = (n: number) => (unit === "ratio" ? percent(n) : String(n))
  return [used === undefined ? "unknown" : words(used), `of ${words(value)}`]
}

const limitLines = (style: Style, { limits, status }: Picture): ReadonlyArray<string> => {
  if (Result.isFailure(limits))
    return [style.red("No limits in force, so no order passes"), `  ${limits.failure}`]
  const inForce = limits.success
  const pending = inForce.differences.filter(({ direction }) => direction === "looser")
  return [
    style.bold(`Limits in use (${inForce.profile})`),
    ...table(
      limitUses(status, inForce).map((use) => [use.limit, ...useWords(use)]),
      { indent: "  ", right: [1, 2] }
    ),
    ...pending.map(({ candidate, field, sealed }) =>
      style.yellow(
        `  ${field}: plimsoll.json asks for ${candidate}, ${sealed} holds until a person accepts it (plimsoll limits accept)`
      )
    )
  ]
}

const correctionLines = (style: Style, { corrections }: DeskStatus): ReadonlyArray<string> =>
  Option.match(corrections, {
    onNone: () => [],
    onSome: ({ count, last, tsLast }) => [
      style.red(`Books corrected ${count === 1 ? "once" : `${count} times`}: the venue held something else`),
      `  last at ${toExchangeTime(tsLast)}: ${last}`
    ]
  })

/** The picture for people. */
export const statusText = (picture: Picture, style: Style): string => {
  const { damage, state, status } = picture
  const day = dayRatio(status)
  const fall = drawdownRatio(status)
  const why = causeWords(status)
  return [
    `${style.bold("PAPER")}  ${status.accountId}   ${marketLine(picture)}`,
    ...(damage === undefined ? [] : [style.red(`DAMAGED  ${damage}`)]),
    "",
    ...table(
      [
        [
          "Equity",
          style.bold(orUnknown(status.equity, usd)),
          `day ${orUnknown(status.dayResult, signedUsd)}${day === undefined ? "" : ` (${signedPercent(day)})`}`,
          `drawdown ${fall === undefined ? "unknown" : percent(fall)} from ${usd(status.peakEquity)}`
        ],
        ["Cash", usd(status.cash), `realised ${signedUsd(status.realised)}`, `fees ${usd(status.fees)}`]
      ],
      { right: [1] }
    ),
    `Trading  ${stateWords(style, status)}${why.length === 0 ? "" : `: ${why.join(", ")}; ${wayOut(status)}`}`,
    ...(state === undefined
      ? []
      : [`         "${printable(state.reason)}", ${printable(state.by)}, ${state.at}`]),
    ...correctionLines(style, status),
    "",
    ...positionLines(style, status),
    ...optionLines(style, status),
    "",
    ...orderLines(style, status),
    "",
    ...limitLines(style, picture)
  ].join("\n")
}

/** Names in a line: as many as fit it. */
const SHOWN_NAMES = 3

const stillWorking = ({ halt, working }: DeskStatus): ReadonlyArray<string> => {
  if (!Option.contains(halt, "unsettled")) return []
  const names = working.slice(0, SHOWN_NAMES).map(({ clientOrderId }) => clientOrderId)
  const more = working.length > SHOWN_NAMES ? ` and ${working.length - SHOWN_NAMES} more` : ""
  return [`may still be working: ${names.length === 0 ? "not known" : `${names.join(", ")}${more}`}`]
}

/** The desk in one line. */
export const statusLine = (
  { damage, limits, status }: Pick<Picture, "damage" | "limits" | "status">,
  style: Style
): string => {
  const day = dayRatio(status)
  return [
    style.bold("PAPER"),
    orUnknown(status.equity, usd),
    `day ${day === undefined ? "unknown" : signedPercent(day)}`,
    ...(damage === undefined ? [] : [style.red("DAMAGED: plimsoll recover")]),
    Result.isFailure(limits) ? style.red("NO LIMITS, NO ORDERS") : stateWords(style, status),
    ...stillWorking(status).map(style.red),
    ...Option.match(status.corrections, {
      onNone: () => [],
      onSome: ({ count }) => [style.red(counted(count, "correction"))]
    }),
    counted(status.positions.length, "position"),
    ...warnedOf(status).map(style.yellow)
  ].join("  ")
}
