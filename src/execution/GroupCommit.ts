/** Work that shares its fixed costs: what comes while a batch is under way goes into the next one. */
import { Deferred, Effect, type Exit, Queue } from "effect"

/**
 * A function that runs `process` on batches of what it is called with, one
 * batch at a time, in the order of the calls. `process` gives one exit per
 * item and never fails itself. An item once taken is finished even when its
 * caller is interrupted. When `maxWaiting` items wait already, a call fails
 * with `busy` at once and nothing of it is done.
 */
export const make = <Item, A, E>(options: {
  readonly maxBatch: number
  readonly maxWaiting: number
  readonly busy: () => E
  readonly process: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Exit.Exit<A, E>>>
}) =>
  Effect.gen(function* () {
    const queue = yield* Queue.dropping<{ readonly item: Item; readonly done: Deferred.Deferred<A, E> }>(
      options.maxWaiting
    )
    // Whoever still waits when the desk is closed is told, instead of waiting for ever.
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        const left = yield* Queue.clear(queue)
        yield* Queue.shutdown(queue)
        for (const { done } of left) yield* Deferred.interrupt(done)
      })
    )
    const step = (restore: <B, F>(effect: Effect.Effect<B, F>) => Effect.Effect<B, F>) =>
      Effect.gen(function* () {
        const batch = yield* restore(Queue.takeBetween(queue, 1, options.maxBatch))
        const exits = yield* options.process(batch.map(({ item }) => item))
        for (let i = 0; i < batch.length; i++) {
          const entry = batch[i]
          const exit = exits[i]
          if (entry === undefined) continue
          yield* exit === undefined
            ? Deferred.die(entry.done, new Error("a batch gave fewer results than it had items"))
            : Deferred.done(entry.done, exit)
        }
      })
    yield* Effect.forkScoped(Effect.forever(Effect.uninterruptibleMask(step)))
    return (item: Item): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        const done = Deferred.makeUnsafe<A, E>()
        if (Queue.offerUnsafe(queue, { item, done })) return Deferred.await(done)
        // One that is shut down is not full: it is empty.
        return Queue.isFullUnsafe(queue) ? Effect.fail(options.busy()) : Effect.interrupt
      })
  })
