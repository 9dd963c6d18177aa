/** What both tools that play something take, and the backtest that is asked for with it. */
import { Effect, Option, Schema } from "effect"
import { CostsPreset } from "../../../backtest/CostsPreset.ts"
import { MAX_MONEY_MICROS, MoneyFromDecimal } from "../../../domain/Money.ts"
import { SessionDate } from "../../../domain/Timestamp.ts"
import type { AskedBacktest, AskedPlace } from "../../backtest/PrepareBacktest.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import { loadConfig } from "../../DeskProgram.ts"

const Cash = MoneyFromDecimal.pipe(
  Schema.check(
    Schema.makeFilter<number>(
      (micros) =>
        (micros > 0 && micros <= MAX_MONEY_MICROS) ||
        "expected an amount above zero, at most a billion dollars"
    )
  )
)

const BasisPoints = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 100_000 })))

/** "fast=10": nothing on the wire has keys that are no names of ours. */
const Assignment = Schema.String.pipe(
  Schema.check(
    Schema.isMaxLength(2000),
    Schema.makeFilter<string>((text) => /^[^=\s]+=/u.test(text) || 'expected NAME=VALUE, such as "fast=10"')
  )
)

const assignments = (most: number) => Schema.Array(Assignment).pipe(Schema.check(Schema.isMaxLength(most)))

export const Grid = assignments(8).pipe(Schema.check(Schema.isMinLength(1)))

export const askedFields = {
  algorithm: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))),
  startDate: Schema.optionalKey(SessionDate),
  endDate: Schema.optionalKey(SessionDate),
  symbols: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(48)))).pipe(
      Schema.check(Schema.isMaxLength(100))
    )
  ),
  parameters: Schema.optionalKey(assignments(64)),
  cash: Schema.optionalKey(Cash),
  profile: Schema.optionalKey(Schema.Literals(["desk", "single-index", "research"])),
  costs: Schema.optionalKey(CostsPreset),
  borrowBasisPoints: Schema.optionalKey(BasisPoints),
  margin: Schema.optionalKey(Schema.Literals(["cash", "reg-t"])),
  marginRateBasisPoints: Schema.optionalKey(BasisPoints),
  reuse: Schema.optionalKey(Schema.Boolean)
}

const Asked = Schema.Struct(askedFields)
export type Asked = typeof Asked.Type

/** A parameter has two values. */
export class ParameterTwice extends Schema.TaggedError<ParameterTwice>()("ParameterTwice", {
  message: Schema.String
}) {}

/** "fast=10" as a name and a text; of a name that is there twice nobody could say which was meant. */
export const typedOf = (parameters: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const pairs = parameters.map((text): readonly [string, string] => {
      const at = text.indexOf("=")
      return [text.slice(0, at).trim(), text.slice(at + 1)]
    })
    const twice = pairs.find(([name], i) => pairs.findIndex(([other]) => other === name) < i)
    if (twice !== undefined) {
      return yield* new ParameterTwice({ message: `parameter ${twice[0].slice(0, 64)} is given twice` })
    }
    return Object.fromEntries(pairs)
  })

const words = { from: "start_date", to: "end_date", symbols: "symbols" }

/** The backtest that is asked for, on the desk's own market. */
export const askedBacktest = Effect.fnUntraced(function* (asked: Asked, folder: DeskFolder) {
  const { config, problem } = yield* loadConfig(folder)
  if (problem !== undefined) return yield* problem
  const backtest: AskedBacktest = {
    algorithm: asked.algorithm,
    parameters: {},
    typed: yield* typedOf(asked.parameters ?? []),
    market: config.market ?? { source: "embedded" },
    symbols: (asked.symbols ?? config.universe ?? []).map((symbol) => symbol.trim().toUpperCase()),
    from: Option.fromUndefinedOr(asked.startDate),
    to: Option.fromUndefinedOr(asked.endDate),
    cash: Option.fromUndefinedOr(asked.cash),
    costs: Option.fromUndefinedOr(asked.costs),
    financing: {
      borrow: Option.fromUndefinedOr(asked.borrowBasisPoints),
      margin: Option.fromUndefinedOr(asked.margin),
      marginRate: Option.fromUndefinedOr(asked.marginRateBasisPoints)
    },
    limits: Option.fromUndefinedOr(asked.profile),
    resumePolicy: Option.none(),
    seed: Option.none(),
    words
  }
  return backtest
})

export const placeOf = ({ project }: DeskFolder): AskedPlace => ({ project, folder: project })
