/**
 * What makes a folder a project for Claude Code: servers, hooks, agents and
 * commands, as this installation has them for itself, with the paths of this
 * installation in them. Nothing that is there already is changed.
 */
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Schema } from "effect"
import { readTextFile } from "../ReadTextFile.ts"

/** The project's files for Claude Code cannot be written. */
export class ProjectFilesFailed extends Schema.TaggedError<ProjectFilesFailed>()("ProjectFilesFailed", {
  message: Schema.String
}) {}

/** A file of the project, its path below the project's folder. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** Every text in a JSON value. */
const inTexts = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === "string") return change(value)
  if (Array.isArray(value)) return value.map((inner) => inTexts(inner, change))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inTexts(inner, change)]))
}

/** The client's own words for the project's folder become this installation's. */
export const placedAt =
  (installation: string) =>
  (text: string): string =>
    text
      .replaceAll(/\$\{CLAUDE_PROJECT_DIR(?::-\.)?\}(?="?\/(?:bin|\.claude\/hooks)\/)/gu, () => installation)
      // A rule's path that begins with two slashes is absolute.
      .replace(/^Edit\(\/(?=dist\/|bin\/|\.claude\/hooks\/)/u, `Edit(/${installation}/`)

const json = (installation: string, path: string): ProjectFile => {
  const value: unknown = JSON.parse(readTextFile(join(installation, path)))
  return { path, text: `${JSON.stringify(inTexts(value, placedAt(installation)), null, 2)}\n` }
}

/** What is said of working on Plimsoll itself is of no use in another folder. */
const withoutDevelopment = (text: string): string => text.replace(/\n## Working on the code\n[\s\S]*$/u, "")

/** The files of this installation, for another folder. */
export const projectFiles = (
  installation: string
): Effect.Effect<ReadonlyArray<ProjectFile>, ProjectFilesFailed> =>
  Effect.try({
    try: () => {
      const texts = ["agents", "commands"].flatMap((kind) =>
        readdirSync(join(installation, ".claude", kind))
          .filter((name) => name.endsWith(".md"))
          .map((name) => join(".claude", kind, name))
      )
      return [
        json(installation, ".mcp.json"),
        json(installation, join(".claude", "settings.json")),
        ...texts.map((path) => ({ path, text: readTextFile(join(installation, path)) })),
        { path: "CLAUDE.md", text: withoutDevelopment(readTextFile(join(installation, "CLAUDE.md"))) }
      ]
    },
    catch: (cause) =>
      new ProjectFilesFailed({
        message: `the files for Claude Code cannot be read from ${installation}: ${cause instanceof Error ? cause.message : String(cause)}. Install Plimsoll anew`
      })
  })

/** Writes a file whole, unless there is one; true when it was written. */
const writeNew = (path: string, text: string): boolean => {
  if (existsSync(path)) return false
  mkdirSync(dirname(path), { recursive: true })
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, text)
  try {
    linkSync(fresh, path)
    return true
  } catch (cause) {
    // Another was quicker by a moment.
    if (existsSync(path)) return false
    throw cause
  } finally {
    rmSync(fresh, { force: true })
  }
}

export interface WrittenFiles {
  readonly written: ReadonlyArray<string>
  /** Were there already, and hold something else. */
  readonly left: ReadonlyArray<string>
}

const textOf = (path: string): string | undefined => {
  try {
    return readTextFile(path)
  } catch {
    return undefined
  }
}

/** Writes the files that are missing in `project`. */
export const writeProjectFiles = Effect.fnUntraced(function* (installation: string, project: string) {
  const files = yield* projectFiles(installation)
  return yield* Effect.try({
    try: (): WrittenFiles => {
      const written: Array<string> = []
      const left: Array<string> = []
      for (const { path, text } of files) {
        const target = join(project, path)
        if (writeNew(target, text)) written.push(path)
        else if (textOf(target) !== text) left.push(path)
      }
      return { written, left }
    },
    catch: (cause) =>
      new ProjectFilesFailed({
        message: `the files for Claude Code cannot be written in ${project}: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })
})
