/**
 * The desk of a server: opened once its client has said hello, without making
 * it wait, and again at the next call while it cannot be opened. A folder with a
 * `plimsoll.json` and no desk gets one, so that a fresh checkout works at once.
 */
import { existsSync } from "node:fs"
import {
  Cause,
  type Context,
  Effect,
  Exit,
  Layer,
  type Path,
  Schema,
  Scope,
  Semaphore,
  type FileSystem
} from "effect"
import type { DeskFolder } from "../../DeskFolder.ts"
import { openDesk } from "../../DeskProgram.ts"
import { initDesk } from "../../InitDesk.ts"
import { keepDesk } from "../../KeepDesk.ts"

/** Everything a tool may ask of the desk. */
export type DeskServices = Layer.Success<ReturnType<typeof openDesk>>

/** What opening a desk needs of the platform. */
export type Platform = FileSystem.FileSystem | Path.Path

/** The desk cannot be opened, and why. */
export class DeskUnavailable extends Schema.TaggedError<DeskUnavailable>()("DeskUnavailable", {
  /** The failure's own tag. */
  reason: Schema.String,
  message: Schema.String
}) {}

export interface OpenedDesk {
  readonly folder: DeskFolder
  /** The desk's services; the same ones while it is open. */
  readonly services: Effect.Effect<Context.Context<DeskServices>, DeskUnavailable>
  /** Begins to open it, so that the first call need not wait; what is wrong is told by whoever needs it. */
  readonly warm: Effect.Effect<void>
  /** The same, or, while the market's prices cannot be read, the desk without them: for what takes risk away. */
  readonly anyhow: Effect.Effect<Context.Context<DeskServices>, DeskUnavailable>
}

const unavailable = (failure: { readonly _tag: string; readonly message: string }): DeskUnavailable =>
  new DeskUnavailable({ reason: failure._tag, message: failure.message })

/** Opens the desk, made anew where there has never been one. */
const open = (folder: DeskFolder, holder: string, scope: Scope.Scope) => {
  const build = Layer.buildWithScope(openDesk(folder, holder), scope)
  return build.pipe(
    Effect.catchTag("DeskMissing", (missing) =>
      existsSync(folder.config)
        ? initDesk({ folder, holder, cash: undefined, actor: { kind: "desk", name: "mcp" } }).pipe(
            Effect.andThen(build)
          )
        : Effect.fail(missing)
    ),
    Effect.mapError(unavailable)
  )
}

/** Opens a desk that is there, without its prices. */
const openWithoutMarket = (folder: DeskFolder, holder: string, scope: Scope.Scope) =>
  Layer.buildWithScope(openDesk(folder, holder, { evenWithoutMarket: true }), scope).pipe(
    Effect.mapError(unavailable)
  )

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
  const whole = yield* kept((scope) => open(folder, holder, scope), outer)
  const bare = yield* kept((scope) => openWithoutMarket(folder, `${holder}-bare`, scope), outer)
  const services = Effect.provideContext(whole, platform)

  const desk: OpenedDesk = {
    folder,
    services,
    warm: Effect.catchCause(services, (cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logWarning("the desk is not open", cause)
    ).pipe(Effect.asVoid, Effect.forkIn(outer), Effect.asVoid),
    anyhow: Effect.catch(services, () => Effect.provideContext(bare, platform))
  }
  return desk
})
