/** Money, ratios and lists as the portfolio tools tell them. */
import { Option, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"

/** Money as a decimal, exact; null where it is not known. */
export const Amount = Schema.NullOr(Schema.String)
/** 0.1 is 10%; null where it is not known. */
export const Ratio = Schema.NullOr(Schema.Finite)

export const amount = (micros: Option.Option<number>): string | null =>
  Option.match(micros, { onNone: () => null, onSome: (known) => formatMicros(known) })

/** To eight decimals: more would be noise. */
export const rounded = (ratio: number): number => Math.round(ratio * 1e8) / 1e8 + 0

/** One amount against another; null when either is not known, or there is nothing to measure against. */
export const ratio = (part: Option.Option<number>, whole: Option.Option<number>): number | null =>
  Option.match(Option.all([part, whole]), {
    onNone: () => null,
    onSome: ([of, all]) => (all > 0 ? rounded(of / all) : null)
  })

/** Dollars of a float, to the cent. */
export const cents = (dollars: number): string => formatMicros(Math.round(dollars * 100) * 10_000, 2)

/** "+1.20%" */
export const percent = (part: number | null): string =>
  part === null ? "unknown" : `${part > 0 ? "+" : ""}${(part * 100).toFixed(2)}%`

/** Names that an answer tells at most; the count beside them is of all. */
export const MAX_NAMES = 20

export const cursor = Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(300))))
