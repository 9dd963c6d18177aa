/** A LEAN project's folder: what is in it, and what its config.json says. */
import { accessSync, constants, existsSync, statSync } from "node:fs"
import { basename, delimiter, join, resolve } from "node:path"
import { Effect, Schema } from "effect"
import { SessionDate } from "../../domain/Timestamp.ts"
import type { StrategyParameters } from "../../session/Strategy.ts"
import { readTextFile } from "../ReadTextFile.ts"
import { projectHash } from "./CodeFiles.ts"
import { LeanFailure } from "./LeanFailure.ts"

export interface LeanProject {
  readonly name: string
  /** Absolute. */
  readonly folder: string
  /** SHA-256, hex, of its source files. */
  readonly codeHash: string
  /** Those of its config.json. */
  readonly parameters: Readonly<Record<string, string>>
  /** The first day that its language model knows nothing of; undefined where it asks none. */
  readonly knowledgeCutoff?: SessionDate
}

/** LEAN's own settings in it are LEAN's to check. */
const Config = Schema.Struct({
  parameters: Schema.optionalKey(
    Schema.NullOr(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])))
  ),
  /** Ours, not LEAN's. */
  "knowledge-cutoff": Schema.optionalKey(SessionDate)
})
const decodeConfig = Schema.decodeUnknownEffect(Schema.fromJsonString(Config))

const fail = (reason: LeanFailure["reason"], message: string): Effect.Effect<never, LeanFailure> =>
  Effect.fail(new LeanFailure({ reason, message, lines: [] }))

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

const inWords = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const read = <A>(file: string, what: () => A): Effect.Effect<A, LeanFailure> =>
  Effect.try({
    try: what,
    catch: (cause) =>
      new LeanFailure({
        reason: "no-config",
        message: `${file} cannot be read: ${inWords(cause)}`,
        lines: []
      })
  })

/** The project at a path. */
export const leanProject = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<LeanProject, LeanFailure> {
  const folder = resolve(path)
  if (!isFolder(folder)) return yield* fail("no-project", `there is no folder ${folder}`)
  if (!isFile(join(folder, "main.py")) && !isFile(join(folder, "Main.cs"))) {
    return yield* fail("no-project", `${folder} is no LEAN project: it has neither main.py nor Main.cs`)
  }
  const file = join(folder, "config.json")
  if (!isFile(file)) {
    return yield* fail(
      "no-config",
      `${folder} has no config.json: a LEAN project needs one, at least {"parameters": {}}`
    )
  }
  const text = yield* read(file, () => readTextFile(file))
  const { "knowledge-cutoff": knowledgeCutoff, parameters } = yield* Effect.mapError(
    decodeConfig(text),
    ({ message }) =>
      new LeanFailure({
        reason: "no-config",
        message: `${file} is no project's config.json: ${message}`,
        lines: []
      })
  )
  return {
    name: basename(folder),
    folder,
    codeHash: yield* read(folder, () => projectHash(folder)),
    parameters: Object.fromEntries(
      Object.entries(parameters ?? {}).map(([name, value]) => [name, String(value)])
    ),
    ...(knowledgeCutoff === undefined ? {} : { knowledgeCutoff })
  }
})

/**
 * The arguments for parameters: none where those of config.json are meant.
 * `lean` takes the ones on its command line in the place of all of config.json's,
 * so the others are said again.
 */
export const parameterArguments = (
  project: LeanProject,
  given: StrategyParameters
): ReadonlyArray<string> => {
  if (Object.keys(given).length === 0) return []
  const all = { ...project.parameters, ...given }
  return Object.entries(all).flatMap(([name, value]) => ["--parameter", name, String(value)])
}

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** A program on a PATH; undefined where there is none. */
export const onPath = (program: string, path: string | undefined): string | undefined =>
  (path ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isProgram)

/** Where `lean` is. */
export const leanProgram = (path: string | undefined): Effect.Effect<string, LeanFailure> => {
  const found = onPath("lean", path)
  return found === undefined
    ? fail(
        "not-installed",
        "there is no lean on the PATH: QuantConnect's LEAN is run by its own command line (pip install lean, and Docker); see docs/lean.md"
      )
    : Effect.succeed(found)
}
