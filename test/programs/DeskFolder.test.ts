import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "@effect/vitest"
import { findDeskFolder } from "../../src/programs/DeskFolder.ts"
import { makeFolder } from "../../src/programs/MakeFolder.ts"

let root = ""
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-folder-")))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe("the desk's folder", () => {
  it("is found from any folder below the project", () => {
    writeFileSync(join(root, "plimsoll.json"), "{}")
    mkdirSync(join(root, "a/b"), { recursive: true })
    const folder = findDeskFolder(join(root, "a/b"), undefined)
    expect(folder.project).toBe(root)
    expect(folder.database).toBe(join(root, ".plimsoll/desk.db"))
  })

  it("is the current one's when there is no project above", () => {
    expect(findDeskFolder(root, "").project).toBe(root)
  })

  it("is PLIMSOLL_HOME where that is set, relative to the project", () => {
    writeFileSync(join(root, "plimsoll.json"), "{}")
    expect(findDeskFolder(root, "/srv/desk").home).toBe("/srv/desk")
    expect(findDeskFolder(root, "state").home).toBe(join(root, "state"))
  })
})

describe("making a folder", () => {
  it("makes those above it too, and leaves one that is there", () => {
    const folder = join(root, "x/y/z")
    makeFolder(folder)
    makeFolder(folder)
    writeFileSync(join(folder, "file"), "")
  })

  it("ends where no folder can be made", () => {
    writeFileSync(join(root, "file"), "")
    expect(() => makeFolder(join(root, "file/below"))).toThrow("ENOTDIR")
  })
})
