/** `plimsoll options iv`: the volatility in an option's price, or in those of a file. */
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import { americanVolatility } from "../../../../options/AmericanImpliedVolatility.ts"
import { statusName } from "../../../../options/ImpliedVolatility.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { batchFiles, batchFlags, tellBatch } from "./BatchRun.ts"
import { describedOption, describesOption, optionFlags } from "./OptionFlags.ts"
import { accuracyFlag, modelFlag } from "./PriceCommand.ts"
import { orBadUsage, percentText, termsJson, termsLine, valueText } from "./OptionText.ts"

const statusWords = {
  at_intrinsic: "the price is the discounted intrinsic value: there is no volatility in it",
  below_intrinsic: "the price is below the discounted intrinsic value: no volatility gives it",
  at_upper: "the price is the greatest that any volatility gives: none gives it",
  above_upper: "the price is above what any volatility gives"
}

export const ivCommand = Command.make(
  "iv",
  {
    ...optionFlags,
    price: optional(Flag.Finite("price").pipe(Flag.withMetavar("price")), "of the option, dollars a share"),
    model: modelFlag,
    accuracy: accuracyFlag,
    ...batchFlags,
    json: jsonFlag
  },
  Effect.fn("options.iv")(function* (asked) {
    const { accuracy, json, model, price } = asked
    const files = yield* batchFiles(asked)
    if (Option.isSome(files)) {
      if (describesOption(asked) || Option.isSome(price)) {
        return yield* new BadUsage({
          message: "--input has the options: leave out the flags that describe one"
        })
      }
      return yield* tellBatch(
        files.value,
        { _tag: "Volatility", model: Option.getOrElse(model, () => "bsm" as const) },
        json
      )
    }
    const option = yield* describedOption(asked)
    if (Option.isNone(price))
      return yield* new BadUsage({ message: "--price is missing: the option's, dollars a share" })
    const found = yield* orBadUsage(
      Result.map(
        americanVolatility({
          terms: option.terms,
          price: price.value,
          style: option.style,
          dividends: option.dividends,
          accuracy,
          ...(Option.isSome(model) ? { model: model.value } : {})
        }),
        ({ volatility, ...choice }) => ({
          ...choice,
          status: statusName(volatility),
          volatility: volatility._tag === "Ok" ? volatility.volatility : undefined
        })
      )
    )
    const { inputs } = termsJson(option, { ...option.terms, volatility: found.volatility ?? 0 })
    yield* answer(
      json,
      {
        status: found.status,
        sigma: found.volatility ?? null,
        model: found.model,
        why: found.why,
        inputs: { ...inputs, volatility: undefined, price: price.value },
        notes: option.notes
      },
      [
        found.status === "ok"
          ? `${style().bold(percentText(found.volatility ?? 0))}  ${termsLine(option, option.terms)}, at ${valueText(price.value)}`
          : `${found.status}: ${statusWords[found.status]}`,
        `by ${found.model}: ${found.why}`,
        ...option.notes.map((note) => style().dim(note))
      ]
    )
  })
).pipe(
  documented(
    "The volatility implied by a price, or by each of a CSV with the columns type, S, K, T, r, q, price. Where there is none the status says why.",
    ["options iv --type C --spot 100 --strike 105 --days 30 --rate 0.05 --price 1.2", "of one price"],
    [
      "options iv --type P --spot 100 --strike 105 --days 30 --rate 0.05 --price 6.1 --style american",
      "of an American option's, by the model that fits it"
    ],
    ["options iv --input quotes.csv --output volatilities.csv", "a file, with sigma and a status appended"]
  )
)
