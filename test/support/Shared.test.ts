import { existsSync } from "node:fs"
import { expect, it } from "vitest"
import { describeWithShared, itWithShared, sharedPath, skippedName } from "./Shared.ts"

it("a path of several segments lies below ../shared", () => {
  expect(sharedPath("a", "b")).toBe(`${sharedPath()}/a/b`)
})

it("a skipped test carries its reason in its name", () => {
  expect(skippedName("prices agree", "no ../shared")).toBe("prices agree [skipped: no ../shared]")
})

describeWithShared("reference material", () => {
  it("is found beside the repository", () => {
    expect(existsSync(sharedPath())).toBe(true)
  })
})

itWithShared("a single test is run beside the reference material", () => {
  expect(existsSync(sharedPath())).toBe(true)
})
