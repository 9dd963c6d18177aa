/**
 * What can be run and tested by name: the built-in strategies, the project's
 * own in `algorithms/`, and its LEAN projects.
 *
 * `algorithms/NAME.ts` or `algorithms/NAME/strategy.ts` is a strategy,
 * `algorithms/NAME/main.py` or `Main.cs` beside a `config.json` a LEAN project.
 */
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { nearest } from "../../domain/Nearest.ts"
import type { StrategyDefinition } from "../../session/StrategyDefinition.ts"
import { definitions } from "../../session/strategies/Strategies.ts"
import { version } from "../Version.ts"
import { projectHash } from "./CodeFiles.ts"
import { AlgorithmInvalid, loadStrategyFile } from "./StrategyFile.ts"

/** Nothing has that name. */
export class UnknownAlgorithm extends Schema.TaggedError<UnknownAlgorithm>()("UnknownAlgorithm", {
  name: Schema.String,
  known: Schema.Array(Schema.String),
  message: Schema.String
}) {}

/** A strategy that this program plays itself. */
export interface StrategyAlgorithm {
  readonly _tag: "Strategy"
  readonly definition: StrategyDefinition
  readonly kind: "built-in" | "file"
  /** SHA-256, hex, of its code; of a built-in one the program's version. */
  readonly codeHash: string
  /** Absolute, of one in a file. */
  readonly file?: string
}

/** A project of QuantConnect's LEAN, which `lean` plays. */
export interface LeanAlgorithm {
  readonly _tag: "Lean"
  readonly name: string
  /** Absolute. */
  readonly folder: string
  readonly language: "Python" | "C#"
  /** SHA-256, hex, of its source files. */
  readonly codeHash: string
}

export type Algorithm = StrategyAlgorithm | LeanAlgorithm

/** One that there is, usable or not. */
export type ListedAlgorithm =
  | {
      readonly name: string
      readonly kind: "built-in" | "file"
      readonly title: string
      readonly summary: string
      readonly definition: StrategyDefinition
    }
  | { readonly name: string; readonly kind: "lean"; readonly language: LeanAlgorithm["language"] }
  | { readonly name: string; readonly kind: "invalid"; readonly file: string; readonly problem: string }

/** In the project's folder. */
export const ALGORITHMS_FOLDER = "algorithms"

/** A name is a folder's name, and a file's. */
const isName = (text: string): boolean => /^[a-zA-Z0-9][\w.-]{0,63}$/u.test(text)

/** What in the project's folder goes by a name. */
interface Place {
  readonly name: string
  readonly kind: "file" | LeanAlgorithm["language"]
  /** A module, or a LEAN project's folder. Absolute. */
  readonly path: string
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

const leanLanguage = (folder: string): LeanAlgorithm["language"] | undefined => {
  if (!isFile(join(folder, "config.json"))) return undefined
  if (isFile(join(folder, "main.py"))) return "Python"
  return isFile(join(folder, "Main.cs")) ? "C#" : undefined
}

/** Of one entry of the folder; none for what is no algorithm. */
const placesAt = (folder: string, entry: string): ReadonlyArray<Place> => {
  const path = join(folder, entry)
  if (entry.endsWith(".ts")) {
    const name = entry.slice(0, -".ts".length)
    return isName(name) && !entry.endsWith(".d.ts") && isFile(path) ? [{ name, kind: "file", path }] : []
  }
  if (!isName(entry) || !statSync(path).isDirectory()) return []
  const module = join(path, "strategy.ts")
  const language = leanLanguage(path)
  return [
    ...(isFile(module) ? [{ name: entry, kind: "file" as const, path: module }] : []),
    ...(language === undefined ? [] : [{ name: entry, kind: language, path }])
  ]
}

/** By name, in order of the alphabet. A folder that is not there holds nothing. */
const placesIn = (project: string): ReadonlyArray<Place> => {
  const folder = join(project, ALGORITHMS_FOLDER)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .toSorted()
    .flatMap((entry) => placesAt(folder, entry))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

const unreadable = (name: string) => (cause: unknown) =>
  new AlgorithmInvalid({
    name,
    file: ALGORITHMS_FOLDER,
    message: `${ALGORITHMS_FOLDER} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
  })

const builtIn = (definition: StrategyDefinition): StrategyAlgorithm => ({
  _tag: "Strategy",
  definition,
  kind: "built-in",
  codeHash: `plimsoll ${version}`
})

const load = Effect.fnUntraced(function* ({ kind, name, path }: Place, project: string) {
  if (kind === "file") {
    const { codeHash, definition } = yield* loadStrategyFile(name, path, project)
    const found: Algorithm = { _tag: "Strategy", definition, kind, codeHash, file: path }
    return found
  }
  const codeHash = yield* Effect.try({ try: () => projectHash(path), catch: unreadable(name) })
  const found: Algorithm = { _tag: "Lean", name, folder: path, language: kind, codeHash }
  return found
})

/** Several by one name: nobody could say which was meant. */
const ambiguous = (name: string, places: ReadonlyArray<Place>): AlgorithmInvalid | undefined => {
  const [first, second] = places
  if (first === undefined || (second === undefined && !definitions.has(name))) return undefined
  return new AlgorithmInvalid({
    name,
    file: ALGORITHMS_FOLDER,
    message: `${ALGORITHMS_FOLDER} has a strategy "${name}", and ${
      definitions.has(name) ? "a built-in one has that name" : "another of that name"
    }: give it another name`
  })
}

/** The algorithm of that name; `project` is the folder that has `algorithms/`. */
export const findAlgorithm = Effect.fn("findAlgorithm")(function* (name: string, project: string) {
  const places = yield* Effect.try({ try: () => placesIn(project), catch: unreadable(name) })
  const here = places.filter((place) => place.name === name)
  const clash = ambiguous(name, here)
  if (clash !== undefined) return yield* clash
  const definition = definitions.get(name)
  if (definition !== undefined) return builtIn(definition)
  const [place] = here
  if (place !== undefined) return yield* load(place, project)
  const known = [...new Set([...definitions.keys(), ...places.map((one) => one.name)])]
  const [meant = ""] = nearest(name, known, 1)
  return yield* new UnknownAlgorithm({
    name,
    known,
    message: `There is no strategy "${name}": expected one of ${known.join(", ")}. The nearest is ${meant}.`
  })
})

const listed = (place: Place, project: string, places: ReadonlyArray<Place>) => {
  const { name } = place
  const clash = ambiguous(
    name,
    places.filter((one) => one.name === name)
  )
  return (clash === undefined ? load(place, project) : Effect.fail(clash)).pipe(
    Effect.map((found): ListedAlgorithm => {
      if (found._tag === "Lean") return { name, kind: "lean", language: found.language }
      const { definition, kind } = found
      return { name, kind, title: definition.title, summary: definition.summary, definition }
    }),
    Effect.catchTag("AlgorithmInvalid", ({ file, message }) =>
      Effect.succeed<ListedAlgorithm>({ name, kind: "invalid", file, problem: message })
    )
  )
}

/** All there are, the built-in ones first; those that cannot be used say why. */
export const listAlgorithms = Effect.fn("listAlgorithms")(function* (project: string) {
  const places = yield* Effect.try({ try: () => placesIn(project), catch: unreadable("") })
  const own = yield* Effect.forEach(places, (place) => listed(place, project, places))
  const standard = [...definitions.values()].map((definition): ListedAlgorithm => {
    const { name, summary, title } = definition
    return { name, kind: "built-in", title, summary, definition }
  })
  return [...standard, ...own]
})
