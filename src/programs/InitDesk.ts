/** Sets a desk up: its folder, its configuration, its clock and its account. Done again it changes nothing. */
import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Effect, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { accountId } from "../domain/Identifiers.ts"
import { formatMicros, type Money } from "../domain/Money.ts"
import { Account } from "../execution/Account.ts"
import { type DeskStatus, DeskView } from "../execution/DeskView.ts"
import { MarketClockControl } from "../market/MarketClockControl.ts"
import { configJsonSchema, DEFAULT_CASH, initialConfig } from "./DeskConfig.ts"
import type { DeskFolder } from "./DeskFolder.ts"
import { deskLayer, loadConfig, turnCrank } from "./DeskProgram.ts"
import { newStorage } from "./DeskStorage.ts"
import { makeFolder } from "./MakeFolder.ts"
import { firstInstantOf, marketSources } from "./MarketSources.ts"

/** The desk's folder or configuration cannot be written. */
export class InitFailed extends Schema.TaggedError<InitFailed>()("InitFailed", {
  message: Schema.String
}) {}

export interface Initialised {
  readonly wroteConfig: boolean
  readonly openedAccount: boolean
  readonly symbols: ReadonlyArray<string>
  readonly status: DeskStatus
}

const SCHEMA_FILE = "plimsoll.schema.json"

const writing = (what: string, work: () => void): Effect.Effect<void, InitFailed> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new InitFailed({
        message: `${what} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

const prepareFolder = (folder: DeskFolder) =>
  writing(folder.home, () => {
    makeFolder(folder.home)
    // A desk's state is no part of the project's history.
    writeFileSync(join(folder.home, ".gitignore"), "*\n")
    writeFileSync(join(folder.home, SCHEMA_FILE), `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
  })

const writeConfig = (folder: DeskFolder, cash: Money | undefined) =>
  writing(folder.config, () => {
    const path = relative(folder.project, join(folder.home, SCHEMA_FILE))
    const fresh = `${folder.config}.${process.pid}`
    try {
      writeFileSync(
        fresh,
        initialConfig(path.startsWith("..") ? path : `./${path}`, formatMicros(cash ?? DEFAULT_CASH))
      )
      // Whole or not at all, and never over another's.
      linkSync(fresh, folder.config)
    } catch (cause) {
      // Another init was quicker by a moment.
      if (!existsSync(folder.config)) throw cause
    } finally {
      rmSync(fresh, { force: true })
    }
  })

/** Makes what is missing of the desk in `folder`, with `cash` in a new account. */
export const initDesk = Effect.fn("InitDesk.run")(function* (options: {
  readonly folder: DeskFolder
  readonly cash: Money | undefined
  readonly actor: Actor
  readonly holder: string
}) {
  const { actor, cash, folder, holder } = options
  const wroteConfig = !existsSync(folder.config)
  if (wroteConfig) yield* writeConfig(folder, cash)
  yield* prepareFolder(folder)
  const { config, problem } = yield* loadConfig(folder)
  if (problem !== undefined) return yield* problem
  const sources = yield* marketSources(config, folder.project)
  const work = Effect.gen(function* () {
    const clock = yield* MarketClockControl
    yield* clock.initialise(firstInstantOf(config.market, sources))
    const account = yield* Account
    const view = yield* DeskView
    const isNew = yield* view.status.pipe(
      Effect.as(false),
      Effect.catchTag("AccountNotOpen", () => Effect.succeed(true))
    )
    const openedAccount = isNew
      ? yield* account
          .open({
            accountId: accountId("desk"),
            cash: cash ?? config.paper?.startingCash ?? DEFAULT_CASH,
            actor
          })
          .pipe(
            Effect.as(true),
            // Another init was quicker by a moment.
            Effect.catchTag("AccountAlreadyOpen", () => Effect.succeed(false))
          )
      : false
    yield* turnCrank
    const initialised: Initialised = {
      wroteConfig,
      openedAccount,
      symbols: sources.flatMap(({ listings }) => listings.map(({ instrument }) => instrument.symbol)),
      status: yield* view.status
    }
    return initialised
  })
  const storage = yield* newStorage(folder)
  return yield* Effect.provide(work, deskLayer({ folder, storage, config, sources, holder }))
})
