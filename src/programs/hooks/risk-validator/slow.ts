/**
 * What the hook risk-validator seldom needs: arguments that are refused, said by
 * the schemas of the broker's server; a `plimsoll.json` that has changed since
 * the desk was opened; a desk on a server. A bundle of its own, with the
 * libraries for it.
 */
import { Effect, Exit, Layer, Option, Redacted, Result } from "effect"
import { existsSync } from "node:fs"
import { DeskUnreadable } from "../../../execution/DeskSnapshot.ts"
import { OrderJournal } from "../../../execution/OrderJournal.ts"
import { PermitStore } from "../../../execution/PermitStore.ts"
import { DATABASE_VERSION } from "../../../storage/DatabaseVersion.ts"
import * as DeskPlace from "../../../storage/DeskPlace.ts"
import * as DeskStores from "../../../storage/DeskStores.ts"
import { currentVersion } from "../../../storage/Migrations.ts"
import * as Postgres from "../../../storage/Postgres.ts"
import { parseAddress, type PostgresAddress } from "../../../storage/PostgresAddress.ts"
import { BUSY_TIMEOUT_MILLIS } from "../../../storage/SnapshotSync.ts"
import * as SnapshotSql from "../../../storage/SnapshotSql.ts"
import * as SqlUnitOfWork from "../../../storage/SqlUnitOfWork.ts"
import { candidate } from "../../ConfigFile.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import { argumentsDecoder } from "../../mcp/kit/Arguments.ts"
import { wireSchemaOf } from "../../mcp/kit/WireSchema.ts"
import { changeOf, CloseTerms, intentOf, OrderTerms, ReplaceTerms } from "../../mcp/broker/OrderTerms.ts"
import type { HookAnswer } from "../kit/Answer.ts"
import { type DeskAccess, placeOf } from "./DeskAccess.ts"
import type { LimitsHere } from "./Judge.ts"
import type { Terms } from "./ToolInput.ts"

interface Problem {
  readonly problem: string
}

const decodePlace = argumentsDecoder("place_order", OrderTerms, () => wireSchemaOf(OrderTerms))
const decodeReplace = argumentsDecoder("replace_order", ReplaceTerms, () => wireSchemaOf(ReplaceTerms))
const decodeClose = argumentsDecoder("close_position", CloseTerms, () => wireSchemaOf(CloseTerms))

/** The arguments as the broker's server decodes them, or what is wrong with them in its words. */
export const termsBySchema = (tool: Terms["tool"], input: unknown): Terms | Problem => {
  const onFailure = ({ message }: { readonly message: string }): Problem => ({ problem: message })
  switch (tool) {
    case "place_order":
      return Result.match(decodePlace(input), { onFailure, onSuccess: (terms): Terms => ({ tool, terms }) })
    case "replace_order":
      return Result.match(decodeReplace(input), { onFailure, onSuccess: (terms): Terms => ({ tool, terms }) })
    case "close_position":
      return Result.match(decodeClose(input), { onFailure, onSuccess: (terms): Terms => ({ tool, terms }) })
  }
}

const unfitting = (result: Result.Result<unknown, { readonly message: string }>): string =>
  Result.isFailure(result)
    ? `${result.failure.message}. Nothing was sent: call it again with arguments that fit together.`
    : "the arguments do not fit together. Nothing was sent."

/** Why terms that are each sound do not make an order. */
export const whyUnfitting = (call: Terms): string => {
  switch (call.tool) {
    case "place_order":
      return unfitting(intentOf(call.terms))
    case "replace_order":
      return unfitting(changeOf(call.terms))
    case "close_position":
      return unfitting(Result.succeed(undefined))
  }
}

/** What the project's file asks for as limits, all of it decoded. */
export const limitsOfFile = (folder: DeskFolder): Promise<LimitsHere> =>
  Effect.runPromise(
    candidate(folder).pipe(
      Effect.match({
        onFailure: ({ message }): LimitsHere => ({ problem: message }),
        onSuccess: ({ profile }): LimitsHere => ({ limits: profile.limits })
      })
    )
  )

/** Where the desk is, and that this program knows its tables. */
const checked = Effect.fnUntraced(function* (folder: DeskFolder, address: PostgresAddress) {
  const place = placeOf(folder)
  if (place instanceof DeskUnreadable) return yield* Effect.fail(place)
  if (place?.kind === "sqlite" || (place === undefined && existsSync(folder.database))) {
    return yield* Effect.fail(
      new DeskUnreadable(
        `the desk of ${folder.home} is in ${place?.where ?? folder.database}, and PLIMSOLL_DATABASE_URL names a server: unset it`
      )
    )
  }
  const version = yield* currentVersion
  if (place === undefined || version === 0) {
    return yield* Effect.fail(new DeskUnreadable(`there is no desk in ${address.shown}: run plimsoll init`))
  }
  if (version !== DATABASE_VERSION) {
    return yield* Effect.fail(
      new DeskUnreadable(
        version < DATABASE_VERSION
          ? "the desk was last opened by an older plimsoll: plimsoll status brings its database up to date"
          : "the database was written by a newer plimsoll: use that one"
      )
    )
  }
  const row = yield* DeskPlace.read
  if (Option.isNone(row) || row.value.deskId !== place.deskId) {
    return yield* Effect.fail(new DeskUnreadable(`${address.shown} holds the desk of another folder`))
  }
})

/** The stores of a desk on a server as a hook uses it. */
const access = Effect.gen(function* () {
  const context = yield* Effect.context<Layer.Success<ReturnType<typeof stores>>>()
  const permits = yield* PermitStore
  const journal = yield* OrderJournal
  const failed = ({ message }: { readonly message: string }) => new DeskUnreadable(message)
  const desk: DeskAccess = {
    read: (asked, here) =>
      Effect.runPromiseWith(context)(
        SnapshotSql.readDesk(asked, here).pipe(Effect.catch((error) => Effect.succeed(failed(error))))
      ),
    knows: (orderId) =>
      Effect.runPromiseWith(context)(
        journal.order(orderId).pipe(
          Effect.map(Option.exists(({ order }) => order.status !== "Denied")),
          Effect.orElseSucceed(() => false)
        )
      ),
    leave: (permit) =>
      Effect.runPromiseWith(context)(
        permits.put(permit).pipe(Effect.match({ onFailure: failed, onSuccess: () => undefined }))
      )
  }
  return desk
})

const stores = (address: PostgresAddress) =>
  DeskStores.layer.pipe(
    Layer.provideMerge(SqlUnitOfWork.layer),
    Layer.provideMerge(Postgres.layer({ address, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS }))
  )

/** The answer on the desk that a server has; one that cannot be used is told by `unreadable`. */
export const onServer = async (
  folder: DeskFolder,
  url: string,
  use: {
    readonly answer: (desk: DeskAccess) => Promise<HookAnswer>
    readonly unreadable: (why: DeskUnreadable) => HookAnswer
  }
): Promise<HookAnswer> => {
  const address = parseAddress("PLIMSOLL_DATABASE_URL", Redacted.make(url))
  if (Result.isFailure(address)) return use.unreadable(new DeskUnreadable(address.failure.message))
  const work = Effect.gen(function* () {
    yield* checked(folder, address.success)
    const desk = yield* access
    return yield* Effect.promise(() => use.answer(desk))
  }).pipe(
    Effect.provide(stores(address.success)),
    Effect.catch(({ message }) => Effect.succeed(use.unreadable(new DeskUnreadable(message))))
  )
  const exit = await Effect.runPromiseExit(work)
  return Exit.isSuccess(exit)
    ? exit.value
    : use.unreadable(new DeskUnreadable("the desk's server could not be asked"))
}
