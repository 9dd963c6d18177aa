/** What the market-data tools are asked for. */
import { Schema } from "effect"

/** Longer than any symbol or instrument id. */
const MAX_SYMBOL = 48

/** In any case of letters; the desk knows which there are. */
export const AskedSymbol = Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(MAX_SYMBOL)))
