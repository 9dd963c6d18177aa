/** A book's last decision, for tests whose desk is in memory. */
import { Effect, Option } from "effect"
import type { DecisionKeeping, DecisionRecord } from "../../src/session/DecisionRecord.ts"

export const decisionsInMemory = (): DecisionKeeping & { readonly kept: ReadonlyArray<DecisionRecord> } => {
  const kept: Array<DecisionRecord> = []
  return {
    kept,
    last: Effect.sync(() => Option.fromUndefinedOr(kept.at(-1))),
    keep: (record) => Effect.sync(() => void kept.push(record))
  }
}
