/** The pages that are written from the definitions of tools and hooks are up to date. */
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { writtenDocs } from "../../scripts/docs/WrittenDocs.ts"
import { buildIfStale } from "../e2e/Program.ts"

const root = resolve(import.meta.dirname, "../..")
const pages = new Map<string, string>()

// The examples of hooks are what the built hooks answer.
beforeAll(async () => {
  buildIfStale()
  for (const [path, text] of await writtenDocs(root)) pages.set(path, text)
})

describe("npm run docs:write", () => {
  it.each(["docs/mcp.md", "docs/hooks.md"])("would leave %s as it is", (path) => {
    expect(readFileSync(join(root, path), "utf8"), `${path} is stale: npm run docs:write`).toBe(
      pages.get(path)
    )
  })
})
