/**
 * Where the Claude Code client comes from. It is no dependency of the project: `CLAUDE_BIN` names one, else the
 * pinned version is fetched into node_modules/.cache the first time. Its program is in a package of its own for
 * each platform, so no install script has to run.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

/** The version whose behaviour docs/threat-model.md speaks of. */
export const CLIENT_VERSION = "2.1.330"

const PACKAGE = "@anthropic-ai/claude-code"

const cache = resolve(import.meta.dirname, "../../../node_modules/.cache/claude-code", CLIENT_VERSION)

export type Found =
  | { readonly found: true; readonly path: string }
  /** Why not, in one line. */
  | { readonly found: false; readonly reason: string }

/** The program in the cache, of the package for this platform (on Linux there may be one for each C library). */
const cached = (): string | undefined => {
  const scope = join(cache, "node_modules/@anthropic-ai")
  const platform = `claude-code-${process.platform}-${process.arch}`
  return (existsSync(scope) ? readdirSync(scope) : [])
    .filter((name) => name.startsWith(platform))
    .map((name) => join(scope, name, process.platform === "win32" ? "claude.exe" : "claude"))
    .find((path) => existsSync(path))
}

const fetchClient = (): string | undefined => {
  // Half a download is not taken up again.
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  // npm installs into the nearest folder that looks like a package.
  writeFileSync(join(cache, "package.json"), `{ "private": true }\n`)
  const flags = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--include=optional"]
  const npm = spawnSync("npm", ["install", "--prefix", cache, ...flags, `${PACKAGE}@${CLIENT_VERSION}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"]
  })
  if (npm.status === 0) return undefined
  const said = npm.error?.message ?? npm.stderr.split("\n").find((line) => line.trim() !== "")
  return said ?? `npm ended with ${npm.signal ?? npm.status}`
}

/** Finds the client; with `fetch`, downloads it where it is not there yet (about 360 MB on disk). */
export const findClient = ({ fetch }: { readonly fetch: boolean }): Found => {
  const named = process.env["CLAUDE_BIN"]
  if (named !== undefined && named !== "") {
    return existsSync(named)
      ? { found: true, path: named }
      : { found: false, reason: `CLAUDE_BIN names ${named}, where there is nothing` }
  }
  const had = cached()
  if (had !== undefined) return { found: true, path: had }
  if (!fetch) return { found: false, reason: `${PACKAGE} ${CLIENT_VERSION} is not in ${cache}` }
  const failed = fetchClient()
  const now = cached()
  if (now !== undefined) return { found: true, path: now }
  return {
    found: false,
    reason: `${PACKAGE} ${CLIENT_VERSION} could not be fetched: ${failed ?? "it has no program for this platform"}`
  }
}
