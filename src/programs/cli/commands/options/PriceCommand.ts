/** `plimsoll options price`: the value of one option, or of a file of them. */
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import { accuracies, modelNames } from "../../../../options/ModelSelection.ts"
import { priceBy, value } from "../../../../options/OptionModel.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { batchFiles, batchFlags, tellBatch } from "./BatchRun.ts"
import { describedOption, describesOption, optionFlags } from "./OptionFlags.ts"
import { orBadUsage, termsJson, termsLine, valueText } from "./OptionText.ts"

export const modelFlag = optional(
  Flag.Literals("model", modelNames),
  "bsm for a file, chosen for one option when left out; american is accurate, bjs1993 and bjs2002 are quick"
)

export const volatilityFlag = optional(
  Flag.Finite("volatility").pipe(Flag.withMetavar("number")),
  "annual: 0.2 is 20%"
)

export const accuracyFlag = Flag.Literals("accuracy", accuracies).pipe(
  Flag.withDescription("what the model is chosen for; accurate when left out"),
  Flag.withDefault("accurate")
)

const flags = {
  ...optionFlags,
  volatility: volatilityFlag,
  model: modelFlag,
  accuracy: accuracyFlag,
  bareFormula: Flag.Boolean("bare-formula").pipe(
    Flag.withDescription("bjs1993 and bjs2002 as published: not raised to the European or intrinsic value"),
    Flag.withDefault(false)
  ),
  ...batchFlags,
  json: jsonFlag
}

/** A described option with a volatility, and which model it is priced by. */
export const valued = Effect.fnUntraced(function* (
  asked: Command.Command.Config.Infer<Omit<typeof flags, "bareFormula" | "input" | "output" | "json">>
) {
  const option = yield* describedOption(asked)
  if (Option.isNone(asked.volatility)) {
    return yield* new BadUsage({ message: "--volatility is missing: 0.2 is 20%" })
  }
  const { dividends, style: exercise } = option
  const inputs = { ...option.terms, volatility: asked.volatility.value }
  const chosen = Option.isSome(asked.model)
    ? Result.map(priceBy(asked.model.value, inputs, dividends, exercise), () => undefined)
    : Result.succeed(undefined)
  yield* orBadUsage(chosen)
  const request = { style: exercise, inputs, dividends, accuracy: asked.accuracy }
  return { option, inputs, request }
})

export const priceCommand = Command.make(
  "price",
  flags,
  Effect.fn("options.price")(function* (asked) {
    const { bareFormula, json, model } = asked
    const isBjs = Option.exists(model, (name) => name === "bjs1993" || name === "bjs2002")
    if (bareFormula && !isBjs) {
      return yield* new BadUsage({ message: "--bare-formula is for --model bjs1993 or bjs2002" })
    }
    const files = yield* batchFiles(asked)
    if (Option.isSome(files)) {
      if (describesOption(asked) || Option.isSome(asked.volatility)) {
        return yield* new BadUsage({
          message: "--input has the options: leave out the flags that describe one"
        })
      }
      const name = Option.getOrElse(model, () => "bsm" as const)
      return yield* tellBatch(
        files.value,
        {
          _tag: "Price",
          model: bareFormula && (name === "bjs1993" || name === "bjs2002") ? `${name}-formula` : name
        },
        json
      )
    }
    if (bareFormula)
      return yield* new BadUsage({ message: "--bare-formula is for a file: add --input and --output" })
    const { inputs, option, request } = yield* valued(asked)
    const found = yield* orBadUsage(
      Option.isSome(model)
        ? Result.map(priceBy(model.value, inputs, option.dividends, option.style), (price) => ({
            model: model.value,
            why: "asked for by --model",
            price
          }))
        : Result.map(value(request), (chosen) => ({
            model: chosen.model,
            why: chosen.why,
            price: chosen.greeks.price
          }))
    )
    yield* answer(json, { ...found, ...termsJson(option, inputs), notes: option.notes }, [
      `${style().bold(valueText(found.price))}  ${termsLine(option, inputs)}`,
      `by ${found.model}: ${found.why}`,
      ...option.notes.map((note) => style().dim(note))
    ])
  })
).pipe(
  documented(
    "The value of one option, or of every row of a CSV with the columns type, S, K, T, r, q, sigma.",
    [
      "options price --type C --spot 100 --strike 105 --days 30 --rate 0.05 --volatility 0.2",
      "one option, and which model was used"
    ],
    [
      "options price --type C --spot 100 --strike 95 --days 60 --rate 0.05 --volatility 0.3 --style american --dividend 0.82@21d",
      "American, before a dividend"
    ],
    [
      "options price --input options.csv --output priced.csv --model bjs2002",
      "a file, with a price and a status appended"
    ]
  )
)
