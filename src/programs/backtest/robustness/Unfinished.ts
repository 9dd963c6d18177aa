/**
 * Work that is left before its end and gone on with later: one file, `.plimsoll/backtests/unfinished/ID`, written every
 * few seconds and when the work is interrupted, and taken away when it is done. What is short leaves none.
 */
import { hash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect, Option, type Result } from "effect"
import { placeWhole } from "../PlaceWhole.ts"
import { NothingToResume, SweepFolderFailed, trying } from "../SweepFolder.ts"

/** From one writing to the next. */
const KEPT_EVERY_MILLIS = 5000

/** How some work is kept. `id` is made of everything its result depends on. */
export interface KeptWork<A> {
  readonly id: string
  /** As a message says it: "look-ahead check". */
  readonly what: string
  readonly encode: (state: A) => string | Uint8Array
  /** Undefined where it is no such file. */
  readonly decode: (bytes: Uint8Array) => A | undefined
}

/** What work that can be gone on with is given. */
export interface Unfinished<A> {
  /** How far it was come before. */
  readonly from: A | undefined
  /** To be said after every step; `state` is asked when it is written, or not at all. */
  readonly reached: (state: () => A) => Effect.Effect<void>
}

/** Work that nobody goes on with. */
export const notKept = {
  from: undefined,
  reached: (): Effect.Effect<void> => Effect.void
}

export interface KeepOptions {
  /** Where a project's backtests are. */
  readonly backtests: string
  /** Asks for what was kept of an earlier try. */
  readonly resume: boolean
  /** Whether there is something to go on with. */
  readonly onInterrupt: (kept: Result.Result<boolean, SweepFolderFailed>) => Effect.Effect<void>
  /** It cannot be kept: the work goes on, and cannot be gone on with. Said once. */
  readonly onTrouble: (trouble: SweepFolderFailed) => Effect.Effect<void>
}

/** Before the state: what it is of, and its SHA-256. */
const sealed = (id: string, state: string | Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${id} ${hash("sha256", state, "hex")}\n`), Buffer.from(state)])

/** The state, where it is of this work and whole. */
const unsealed = (id: string, bytes: Uint8Array): Uint8Array | undefined => {
  const end = bytes.indexOf(10)
  const state = bytes.subarray(end + 1)
  const head = new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)))
  return head === `${id} ${hash("sha256", state, "hex")}` ? state : undefined
}

const readKept = Effect.fnUntraced(function* <A>(file: string, { decode, id, what }: KeptWork<A>) {
  const bytes = yield* trying(file, "read", () =>
    existsSync(file) ? Option.some(readFileSync(file)) : Option.none()
  )
  if (Option.isNone(bytes)) {
    return yield* new NothingToResume({
      message: `there is no unfinished ${what} ${id} to go on with: none of the same was interrupted. Leave --resume out`
    })
  }
  const state = unsealed(id, bytes.value)
  const decoded = state === undefined ? undefined : decode(state)
  if (decoded !== undefined) return decoded
  return yield* new SweepFolderFailed({
    file,
    message: `${file} is no unfinished ${what} of this program, or damaged: begin it anew, without --resume`
  })
})

/** Does the work, from where it was left if that is asked for. */
export const keptWhile = Effect.fnUntraced(function* <A, B, E, R>(
  kept: KeptWork<A>,
  { backtests, onInterrupt, onTrouble, resume }: KeepOptions,
  work: (unfinished: Unfinished<A>) => Effect.Effect<B, E, R>
) {
  const folder = join(backtests, "unfinished")
  const file = join(folder, kept.id)
  const from = resume ? yield* readKept(file, kept) : undefined
  let latest: (() => A) | undefined
  let keptAt = yield* Clock.currentTimeMillis
  let isTold = false
  const keep = Effect.suspend(() => {
    const state = latest
    return state === undefined
      ? Effect.succeed(false)
      : trying(file, "written", () => {
          mkdirSync(folder, { recursive: true })
          placeWhole(file, sealed(kept.id, kept.encode(state())))
          return true
        })
  })
  const tellOnce = (trouble: SweepFolderFailed): Effect.Effect<void> => {
    const isNews = !isTold
    isTold = true
    return isNews ? onTrouble(trouble) : Effect.void
  }
  const reached: Unfinished<A>["reached"] = Effect.fnUntraced(function* (state) {
    latest = state
    const now = yield* Clock.currentTimeMillis
    if (now - keptAt < KEPT_EVERY_MILLIS) return
    yield* Effect.catch(keep, tellOnce)
    keptAt = now
  })
  const made = yield* work({ from, reached }).pipe(
    Effect.onInterrupt(() => Effect.flatMap(Effect.result(keep), onInterrupt))
  )
  yield* trying(file, "taken away", () => rmSync(file, { force: true })).pipe(Effect.catch(tellOnce))
  return made
})
