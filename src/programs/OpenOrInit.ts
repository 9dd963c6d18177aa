/**
 * A project's desk, opened for a program that Claude Code starts. A folder with a `plimsoll.json` and no desk gets
 * one, so that a fresh checkout works at once.
 */
import { existsSync } from "node:fs"
import { type Context, Effect, type FileSystem, Layer, type Path, Schema, type Scope } from "effect"
import type { DeskFolder } from "./DeskFolder.ts"
import { openDesk } from "./DeskProgram.ts"
import { initDesk } from "./InitDesk.ts"

/** Everything a program may ask of an open desk. */
export type DeskServices = Layer.Success<ReturnType<typeof openDesk>>

/** What opening a desk needs of the platform. */
export type Platform = FileSystem.FileSystem | Path.Path

/** The desk cannot be opened, and why. */
export class DeskUnavailable extends Schema.TaggedError<DeskUnavailable>()("DeskUnavailable", {
  /** The failure's own tag. */
  reason: Schema.String,
  message: Schema.String
}) {}

export interface Opening {
  readonly folder: DeskFolder
  /** Names the process among those of the desk. */
  readonly holder: string
  /** Who makes a desk where there is none: "mcp", "load-context". */
  readonly program: string
}

const unavailable = (failure: { readonly _tag: string; readonly message: string }): DeskUnavailable =>
  new DeskUnavailable({ reason: failure._tag, message: failure.message })

/** Opens the desk for as long as `scope` lasts, made anew where there has never been one. */
export const openOrInit = (
  { folder, holder, program }: Opening,
  scope: Scope.Scope
): Effect.Effect<Context.Context<DeskServices>, DeskUnavailable, Platform> => {
  const build = Layer.buildWithScope(openDesk(folder, holder), scope)
  return build.pipe(
    Effect.catchTag("DeskMissing", (missing) =>
      existsSync(folder.config)
        ? initDesk({ folder, holder, cash: undefined, actor: { kind: "desk", name: program } }).pipe(
            Effect.andThen(build)
          )
        : Effect.fail(missing)
    ),
    Effect.mapError(unavailable)
  )
}

/** Opens a desk that is there, without its prices. */
export const openWithoutMarket = (
  { folder, holder }: Pick<Opening, "folder" | "holder">,
  scope: Scope.Scope
): Effect.Effect<Context.Context<DeskServices>, DeskUnavailable, Platform> =>
  Layer.buildWithScope(openDesk(folder, holder, { evenWithoutMarket: true }), scope).pipe(
    Effect.mapError(unavailable)
  )
