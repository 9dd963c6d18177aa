/** What differs between a play and one with another future, up to the cut. */
import type { Asked, FillStamp, Outcome, Perturbation, Stamped } from "./Stamped.ts"

/**
 * `future`: it changed with data of later. `inside-bar`: it was decided on prices
 * inside a bar, which are modelled from the bar's high, low and close, and changed
 * with these. `same-bar`: a fill at or before what it was decided on.
 * `known-price`: a market order that filled at a price from before it was sent.
 * `unrepeatable`: two plays on the same data differ.
 */
export const findingKinds = ["future", "inside-bar", "same-bar", "known-price", "unrepeatable"] as const
export type FindingKind = (typeof findingKinds)[number]

export interface LookAheadFinding {
  readonly kind: FindingKind
  readonly bar: number
  readonly date: string
  /** UTC microseconds it is stamped with. */
  readonly at: number
  readonly what: Stamped["kind"]
  readonly order: string
  readonly before: string
  readonly after: string
  /** The cut that showed it, UTC microseconds; undefined where none was needed. */
  readonly cut: number | undefined
  readonly perturbation: Perturbation | undefined
}

const NOTHING = "nothing"

export const keyOf = ({ at, kind, order }: Stamped): string => `${at}|${kind}|${order}`

/** Several of one key are one: an order may fill twice at a time. */
const byKey = (done: ReadonlyArray<Stamped>, until: number, textOf: (one: Stamped) => string) => {
  const all = new Map<string, { readonly one: Stamped; readonly text: string }>()
  for (const one of done) {
    if (one.at > until) continue
    const key = keyOf(one)
    const known = all.get(key)
    all.set(key, { one, text: known === undefined ? textOf(one) : `${known.text}; ${textOf(one)}` })
  }
  return all
}

const textOfAll = ({ text }: Stamped): string => text

/** Whether both are the same up to `until`, one after the other: what nearly all plays are. */
export const isSame = (
  before: ReadonlyArray<Stamped>,
  after: ReadonlyArray<Stamped>,
  until: number,
  textOf: (one: Stamped) => string = textOfAll
): boolean => {
  for (let i = 0; ; i++) {
    const [a, b] = [before[i], after[i]]
    if (a === undefined || a.at > until) return b === undefined || b.at > until
    if (b === undefined) return false
    if (a.at !== b.at || a.kind !== b.kind || a.order !== b.order || textOf(a) !== textOf(b)) return false
  }
}

export interface Difference {
  readonly one: Stamped
  readonly before: string
  readonly after: string
}

/** All that is not in both alike, of what is stamped at or before `until`; oldest first. */
export const differences = (
  before: ReadonlyArray<Stamped>,
  after: ReadonlyArray<Stamped>,
  until: number,
  textOf: (one: Stamped) => string = textOfAll
): ReadonlyArray<Difference> => {
  if (isSame(before, after, until, textOf)) return []
  const [a, b] = [byKey(before, until, textOf), byKey(after, until, textOf)]
  const found: Array<Difference> = []
  for (const [key, { one, text }] of a) {
    const other = b.get(key)
    if (other?.text !== text) found.push({ one, before: text, after: other?.text ?? NOTHING })
  }
  for (const [key, { one, text }] of b) if (!a.has(key)) found.push({ one, before: NOTHING, after: text })
  return found.toSorted((x, y) => x.one.at - y.one.at)
}

/** What happened inside a bar: to a strategy, or what it asked for. */
interface Inside {
  readonly at: number
  /** Undefined of what happened to it. */
  readonly asked: Asked | undefined
  /** Two are the same where these are. */
  readonly key: string
}

/** The venue and the rules come before the strategy of one instant. */
const insideOf = (
  { asked = [], done }: Outcome,
  { from, until }: { readonly from: number; readonly until: number }
): ReadonlyArray<Inside> => {
  const isInside = ({ at }: { readonly at: number }): boolean => at > from && at < until
  // A market order fills as it is sent: its fill tells nothing that the order does not.
  const happened = done
    .filter((one) => isInside(one) && one.kind !== "order" && one.kind !== "signal")
    .filter(({ fill }) => fill?.isMarket !== true)
    .map((one): Inside => ({ at: one.at, asked: undefined, key: `${one.kind} ${one.gist}` }))
  const wanted = asked.filter(isInside).map((one): Inside => ({
    at: one.at,
    asked: one,
    // A fill has the price of a modelled path, and what answers it may go by that price.
    key: one.by === "fill" ? one.gist : one.text
  }))
  return [...happened, ...wanted].toSorted((a, b) => a.at - b.at)
}

const stampOf = ({ at, bar, date, gist, text }: Asked): Stamped => ({
  kind: "intent",
  bar,
  at,
  date,
  order: "",
  text,
  gist
})

/**
 * The first thing asked for inside a bar that differs. It is held to what was asked for, and not to the orders that came of
 * it: these hang on the equity, which is at modelled prices. What follows a fill, a denial or a change of the trading state
 * that only one of the two plays has follows from how the inside of a bar is modelled, and is nobody's decision.
 */
export const insideBar = (
  before: Outcome,
  after: Outcome,
  span: { readonly from: number; readonly until: number }
): Difference | undefined => {
  const [ours, theirs] = [insideOf(before, span), insideOf(after, span)]
  for (let i = 0; ; i++) {
    const [a, b] = [ours[i], theirs[i]]
    if (a === undefined && b === undefined) return undefined
    if (a !== undefined && b !== undefined && a.at === b.at && a.key === b.key) continue
    const at = Math.min(a?.at ?? Infinity, b?.at ?? Infinity)
    const first = [a, b].map((one) => (one?.at === at ? one : undefined))
    if (first.some((one) => one !== undefined && one.asked === undefined)) return undefined
    const [own, other] = first.map((one) => one?.asked)
    const one = own ?? other
    // Asked at a fill that only one of them has.
    if (own?.by !== other?.by && [own, other].some((each) => each?.by === "fill")) return undefined
    return one === undefined
      ? undefined
      : { one: stampOf(one), before: own?.text ?? NOTHING, after: other?.text ?? NOTHING }
  }
}

export const findingOf = (
  kind: FindingKind,
  { after, before, one }: Difference,
  change?: { readonly cut: number; readonly kind: Perturbation }
): LookAheadFinding => ({
  kind,
  bar: one.bar,
  date: one.date,
  at: one.at,
  what: one.kind,
  order: one.order,
  before,
  after,
  cut: change?.cut,
  perturbation: change?.kind
})

const isTooEarly = (at: number, { decidedAt, isLive = false }: FillStamp): boolean =>
  at < decidedAt || (at === decidedAt && !isLive)

/** Fills before the end of the data that their orders were decided on, or at it where nothing is traded at once. */
export const sameBarFills = (done: ReadonlyArray<Stamped>): ReadonlyArray<LookAheadFinding> =>
  done.flatMap((one) =>
    one.fill !== undefined && isTooEarly(one.at, one.fill)
      ? [
          findingOf("same-bar", {
            one,
            before: one.text,
            after: "no fill before the bar after the one it was decided on"
          })
        ]
      : []
  )

/** Fills after the cut, of market orders from before it, at the same price though every later price is another. */
export const knownPriceFills = (
  before: ReadonlyArray<Stamped>,
  after: ReadonlyArray<Stamped>,
  change: { readonly cut: number; readonly kind: Perturbation }
): ReadonlyArray<LookAheadFinding> => {
  if (change.kind !== "rise" && change.kind !== "fall") return []
  const keyed = new Map(
    after.flatMap((one) => (one.fill === undefined ? [] : [[keyOf(one), one.fill.price]]))
  )
  return before.flatMap((one) => {
    const { fill } = one
    return fill !== undefined &&
      fill.isMarket &&
      fill.decidedAt <= change.cut &&
      one.at > change.cut &&
      keyed.get(keyOf(one)) === fill.price
      ? [
          findingOf(
            "known-price",
            { one, before: one.text, after: "a price that is made after the order was sent" },
            change
          )
        ]
      : []
  })
}

/** How far a play with another future can be compared; undefined where it cannot. */
export const comparable = ({ failure }: Outcome, cut: number): number | undefined => {
  if (failure === undefined) return cut
  return failure.at === undefined ? undefined : Math.min(cut, failure.at - 1)
}
