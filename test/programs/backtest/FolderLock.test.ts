/** Who plays in a folder that is gone on with: one process at a time, whatever became of the one before. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Result } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { lockFolder } from "../../../src/programs/backtest/FolderLock.ts"
import { startChild } from "../../support/Children.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-lock-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const taken = (id: string) => Effect.result(Effect.scoped(lockFolder(folder, id)))
const outcome = async (id: string): Promise<string> => {
  const result = await Effect.runPromise(taken(id))
  return Result.isFailure(result) ? result.failure._tag : "taken"
}

describe("the lock of a folder", () => {
  it("is had by one at a time, in one process too, and free when its scope has ended", async () => {
    const inside = Effect.scoped(
      Effect.andThen(lockFolder(folder, "a"), Effect.all([taken("a"), taken("b")]))
    )
    const [same, other] = await Effect.runPromise(inside)
    expect(Result.getOrThrow(Result.flip(same))).toMatchObject({
      _tag: "FolderBusy",
      folder: join(folder, "a")
    })
    expect(Result.isSuccess(other)).toBe(true)
    expect(await outcome("a")).toBe("taken")
  })

  it("goes with the process that had it, when that is killed", async () => {
    const child = startChild(new URL("processes/holdFolder.ts", import.meta.url), [folder, "a"])
    await child.ready
    expect(await outcome("a")).toBe("FolderBusy")
    child.process.kill("SIGKILL")
    await child.exited
    expect(await outcome("a")).toBe("taken")
  })

  it("that cannot be made is told with its file", async () => {
    const result = await Effect.runPromise(
      Effect.result(Effect.scoped(lockFolder(join(import.meta.filename, "no-folder"), "a")))
    )
    expect(Result.getOrThrow(Result.flip(result))).toMatchObject({ _tag: "SweepFolderFailed" })
  })
})
