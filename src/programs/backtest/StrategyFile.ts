/**
 * Strategies in files of the user's: TypeScript modules whose default export
 * `defineStrategy` made.
 *
 * Node takes the types off and runs them as they are. Such a module imports
 * "plimsoll/strategy", which is this program's own whatever is installed beside
 * it, and files of its own by relative paths; nothing else: no network, no
 * disk, and no code that its hash does not cover.
 *
 * What comes from such a module is of another copy of this program's code:
 * plain values and functions, checked here by their shape.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { constants, Script } from "node:vm"
import { Effect, Predicate, Result, Schema } from "effect"
import { SessionDate } from "../../domain/Timestamp.ts"
import { BadParameter, type Parameter } from "../../session/Parameters.ts"
import type { Strategy } from "../../session/Strategy.ts"
import type { SignalRule, StrategyDefinition } from "../../session/StrategyDefinition.ts"
import { type ModuleCode, moduleCode } from "./CodeFiles.ts"

/** A strategy's file is there and cannot be used. */
export class AlgorithmInvalid extends Schema.TaggedError<AlgorithmInvalid>()("AlgorithmInvalid", {
  name: Schema.String,
  /** Relative to the project; of a module it imports where that is to blame. */
  file: Schema.String,
  /** Where in it, as far as that is known. */
  line: Schema.optionalKey(Schema.Int),
  message: Schema.String
}) {}

const LIBRARY = "plimsoll/strategy"
/** Marks the modules that are loaded here; its value is their code's hash, so changed code is another module. */
const MARK = "plimsoll-code"
/** A module that waits for something when it is loaded waits so long. */
const LONGEST_LOAD_MILLIS = 10_000

const isPackage = (folder: string): boolean => {
  const file = join(folder, "package.json")
  if (!existsSync(file)) return false
  const read: unknown = JSON.parse(readFileSync(file, "utf8"))
  return Predicate.hasProperty(read, "name") && read.name === "plimsoll"
}

/** The library of this very program: built beside a bundle, in its sources when it runs from them. */
const findLibrary = (): string => {
  const bundled = join(import.meta.dirname, "strategy.mjs")
  if (existsSync(bundled)) return bundled
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (isPackage(folder)) {
      const source = join(folder, "src/session/strategyLibrary.ts")
      return existsSync(source) ? source : join(folder, "dist/strategy.mjs")
    }
    if (folder === dirname(folder)) throw new Error(`there is no ${LIBRARY} with this program`)
  }
}

const markOf = (url: string | undefined): string | null =>
  url?.startsWith("file:") === true ? new URL(url).searchParams.get(MARK) : null

/** The files of each code that was loaded, by its hash. */
const filesOf = new Map<string, ModuleCode["files"]>()

let isHooked = false

/** Once in a thread. */
const hook = (): void => {
  if (isHooked) return
  isHooked = true
  const library = pathToFileURL(findLibrary()).href
  registerHooks({
    resolve(specifier, context, next) {
      const mark = markOf(context.parentURL)
      if (mark === null) return next(specifier, context)
      if (specifier === LIBRARY) return { url: library, shortCircuit: true }
      if (!/^\.{1,2}\//u.test(specifier)) {
        throw new Error(
          `it imports "${specifier}": a strategy imports "${LIBRARY}" and files of its own, and nothing else`
        )
      }
      const found = next(specifier, context)
      const url = new URL(found.url)
      if (filesOf.get(mark)?.has(realpathSync(fileURLToPath(url))) !== true) {
        throw new Error(
          `it imports "${specifier}" in a way that the hash of its code cannot follow: write the path in quotes right after "from" or "import("`
        )
      }
      url.searchParams.set(MARK, mark)
      return { ...found, url: url.href }
    },
    load(url, context, next) {
      // Whatever the project's package.json says of its modules.
      return markOf(url) === null
        ? next(url, context)
        : next(url, { ...context, format: "module-typescript" })
    }
  })
}

/** Node's own import: a bundler's or a test runner's would not take a module by its address. */
// oxlint-disable-next-line no-implied-eval, no-new-func
const plainImport: unknown = new Function("url", "return import(url)")

/** The same where code that was made at run time may not import, as under a test runner. Node calls it experimental, aloud. */
const scriptImport = (): unknown =>
  new Script("(url) => import(url)", {
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  }).runInThisContext()

const mayNotImport = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && cause.code === "ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING"

const importWith = async (load: unknown, url: string): Promise<unknown> => {
  const found: unknown = isFunction(load) ? await load(url) : undefined
  return found
}

const importModule = (url: string): Promise<unknown> =>
  importWith(plainImport, url).catch((cause: unknown) =>
    mayNotImport(cause) ? importWith(scriptImport(), url) : Promise.reject(cause)
  )

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Where an error came from: the first line of its stack that is in a module with this mark. */
const placeOf = (
  cause: unknown,
  hash: string
): { readonly path: string; readonly line: number } | undefined => {
  const stack = cause instanceof Error ? (cause.stack ?? "") : ""
  const found = new RegExp(`(?<url>file:\\S+)\\?${MARK}=${hash}:(?<line>\\d+)`, "u").exec(stack)?.groups
  return found === undefined
    ? undefined
    : { path: fileURLToPath(found["url"] ?? ""), line: Number(found["line"]) }
}

/** An error of the user's code as it is told: message, and where. */
const toldOf = (cause: unknown, hash: string, project: string): string => {
  const place = placeOf(cause, hash)
  return place === undefined
    ? messageOf(cause)
    : `${relative(project, place.path)}:${place.line}: ${messageOf(cause)}`
}

const isFunction = (value: unknown): value is (...given: ReadonlyArray<unknown>) => unknown =>
  typeof value === "function"

const isParameter = (value: unknown): value is Parameter =>
  Predicate.hasProperty(value, "default") &&
  Predicate.hasProperty(value, "is") &&
  isFunction(value.is) &&
  Predicate.hasProperty(value, "meaning") &&
  Predicate.hasProperty(value, "kind")

const isSignal = (value: unknown): boolean =>
  value === undefined || (Predicate.hasProperty(value, "wants") && isFunction(value.wants))

const Shape = Schema.Struct({
  name: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  summary: Schema.NonEmptyString,
  description: Schema.String,
  instruments: Schema.Struct({ least: Schema.Int, most: Schema.NullOr(Schema.Int) }),
  knowledgeCutoff: Schema.optionalKey(SessionDate)
})
const hasShape = Schema.is(Shape)

const isDefinition = (value: unknown): value is StrategyDefinition =>
  hasShape(value) &&
  Predicate.hasProperty(value, "bind") &&
  isFunction(value.bind) &&
  Predicate.hasProperty(value, "parameters") &&
  Predicate.isObject(value.parameters) &&
  Object.values(value.parameters).every(isParameter) &&
  Predicate.hasProperty(value, "signal") &&
  isSignal(value.signal)

const Logic = Schema.Struct({
  resolution: Schema.optionalKey(Schema.Literals(["1m", "5m", "1h", "1d"])),
  warmUp: Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))),
  indicators: Schema.optionalKey(
    Schema.Array(Schema.Struct({ name: Schema.String, warmUp: Schema.Int, make: Schema.Unknown }))
  ),
  schedule: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        at: Schema.Struct({ _tag: Schema.Literals(["AfterOpen", "BeforeClose"]), minutes: Schema.Int }),
        on: Schema.Literals(["session", "week", "month"]),
        decide: Schema.Unknown
      })
    )
  ),
  onBar: Schema.Unknown,
  onFill: Schema.optionalKey(Schema.Unknown)
})
const decodeLogic = Schema.decodeUnknownResult(Logic)

/** What is wrong with a strategy that was made; undefined when it is whole. */
const problemOf = (strategy: Strategy): string | undefined => {
  const decoded = decodeLogic(strategy)
  if (Result.isFailure(decoded)) return decoded.failure.message
  if (!isFunction(strategy.onBar)) return "onBar is no function"
  if (strategy.onFill !== undefined && !isFunction(strategy.onFill)) return "onFill is no function"
  if (strategy.indicators?.every(({ make }) => isFunction(make)) === false) return "an indicator has no make"
  return strategy.schedule?.every(({ decide }) => isFunction(decide)) === false
    ? "a schedule's decide is no function"
    : undefined
}

/**
 * The rule with columns and a cache of its own at every point: what it writes
 * to them, or keeps under a name that two points have in common, is not met by
 * another point, whichever thread plays it and whatever was played before.
 */
const ownPoint = ({ wants }: SignalRule): SignalRule => ({
  wants: ({ close, length }, values) => wants({ length, close: close.slice() }, { ...values }, new Map())
})

/** The definition with errors of this program's own, whatever the user's code throws. */
const guarded = (definition: StrategyDefinition, hash: string, project: string): StrategyDefinition => ({
  ...definition,
  signal: definition.signal === undefined ? undefined : ownPoint(definition.signal),
  bind: (values) => {
    const refused = (parameter: string, message: string) =>
      Result.fail(new BadParameter({ strategy: definition.name, parameter, message }))
    try {
      const bound = definition.bind(values)
      if (Result.isFailure(bound)) return refused(bound.failure.parameter, bound.failure.message)
      const problem = problemOf(bound.success)
      return problem === undefined
        ? Result.succeed(bound.success)
        : refused("", `strategy ${definition.name} makes something else than a strategy: ${problem}`)
    } catch (cause) {
      return refused("", `strategy ${definition.name} cannot be made: ${toldOf(cause, hash, project)}`)
    }
  }
})

export interface LoadedFile {
  readonly definition: StrategyDefinition
  readonly codeHash: string
}

/** Loads the strategy `name` from `file`; a file that has changed is loaded afresh. */
export const loadStrategyFile = Effect.fn("loadStrategyFile")(function* (
  name: string,
  file: string,
  project: string
) {
  const shown = relative(project, file)
  const invalid = (message: string, at: { readonly path: string; readonly line: number } | undefined) =>
    new AlgorithmInvalid({
      name,
      file: at === undefined ? shown : relative(project, at.path),
      ...(at === undefined ? {} : { line: at.line }),
      message: `${at === undefined ? shown : `${relative(project, at.path)}:${at.line}`}: ${message}`
    })
  const { files, hash: codeHash } = yield* Effect.try({
    try: () => moduleCode(file),
    catch: (cause) => invalid(`it cannot be read: ${messageOf(cause)}`, undefined)
  })
  const url = pathToFileURL(file)
  url.searchParams.set(MARK, codeHash)
  filesOf.set(codeHash, new Set([...(filesOf.get(codeHash) ?? []), ...files]))
  const loaded: unknown = yield* Effect.tryPromise({
    try: async () => {
      hook()
      return await importModule(url.href)
    },
    catch: (cause) => invalid(messageOf(cause), placeOf(cause, codeHash))
  }).pipe(
    Effect.timeoutOrElse({
      duration: LONGEST_LOAD_MILLIS,
      orElse: () =>
        Effect.fail(invalid(`it was not loaded within ${LONGEST_LOAD_MILLIS / 1000} s`, undefined))
    })
  )
  const definition = Predicate.hasProperty(loaded, "default") ? loaded.default : undefined
  if (definition === undefined) {
    return yield* invalid("it has no default export: write `export default defineStrategy({ … })`", undefined)
  }
  if (!isDefinition(definition)) {
    return yield* invalid(
      `its default export is no strategy: make it with defineStrategy of "${LIBRARY}"`,
      undefined
    )
  }
  if (definition.name !== name) {
    return yield* invalid(
      `it calls its strategy "${definition.name}": its name has to be that of the file, "${name}"`,
      undefined
    )
  }
  const found: LoadedFile = { definition: guarded(definition, codeHash, project), codeHash }
  return found
})
