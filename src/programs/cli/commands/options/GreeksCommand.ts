/** `plimsoll options greeks`: an option's sensitivities, or those of a file of them. */
import { Effect, Option, Result } from "effect"
import { Argument, Command } from "effect/cli"
import { analyse, midOf } from "../../../../market/ChainAnalysis.ts"
import type { Greeks } from "../../../../options/Greeks.ts"
import type { Accuracy } from "../../../../options/ModelSelection.ts"
import { greeksBy, value } from "../../../../options/OptionModel.ts"
import { answer, documented, jsonFlag, style } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { table } from "../../Format.ts"
import { printable } from "../../Terminal.ts"
import { batchFiles, batchFlags, tellBatch } from "./BatchRun.ts"
import { type AskedChain, chainFlags, openContract } from "./ChainSource.ts"
import { describesOption, optionFlags } from "./OptionFlags.ts"
import { digits, orBadUsage, percentText, termsJson, termsLine } from "./OptionText.ts"
import { accuracyFlag, modelFlag, valued, volatilityFlag } from "./PriceCommand.ts"

/** Each Greek, what it is a change of, and the unit that traders quote it in. */
const rowsOf = (greeks: Greeks): ReadonlyArray<ReadonlyArray<string>> => [
  ["price", digits(greeks.price, 10), "dollars a share", ""],
  ["delta", digits(greeks.delta), "of the price, per dollar of the underlying", ""],
  ["gamma", digits(greeks.gamma), "of delta, per dollar of the underlying", ""],
  [
    "vega",
    digits(greeks.vega),
    "of the price, per 1.00 of volatility",
    `${digits(greeks.vega / 100, 6)} a point`
  ],
  [
    "theta",
    digits(greeks.theta),
    "of the price, per year that passes",
    `${digits(greeks.theta / 365, 6)} a day`
  ],
  ["rho", digits(greeks.rho), "of the price, per 1.00 of rate", `${digits(greeks.rho / 100, 6)} a point`],
  ["vanna", digits(greeks.vanna), "of delta, per 1.00 of volatility", ""],
  ["volga", digits(greeks.volga), "of vega, per 1.00 of volatility", ""],
  ["charm", digits(greeks.charm), "of delta, per year that passes", `${digits(greeks.charm / 365, 6)} a day`],
  ["speed", digits(greeks.speed), "of gamma, per dollar of the underlying", ""]
]

export const greeksJson = (greeks: Greeks) => ({
  ...greeks,
  theta_per_day: greeks.theta / 365,
  vega_per_point: greeks.vega / 100,
  rho_per_point: greeks.rho / 100
})

export const greeksTable = (greeks: Greeks): ReadonlyArray<string> => table(rowsOf(greeks), { right: [1] })

/** A contract of a chain: at the volatility of its own quote, else of the chain's surface. */
const tellContract = Effect.fnUntraced(function* (
  asked: Omit<AskedChain, "symbol"> & { readonly accuracy: Accuracy; readonly json: boolean },
  text: string
) {
  const found = yield* openContract(asked, text)
  const { chain, quote } = found
  const {
    quoted,
    terms,
    trust,
    value: valued,
    volatility,
    volatilityFrom,
    yieldFrom
  } = yield* Effect.fromResult(analyse(found, asked.accuracy))
  const mid = midOf(quote)
  const notes = [
    ...chain.notes,
    ...(volatilityFrom === "surface"
      ? [
          `its own quote gives no volatility (${quoted.status}): that of the chain's surface is used (${trust ?? "inside"})`
        ]
      : [])
  ]
  yield* answer(
    asked.json,
    {
      contract: quote.contract,
      source: chain.source,
      as_of: chain.raw.asOf,
      bid: quote.bid ?? null,
      ask: quote.ask ?? null,
      mid: mid ?? null,
      iv: quoted.volatility ?? null,
      iv_status: quoted.status,
      model: valued.model,
      why: valued.why,
      ...greeksJson(valued.greeks),
      inputs: {
        right: terms.right,
        style: chain.raw.style,
        spot: terms.spot,
        strike: terms.strike,
        years: terms.years,
        rate: terms.rate,
        dividend_yield: terms.dividendYield,
        dividend_yield_from: yieldFrom,
        volatility,
        volatility_from: volatilityFrom
      },
      notes
    },
    [
      `${style().bold(printable(quote.contract))}  bid ${quote.bid ?? "-"}, ask ${quote.ask ?? "-"}, volatility ${percentText(volatility)} (${volatilityFrom})`,
      `spot ${digits(terms.spot)}, ${digits(365 * terms.years, 5)} days, rate ${percentText(terms.rate)}, yield ${percentText(terms.dividendYield)} (${printable(yieldFrom)})`,
      ...greeksTable(valued.greeks),
      `by ${valued.model}: ${valued.why}`,
      ...notes.map((note) => style().dim(printable(note)))
    ]
  )
})

export const greeksCommand = Command.make(
  "greeks",
  {
    contract: Argument.String("contract").pipe(
      Argument.withDescription(
        'a contract of the desk\'s market or of --data, "AAPL 140613C00090000" or "AAPL 2014-06-13 90 C", instead of the flags that describe one'
      ),
      Argument.optional
    ),
    ...optionFlags,
    data: chainFlags.data,
    volatility: volatilityFlag,
    model: modelFlag,
    accuracy: accuracyFlag,
    ...batchFlags,
    json: jsonFlag
  },
  Effect.fn("options.greeks")(function* (asked) {
    const { json, model } = asked
    const files = yield* batchFiles(asked)
    if (Option.isSome(asked.contract)) {
      if (
        describesOption(asked) ||
        Option.isSome(files) ||
        Option.isSome(asked.volatility) ||
        Option.isSome(model)
      ) {
        return yield* new BadUsage({
          message:
            "a contract has its terms in the market: leave out the flags that describe one, a model or a file"
        })
      }
      return yield* tellContract(asked, asked.contract.value)
    }
    if (Option.isSome(asked.data)) {
      return yield* new BadUsage({
        message: '--data is for a contract of its chains: name that, such as "AAPL 140613C00090000"'
      })
    }
    if (Option.isSome(files)) {
      if (describesOption(asked) || Option.isSome(asked.volatility)) {
        return yield* new BadUsage({
          message: "--input has the options: leave out the flags that describe one"
        })
      }
      const name = Option.getOrElse(model, () => "bsm" as const)
      return yield* tellBatch(files.value, { _tag: "Greeks", model: name }, json)
    }
    const { inputs, option, request } = yield* valued(asked)
    const found = yield* orBadUsage(
      Option.isSome(model)
        ? Result.map(greeksBy(model.value, inputs, option.dividends, option.style), (greeks) => ({
            model: model.value,
            why: "asked for by --model",
            greeks
          }))
        : value(request)
    )
    yield* answer(
      json,
      {
        model: found.model,
        why: found.why,
        ...greeksJson(found.greeks),
        ...termsJson(option, inputs),
        notes: option.notes
      },
      [
        style().bold(termsLine(option, inputs)),
        ...greeksTable(found.greeks),
        `by ${found.model}: ${found.why}`,
        ...option.notes.map((note) => style().dim(note))
      ]
    )
  })
).pipe(
  documented(
    "Value and Greeks of one option, of a contract of the market, or of every row of a CSV with the columns type, S, K, T, r, q, sigma. Units: per year, per 1.00.",
    [
      "options greeks --type P --spot 100 --strike 95 --days 45 --rate 0.04 --volatility 0.25 --style american",
      "one option"
    ],
    ['options greeks "AAPL 170120C00115000"', "a contract of the desk's market"],
    ["options greeks --input options.csv --output greeks.csv", "a file, by Black–Scholes–Merton"]
  )
)
