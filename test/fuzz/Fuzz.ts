/** Draws cases from a seed, tries each, and tells the first that went wrong, made as small as it goes. */
import * as fc from "fast-check"

export interface Fuzzed {
  /** Cases tried, those of making it small not counted. */
  readonly cases: number
  /** What went wrong, and what gives it again. */
  readonly failure: string | undefined
}

export interface FuzzOptions<A> {
  readonly name: string
  readonly cases: fc.Arbitrary<A>
  readonly count: number
  readonly seed: number
  /** What was not as it has to be, in words. */
  readonly problems: (value: A) => ReadonlyArray<string> | Promise<ReadonlyArray<string>>
  readonly onCase?: (done: number) => void
}

const shown = (value: unknown): string =>
  JSON.stringify(value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value)?.slice(
    0,
    2000
  ) ?? String(value)

export const fuzz = async <A>(options: FuzzOptions<A>): Promise<Fuzzed> => {
  const { cases, count, name, seed } = options
  let done = 0
  const property = fc.asyncProperty(cases, async (value) => {
    const problems = await options.problems(value)
    options.onCase?.(++done)
    if (problems.length > 0) throw new Error(problems.join("; "))
  })
  const result = await fc.check(property, { seed, numRuns: count })
  const value = result.counterexample?.[0]
  return {
    cases: result.numRuns,
    failure: result.failed
      ? `${name}: ${String(result.errorInstance)}; of ${shown(value)}; again with seed ${seed} (fast-check's path ${result.counterexamplePath})`
      : undefined
  }
}
