/**
 * Where a desk lives: `.plimsoll` beside the project's `plimsoll.json`, or
 * PLIMSOLL_HOME. Like a repository, the project is found from any folder below it.
 *
 * Loaded by the commands that have to start at once: imports nothing of Effect.
 */
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { Redacted } from "effect"

export interface DeskFolder {
  /** The project's folder; paths in its configuration are relative to it. */
  readonly project: string
  readonly config: string
  /** What the desk keeps. */
  readonly home: string
  readonly database: string
  /** The address of the server that has the desk instead of `database`, where there is one. */
  readonly server: Redacted.Redacted | undefined
  /** Says in which of the two the desk lives, once it was on a server. */
  readonly place: string
  readonly audit: string
  /** The configuration as it could last be used; stands in for one that cannot, so that a desk can still be halted. */
  readonly lastConfig: string
  readonly crashLog: string
  /** What `plimsoll status` last said, for as long as nothing has changed. */
  readonly statusSnapshot: string
}

/** How the configuration is called in the project's folder. */
export const CONFIG_FILE = "plimsoll.json"

const HOME = ".plimsoll"

/** The desk of a project's folder, whether it exists or not. */
export const deskFolderAt = (
  project: string,
  plimsollHome: string | undefined,
  server?: Redacted.Redacted
): DeskFolder => {
  const home =
    plimsollHome === undefined || plimsollHome === "" ? join(project, HOME) : resolve(project, plimsollHome)
  return {
    project,
    config: join(project, CONFIG_FILE),
    home,
    database: join(home, "desk.db"),
    server,
    place: join(home, "place.json"),
    audit: join(home, "audit"),
    lastConfig: join(home, "last-config.json"),
    crashLog: join(home, "crash.log"),
    statusSnapshot: join(home, "cache", "status.json")
  }
}

/** The desk of the nearest project from `from` upwards; of `from` itself where there is none. */
export const findDeskFolder = (
  from: string,
  plimsollHome: string | undefined,
  server?: Redacted.Redacted
): DeskFolder => {
  let folder = resolve(from)
  for (;;) {
    if (existsSync(join(folder, CONFIG_FILE)) || existsSync(join(folder, HOME, "desk.db"))) {
      return deskFolderAt(folder, plimsollHome, server)
    }
    const parent = dirname(folder)
    if (parent === folder) return deskFolderAt(resolve(from), plimsollHome, server)
    folder = parent
  }
}
