/**
 * One folder, one project. Two projects with the same PLIMSOLL_HOME would trade
 * one account under two configurations without knowing of each other.
 */
import { randomUUID } from "node:crypto"
import { existsSync, realpathSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { Clock, Effect, Option, Schema } from "effect"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { DeskIdentityStore } from "../execution/DeskIdentity.ts"
import { CONFIG_FILE, type DeskFolder } from "./DeskFolder.ts"

/** The desk in this folder is another project's. */
export class DeskTaken extends Schema.TaggedError<DeskTaken>()("DeskTaken", {
  project: Schema.String,
  owner: Schema.String,
  message: Schema.String
}) {}

/**
 * Makes the desk the project's that opens it first, and refuses it to others. A
 * project that was moved, so that nothing is where it was, keeps its desk.
 */
export const ownDesk = Effect.fn("DeskOwner.own")(
  function* (folder: DeskFolder) {
    const store = yield* DeskIdentityStore
    const unit = yield* UnitOfWork
    const home = realpathSync(folder.home)
    const owner = realpathSync(folder.project)
    const project = relative(home, owner)
    const known = yield* store.load
    if (Option.exists(known, (identity) => identity.project === project)) return
    yield* unit.atomically(
      Effect.gen(function* () {
        const current = yield* store.load
        if (Option.isNone(current)) {
          const created = (yield* Clock.currentTimeMillis) * 1000
          return yield* store.save({ deskId: randomUUID(), project, created })
        }
        const before = resolve(home, current.value.project)
        if (before === owner) return
        if (existsSync(join(before, CONFIG_FILE))) {
          return yield* new DeskTaken({
            project: owner,
            owner: before,
            message: `the desk in ${home} belongs to the project ${before}, and this is ${owner}: give each project a PLIMSOLL_HOME of its own, or leave it unset; if the desk is to change hands, move ${join(before, CONFIG_FILE)} away first`
          })
        }
        yield* Effect.logWarning(
          `the desk in ${home} was the project ${before}'s, which is there no more: it is ${owner}'s from now on`
        )
        yield* store.save({ ...current.value, project })
      })
    )
  },
  Effect.catchTag("StorageCorrupt", (error) => Effect.logWarning("whose desk this is cannot be told", error))
)
