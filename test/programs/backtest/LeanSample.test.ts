import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { findAlgorithm } from "../../../src/programs/backtest/Algorithms.ts"
import { leanProject, parameterArguments } from "../../../src/programs/backtest/LeanProject.ts"

const root = resolve(import.meta.dirname, "../../..")

it.effect(
  "the sample LEAN project is found, and its config.json has the parameters that its code asks for",
  () =>
    Effect.gen(function* () {
      const algorithm = yield* findAlgorithm("sma-cross-lean", root)
      if (algorithm._tag !== "Lean") throw new Error("it is no LEAN project")
      expect(algorithm.language).toBe("Python")
      const project = yield* leanProject(algorithm.folder)
      expect(project.codeHash).toBe(algorithm.codeHash)
      const code = readFileSync(resolve(algorithm.folder, "main.py"), "utf8")
      const asked = [...code.matchAll(/(?:get_parameter|_date)\("(?<name>\w+)"/gu)].map(
        ({ groups }) => groups?.["name"]
      )
      expect(asked.toSorted()).toEqual(Object.keys(project.parameters).toSorted())
      expect(parameterArguments(project, { fast: 8 }).join(" ")).toBe(
        "--parameter symbol SPY --parameter fast 8 --parameter slow 50 --parameter start 2010-01-04 --parameter end 2019-12-31"
      )
      expect(parameterArguments(project, {})).toEqual([])
    })
)
