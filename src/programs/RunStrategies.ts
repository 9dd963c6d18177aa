/** The strategies of a run: found by name, their parameters bound, their code held to what the run was begun with. */
import { Effect } from "effect"
import type { ParameterValue } from "../session/Parameters.ts"
import type { RunInputs } from "../session/RunInputs.ts"
import { UnknownStrategy } from "../session/strategies/Strategies.ts"
import { readValue } from "../backtest/Grid.ts"
import { findAlgorithm, type StrategyAlgorithm } from "./backtest/Algorithms.ts"
import { RunRefused } from "./RunSetup.ts"

const refused = ({ message }: { readonly message: string }) => new RunRefused({ message })

/** The strategy of that name, built in or in the project's `algorithms/`. */
export const strategyNamed = Effect.fnUntraced(function* (
  name: string,
  project: string
): Effect.fn.Return<StrategyAlgorithm, UnknownStrategy | RunRefused> {
  const found = yield* findAlgorithm(name, project).pipe(
    Effect.catchTags({
      UnknownAlgorithm: ({ known, message, name: asked }) =>
        Effect.fail(new UnknownStrategy({ name: asked, known, message })),
      AlgorithmInvalid: (error) => Effect.fail(refused(error))
    })
  )
  if (found._tag === "Strategy") return found
  return yield* new RunRefused({
    message: `${name} is a LEAN project: "plimsoll backtest run ${name}" has LEAN play it, a run plays strategies of this program`
  })
})

/** With these values and the defaults of the others. */
export const bound = (
  { definition }: StrategyAlgorithm,
  values: { readonly [name: string]: ParameterValue }
) => Effect.mapError(Effect.fromResult(definition.bind(values)), refused)

/** Values as they are typed, by the kinds of this strategy's parameters. */
export const typedValues = ({ definition }: StrategyAlgorithm, typed: Readonly<Record<string, string>>) =>
  Effect.forEach(Object.entries(typed), ([name, text]) =>
    Effect.fromResult(readValue(definition, name, text)).pipe(
      Effect.mapBoth({ onFailure: refused, onSuccess: (value) => [name, value] as const })
    )
  ).pipe(Effect.map((values) => Object.fromEntries(values)))

/** Those of a run that was begun; refused where the code of one has changed since. */
export const strategiesOf = (inputs: RunInputs, project: string) =>
  Effect.forEach(inputs.strategies, (name) =>
    Effect.gen(function* () {
      const algorithm = yield* strategyNamed(name, project)
      const begun = inputs.algorithms?.[name]
      if (begun !== undefined && algorithm.kind === "file" && begun.codeHash !== algorithm.codeHash) {
        return yield* new RunRefused({
          message: `the code of the strategy ${name} is not what the run was begun with: put it back as it was, or begin a new run`
        })
      }
      return yield* bound(algorithm, begun?.parameters ?? {})
    })
  )
