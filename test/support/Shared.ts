/**
 * Tests against reference material kept beside the repository in `../shared`: published values, market data,
 * recorded results. A checkout without it still passes: those tests are skipped and say why. Where `CI` is
 * `true` the folder must be there, and its absence is a failure.
 */
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, it } from "vitest"

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..")

const sharedRoot = resolve(repositoryRoot, "../shared")

const inCi = process.env["CI"] === "true"

/** True when `../shared` exists. */
export const hasShared: boolean = existsSync(sharedRoot)

/** The absolute path of a file or folder below `../shared`. */
export const sharedPath = (...segments: ReadonlyArray<string>): string => join(sharedRoot, ...segments)

/** The name a skipped test carries; the reporter prints it. */
export const skippedName = (name: string, reason: string): string => `${name} [skipped: ${reason}]`

/** A group of tests that needs `../shared`. */
export const describeWithShared = (name: string, body: () => void): void => {
  if (hasShared) {
    describe(name, body)
  } else if (inCi) {
    it(name, () => {
      throw new Error("../shared is missing, and CI=true requires it")
    })
  } else {
    // The body is not run, for it may read the files while tests are collected.
    it.skip(skippedName(name, "no ../shared"), () => {})
  }
}

/** One test that needs `../shared`. */
export const itWithShared = (
  name: string,
  body: () => void | Promise<void>,
  timeoutMillis?: number
): void => {
  if (hasShared) {
    it(name, body, timeoutMillis)
  } else if (inCi) {
    it(name, () => {
      throw new Error("../shared is missing, and CI=true requires it")
    })
  } else {
    it.skip(skippedName(name, "no ../shared"), () => {})
  }
}
