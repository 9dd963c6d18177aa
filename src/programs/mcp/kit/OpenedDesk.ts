/**
 * The desk of a server: opened once its client has said hello, without making
 * it wait, and again at the next call while it cannot be opened.
 */
import { Cause, type Context, Effect, Exit, Scope, Semaphore } from "effect"
import type { DeskFolder } from "../../DeskFolder.ts"
import { keepDesk } from "../../KeepDesk.ts"
import {
  type DeskServices,
  type DeskUnavailable,
  openOrInit,
  openWithoutMarket,
  type Platform
} from "../../OpenOrInit.ts"

export type { DeskServices, DeskUnavailable } from "../../OpenOrInit.ts"

export interface OpenedDesk {
  readonly folder: DeskFolder
  /** The desk's services; the same ones while it is open. */
  readonly services: Effect.Effect<Context.Context<DeskServices>, DeskUnavailable>
  /** Begins to open it, so that the first call need not wait; what is wrong is told by whoever needs it. */
  readonly warm: Effect.Effect<void>
  /** The same, or, while the market's prices cannot be read, the desk without them: for what takes risk away. */
  readonly anyhow: Effect.Effect<Context.Context<DeskServices>, DeskUnavailable>
}

type Opening = (scope: Scope.Scope) => Effect.Effect<Context.Context<DeskServices>, DeskUnavailable, Platform>

/** Opens once and keeps what was opened; what fails is closed again, and tried anew by whoever asks next. */
const kept = Effect.fnUntraced(function* (opening: Opening, outer: Scope.Scope) {
  const one = yield* Semaphore.make(1)
  let opened: Context.Context<DeskServices> | undefined
  const openNow = Effect.gen(function* () {
    const scope = yield* Scope.fork(outer)
    const exit = yield* Effect.exit(opening(scope))
    if (Exit.isFailure(exit)) {
      yield* Scope.close(scope, exit)
      return yield* Effect.failCause(exit.cause)
    }
    opened = exit.value
    yield* keepDesk(Effect.void).pipe(Effect.provideContext(exit.value), Effect.forkIn(scope))
    return exit.value
  })
  return Effect.suspend(() => (opened === undefined ? openNow : Effect.succeed(opened))).pipe(
    one.withPermits(1),
    Effect.uninterruptible
  )
})

/** A server's desk, kept up to date every second for as long as the scope lasts. */
export const openedDesk = Effect.fnUntraced(function* (folder: DeskFolder, holder: string) {
  const outer = yield* Effect.scope
  const platform = yield* Effect.context<Platform>()
  const whole = yield* kept((scope) => openOrInit({ folder, holder, program: "mcp" }, scope), outer)
  const bare = yield* kept((scope) => openWithoutMarket({ folder, holder: `${holder}-bare` }, scope), outer)
  const services = Effect.provideContext(whole, platform)

  const desk: OpenedDesk = {
    folder,
    services,
    warm: Effect.catchCause(services, (cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.void
        : Effect.logWarning("the desk is not open", Cause.squash(cause))
    ).pipe(Effect.asVoid, Effect.forkIn(outer), Effect.asVoid),
    anyhow: Effect.catch(services, () => Effect.provideContext(bare, platform))
  }
  return desk
})
