/**
 * Work of this thread that can be ended from outside. A strategy that never comes back holds the thread, and with it
 * the listeners of signals; what a script of `node:vm` has called ends by Ctrl-C, and after a time.
 */
import { createContext, Script } from "node:vm"
import { Effect, Predicate, Schema } from "effect"

/** It did not come back in time. */
export class NeverCameBack extends Schema.TaggedError<NeverCameBack>()("NeverCameBack", {
  millis: Schema.Int,
  message: Schema.String
}) {}

const codeOf = (cause: unknown): unknown => (Predicate.hasProperty(cause, "code") ? cause.code : undefined)

/** Runs pieces of work, each so long at the most. Ctrl-C in one interrupts the fiber; what it throws is a defect. */
export const makeBreakable = (millis: number) => {
  const within: { work: () => void } = { work: () => {} }
  const context = createContext(within)
  const script = new Script("work()")
  return <A>(work: () => A): Effect.Effect<A, NeverCameBack> =>
    Effect.suspend(() => {
      let ended: Effect.Effect<A> = Effect.interrupt
      within.work = () => {
        ended = Effect.succeed(work())
      }
      try {
        script.runInContext(context, { breakOnSigint: true, timeout: millis })
        return ended
      } catch (cause) {
        if (codeOf(cause) === "ERR_SCRIPT_EXECUTION_INTERRUPTED") return Effect.interrupt
        if (codeOf(cause) !== "ERR_SCRIPT_EXECUTION_TIMEOUT") return Effect.die(cause)
        const message = `the strategy did not come back within ${millis / 1000} s: ask for fewer sessions (--from, --to), or look for a loop without an end`
        return Effect.fail(new NeverCameBack({ millis, message }))
      }
    })
}
