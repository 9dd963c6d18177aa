import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { clientOrderId } from "../../../src/domain/Identifiers.ts"
import { OrderDenied, OrderRejected } from "../../../src/execution/BrokerErrors.ts"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { BadUsage, endingOf, endingOfExit, Told } from "../../../src/programs/cli/Failures.ts"
import { NotAPerson } from "../../../src/programs/cli/Person.ts"

const id = clientOrderId("o-1")

describe("how a command ends", () => {
  it.each([
    [new BadUsage({ message: "how much?" }), 64, "plimsoll: how much?"],
    [
      new OrderDenied({ clientOrderId: id, rule: "drawdown", verdicts: [], message: "Too far." }),
      2,
      "plimsoll: denied by the rule drawdown: Too far."
    ],
    [new NotAPerson({ message: "no terminal" }), 2, "plimsoll: no terminal"],
    [
      new OrderRejected({ clientOrderId: id, message: "price not a multiple" }),
      1,
      "plimsoll: price not a multiple"
    ]
  ])("%s", (error, exitCode, line) => {
    expect(endingOf(error)).toEqual({ exitCode, lines: [line] })
  })

  it("says nothing more where the result has told it", () => {
    expect(endingOf(new Told({ exitCode: 2 }))).toEqual({ exitCode: 2, lines: [] })
  })

  it.effect("of success and of interruption has nothing to say", () =>
    Effect.gen(function* () {
      expect(yield* endingOfExit(Exit.succeed(1), undefined)).toEqual({ exitCode: 0, lines: [] })
      expect(yield* endingOfExit(Exit.interrupt(1), undefined)).toEqual({ exitCode: 130, lines: [] })
    })
  )

  it.effect("of a bug is one line on the terminal and the whole in the crash log", () =>
    Effect.gen(function* () {
      const project = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-crash-")))
      const folder = deskFolderAt(project, project)
      const ending = yield* endingOfExit(Exit.die(new Error("it broke")), folder)
      expect(ending.exitCode).toBe(1)
      expect(ending.lines).toHaveLength(1)
      expect(ending.lines[0]).toContain("this is a bug in plimsoll: Error: it broke")
      expect(readFileSync(folder.crashLog, "utf8")).toContain("Failures.test.ts")
      rmSync(project, { recursive: true })

      const without = yield* endingOfExit(Exit.die(new Error("it broke")), folder)
      expect(without.lines).toEqual(["plimsoll: this is a bug in plimsoll: Error: it broke"])
      expect(existsSync(folder.crashLog)).toBe(false)
    })
  )
})
