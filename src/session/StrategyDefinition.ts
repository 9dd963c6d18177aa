/** What a strategy file exports: a strategy before its parameters have values. */
import { Result, Schema } from "effect"
import { dateOfDay, dayOfDate, SessionDate } from "../domain/Timestamp.ts"
import { BadParameter, type Parameters, type ParameterValue, valuesOf, type ValuesOf } from "./Parameters.ts"
import type { Strategy, StrategyContext, Target } from "./Strategy.ts"

/** What of a strategy follows from its parameters. */
export type StrategyLogic = Pick<
  Strategy,
  "resolution" | "warmUp" | "indicators" | "onBar" | "onFill" | "schedule" | "options"
> & {
  /** What it does with these values, where that says more than the summary. */
  readonly summary?: string
  readonly description?: string
}

/** Of a strategy that says what should be held, and leaves the orders to the planner. */
export interface TargetLogic extends StrategyLogic {
  readonly onBar: (context: StrategyContext) => ReadonlyArray<Target>
}

interface Described<P extends Parameters> {
  readonly name: string
  readonly title: string
  /** What it does, in one line. */
  readonly summary: string
  /** What it does, and where its numbers come from; the summary unless given. */
  readonly description?: string
  readonly instruments: { readonly least: number; readonly most: number | null }
  readonly parameters: P
}

/** Throws where it is no day: a strategy that says a wrong cutoff is not loaded. */
const cutoffOf = (strategy: string, text: string): SessionDate => {
  if (isSessionDate(text) && dateOfDay(dayOfDate(text)) === text) return text
  throw new TypeError(
    `strategy ${strategy}: knowledgeCutoff is ${JSON.stringify(text)}; expected a day such as "2024-10-01"`
  )
}
const isSessionDate = Schema.is(SessionDate)

/** A strategy of which any values can be tried. */
export interface StrategyDefinition<L extends StrategyLogic = StrategyLogic> extends Described<Parameters> {
  /** With the defaults of those that are not given. */
  readonly bind: (values: {
    readonly [name: string]: ParameterValue
  }) => Result.Result<L & Strategy, BadParameter>
  /** Of a simple signal strategy. */
  readonly signal: SignalRule | undefined
  /** The first day that the language model it asks knows nothing of. */
  readonly knowledgeCutoff?: SessionDate
}

/**
 * A strategy on daily bars of one instrument that is either all in or all out,
 * as a loop over columns: for sweeps. What it wants after each close has to be
 * what `onBar` asks for.
 */
export interface SignalRule {
  /**
   * After each bar 1 to be in, 0 to be out. Prices are micros. `cache` keeps what
   * several points of a sweep on the same bars need; a rule in a file has a new
   * one at every point.
   */
  readonly wants: (
    bars: { readonly length: number; readonly close: Float64Array },
    values: { readonly [name: string]: ParameterValue },
    cache: Map<string, Float64Array>
  ) => Uint8Array
}

/** Makes the definition that `algorithms/NAME.ts` exports as its default. */
export const defineStrategy = <const P extends Parameters, L extends StrategyLogic>(
  definition: Described<P> & {
    /** Why these values do not go together; undefined when they do. */
    readonly check?: (values: ValuesOf<P>) => string | undefined
    readonly make: (values: ValuesOf<P>) => L
    readonly signal?: SignalRule
    /**
     * "YYYY-MM-DD", of a strategy that asks a language model: the first day the model
     * knows nothing of. Results of days before it are labelled contaminated.
     */
    readonly knowledgeCutoff?: string
  }
): StrategyDefinition<L> => {
  const { check, instruments, knowledgeCutoff, make, name, parameters, signal, summary, title } = definition
  const meanings = Object.fromEntries(Object.entries(parameters).map(([key, { meaning }]) => [key, meaning]))
  const described = {
    name,
    title,
    summary,
    description: definition.description ?? summary,
    instruments
  }
  return {
    ...described,
    parameters,
    signal,
    ...(knowledgeCutoff === undefined ? {} : { knowledgeCutoff: cutoffOf(name, knowledgeCutoff) }),
    bind: (given) =>
      Result.flatMap(valuesOf(name, parameters, given), (values) => {
        const problem = check?.(values)
        return problem === undefined
          ? Result.succeed({ ...described, parameters: { ...values }, meanings, ...make(values) })
          : Result.fail(
              new BadParameter({ strategy: name, parameter: "", message: `strategy ${name}: ${problem}` })
            )
      })
  }
}
